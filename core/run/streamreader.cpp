// SPDX-License-Identifier: Apache-2.0
#include "core/run/streamreader.h"

#include "core/base/crc32c.h"
#include "core/base/safename.h"

#include <algorithm>
#include <charconv>

namespace bottega {

namespace {

constexpr std::size_t mostNoise = 64 * 1024;
constexpr std::size_t quotedNoise = 200;
constexpr std::size_t bodyHeader = 1 + 4 + 8 + 8 + 2;

template <class T>
T number(std::string_view bytes, std::size_t at)
{
    T value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i)
        value |= static_cast<T>(static_cast<T>(static_cast<unsigned char>(bytes[at + i])) << (8 * i));
    return value;
}

std::string noiseText(std::string_view noise)
{
    const std::size_t first = noise.find_first_not_of('\n');
    noise.remove_prefix(std::min(first, noise.size()));
    return noise.empty() ? "nothing" : "“" + printable(noise.substr(0, quotedNoise), 4 * quotedNoise) + "”";
}

/// Kinds that speak of one file; the others have no name, a list's is one of two, a problem's is any or none.
bool mustNameAFile(StreamKind kind)
{
    return kind == StreamKind::Bytes || kind == StreamKind::Content || kind == StreamKind::Vanished ||
           kind == StreamKind::Truncated || kind == StreamKind::Replaced;
}

bool isNameAllowed(StreamKind kind, const std::string &file)
{
    if (mustNameAFile(kind) || (kind == StreamKind::Problem && !file.empty())) {
        const bool isLog = isStreamedLog(file);
        const bool fits = kind == StreamKind::Bytes ? isLog : kind == StreamKind::Content ? isStreamedContent(file)
                                                                                          : isLog || isStreamedContent(file);
        return fits && checkRelativePath(file).has_value();
    }
    return kind == StreamKind::List ? file == "artifacts" || file == "checkpoints" : file.empty();
}

} // namespace

tl::unexpected<Error> StreamReader::refuse(const std::string &what) const
{
    return fail(ErrorCode::Corrupt, what, m_where + ", byte " + std::to_string(m_before + m_at) + " of its stream",
                std::to_string(m_frames) + (m_frames == 1 ? " frame" : " frames") + " before it were kept, the rest was not read",
                "Connect again; where it comes again, install this version of Bottega there");
}

Result<void> StreamReader::feed(std::string_view bytes, std::vector<StreamEvent> &events)
{
    if (m_error)
        return fail(*m_error);
    m_buffer += bytes;
    for (;;) {
        const auto taken = m_hasStarted ? takeFrame(events) : takeStart();
        if (!taken) {
            m_error = taken.error();
            m_buffer = std::string();
            return fail(*m_error);
        }
        if (!*taken)
            break;
    }
    m_before += m_at;
    m_buffer.erase(0, m_at);
    m_at = 0;
    return {};
}

Result<void> StreamReader::finish() const
{
    if (m_error)
        return fail(*m_error);
    if (!m_hasStarted)
        return fail(ErrorCode::Unreachable, "The host ended the connection before bottega-agent said anything; it sent " + noiseText(m_buffer),
                    m_where, "nothing was read", "Try the connection by hand: ssh HOST bottega-agent --version");
    if (!m_buffer.empty())
        return fail(ErrorCode::Unreachable, "The stream ended inside a frame",
                    m_where + ", byte " + std::to_string(m_before) + " of its stream",
                    std::to_string(m_frames) + " frames before it were kept", "Connect again: it goes on from there");
    return {};
}

/// The line may come after what a login shell prints. The newline before it is the agent's own.
Result<bool> StreamReader::takeStart()
{
    const std::string_view all = m_buffer;
    const std::string marker = '\n' + std::string(streamMarker);
    const std::size_t found = all.find(marker, m_scanned);
    const std::size_t end = found == std::string_view::npos ? found : all.find('\n', found + marker.size());
    if (end == std::string_view::npos || end > mostNoise) {
        m_scanned = std::min(found, all.size() - std::min(all.size(), marker.size()));
        if (all.size() <= mostNoise)
            return false;
        return refuse("The host sent something else than a stream: " + noiseText(all));
    }
    const std::string_view version = all.substr(found + marker.size(), end - found - marker.size());
    std::uint32_t given = 0;
    const auto parsed = std::from_chars(version.data(), version.data() + version.size(), given);
    if (parsed.ec != std::errc() || parsed.ptr != version.data() + version.size())
        return refuse("The stream has no version but " + noiseText(version));
    if (given != streamVersion) {
        auto error = refuse("The stream has version " + std::to_string(given) + ", this program reads version " +
                            std::to_string(streamVersion)).value();
        error.code = ErrorCode::Unsupported;
        error.remedy = "Install the same version of Bottega on both sides";
        return fail(std::move(error));
    }
    m_at = end + 1;
    m_hasStarted = true;
    return true;
}

Result<bool> StreamReader::takeFrame(std::vector<StreamEvent> &events)
{
    const std::string_view rest = std::string_view(m_buffer).substr(m_at);
    if (rest.size() < streamFrameHeader)
        return false;
    const auto length = number<std::uint32_t>(rest, 0);
    if (crc32c(rest.substr(0, 8)) != number<std::uint32_t>(rest, 8))
        return refuse("A frame's header is damaged: its checksum is wrong");
    if (length > longestStreamBody || length < bodyHeader)
        return refuse("A frame claims " + std::to_string(length) + " bytes; " + std::to_string(bodyHeader) + " to " +
                      std::to_string(longestStreamBody) + " are allowed");
    if (rest.size() - streamFrameHeader < length)
        return false;
    const std::string_view body = rest.substr(streamFrameHeader, length);
    if (crc32c(body) != number<std::uint32_t>(rest, 4))
        return refuse("A frame is damaged: its checksum is wrong");
    if (auto taken = takeBody(body, events); !taken)
        return fail(taken.error());
    m_at += streamFrameHeader + length;
    ++m_frames;
    return true;
}

Result<void> StreamReader::takeBody(std::string_view body, std::vector<StreamEvent> &events)
{
    const auto kind = static_cast<StreamKind>(body[0]);
    if (kind < StreamKind::Bytes || kind > StreamKind::List) {
        ++m_skippedFrames;
        return {};
    }
    const auto nameLength = number<std::uint16_t>(body, bodyHeader - 2);
    if (nameLength > body.size() - bodyHeader)
        return refuse("A frame's file name is longer than the frame");
    StreamEvent event;
    event.kind = kind;
    event.run = number<std::uint32_t>(body, 1);
    event.identity = number<std::uint64_t>(body, 5);
    event.offset = number<std::uint64_t>(body, 13);
    event.file = body.substr(bodyHeader, nameLength);
    if (!isNameAllowed(kind, event.file))
        return refuse("A frame names “" + printable(event.file, 100) + "”, which is no file of a run that is followed");
    event.bytes = body.substr(bodyHeader + nameLength);
    if (event.offset > std::uint64_t{1} << 62)
        return refuse("A frame claims to be at byte " + std::to_string(event.offset) + " of its file");
    events.push_back(std::move(event));
    return {};
}

} // namespace bottega
