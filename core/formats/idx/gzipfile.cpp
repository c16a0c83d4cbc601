// SPDX-License-Identifier: Apache-2.0
#include "core/formats/idx/gzipfile.h"

#include "core/base/file.h"

#include <algorithm>
#include <array>
#include <limits>
#include <zlib.h>

namespace bottega {

struct GzipFile::State
{
    int fd = -1;
    std::filesystem::path path;
    std::uint64_t offset = 0; // behind what lies in `input`
    std::array<std::uint8_t, std::size_t{1} << 16> input;
    z_stream stream = {};
    bool ready = false;
    bool ended = false;

    /// Reads on when the input is used up; at the file's end there is none left afterwards.
    Result<void> refill()
    {
        if (stream.avail_in > 0)
            return {};
        const auto count = readAt(fd, std::as_writable_bytes(std::span(input)), offset, path);
        if (!count)
            return fail(count.error());
        offset += *count;
        stream.next_in = input.data();
        stream.avail_in = static_cast<uInt>(*count);
        return {};
    }

    tl::unexpected<Error> corrupt(std::string what) const
    {
        return fail(ErrorCode::Corrupt, std::move(what),
                    path.string() + " at byte " + std::to_string(offset - stream.avail_in), "nothing was taken from it",
                    "Get the file again from where it came from");
    }
};

GzipFile::GzipFile(int fd, std::filesystem::path path) : m_state(std::make_unique<State>())
{
    m_state->fd = fd;
    m_state->path = std::move(path);
    m_state->ready = ::inflateInit2(&m_state->stream, MAX_WBITS + 16) == Z_OK; // 16: gzip and nothing else
}

GzipFile::~GzipFile()
{
    ::inflateEnd(&m_state->stream);
}

Result<std::size_t> GzipFile::read(std::span<std::uint8_t> buffer)
{
    State &state = *m_state;
    if (!state.ready)
        return fail(ErrorCode::Failed, "The file could not be unpacked: out of memory", state.path.string());
    std::size_t done = 0;
    while (done < buffer.size() && !state.ended) {
        if (auto filled = state.refill(); !filled)
            return fail(filled.error());
        if (state.stream.avail_in == 0)
            return state.corrupt("The packed file is cut");
        const std::size_t room = std::min<std::size_t>(buffer.size() - done, std::numeric_limits<uInt>::max());
        state.stream.next_out = buffer.data() + done;
        state.stream.avail_out = static_cast<uInt>(room);
        const int status = ::inflate(&state.stream, Z_NO_FLUSH);
        done += room - state.stream.avail_out;
        if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
            return state.corrupt("The packed file is damaged");
        state.ended = status == Z_STREAM_END;
    }
    if (state.ended) {
        if (auto filled = state.refill(); !filled)
            return fail(filled.error());
        if (state.stream.avail_in > 0)
            return state.corrupt("Something stands behind the end of the packed file");
    }
    return done;
}

} // namespace bottega
