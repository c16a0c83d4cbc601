// SPDX-License-Identifier: Apache-2.0
#include "core/formats/idx/idx.h"

#include "core/base/checkedproduct.h"
#include "core/base/file.h"
#include "core/formats/idx/gzipfile.h"

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <sys/mman.h>

namespace bottega {

namespace fs = std::filesystem;

namespace {

constexpr std::uint8_t unsignedByteType = 0x08;
constexpr std::size_t maximumDimensions = 4;
constexpr std::uint64_t maximumValues = std::uint64_t{4} << 30;
constexpr std::uint64_t deflateRatio = 1032; // what deflate can reach at most

/// Fills a buffer with the next bytes of the unpacked file; fewer only at its end.
using Source = std::function<Result<std::size_t>(std::span<std::uint8_t>)>;

tl::unexpected<Error> corrupt(std::string what, const fs::path &path)
{
    return fail(ErrorCode::Corrupt, std::move(what), path.string(), "nothing was taken from it",
                "Import the data set again from its source");
}

std::uint64_t headerBytes(const std::vector<std::uint32_t> &shape)
{
    return 4 + 4 * shape.size();
}

Result<void> readExactly(const Source &source, std::span<std::uint8_t> buffer, const fs::path &path)
{
    const auto count = source(buffer);
    if (!count)
        return fail(count.error());
    if (*count < buffer.size())
        return corrupt("The file is cut within its header", path);
    return {};
}

Result<std::vector<std::uint32_t>> readShape(const Source &source, const fs::path &path)
{
    std::array<std::uint8_t, 4> magic = {};
    if (auto read = readExactly(source, magic, path); !read)
        return fail(read.error());
    if (magic[0] != 0 || magic[1] != 0)
        return corrupt("This is not an IDX file", path);
    if (magic[2] != unsignedByteType)
        return corrupt("The IDX file holds values of type " + std::to_string(magic[2]) +
                           ", only unsigned bytes (type 8) are supported", path);
    if (magic[3] == 0 || magic[3] > maximumDimensions)
        return corrupt("The IDX file claims " + std::to_string(magic[3]) + " dimensions, 1 to 4 can be right", path);
    std::vector<std::uint8_t> lengths(std::size_t{4} * magic[3]);
    if (auto read = readExactly(source, lengths, path); !read)
        return fail(read.error());
    std::vector<std::uint32_t> shape;
    for (std::size_t i = 0; i < lengths.size(); i += 4)
        shape.push_back(std::uint32_t{lengths[i]} << 24 | std::uint32_t{lengths[i + 1]} << 16 |
                        std::uint32_t{lengths[i + 2]} << 8 | lengths[i + 3]);
    return shape;
}

struct Promise
{
    std::vector<std::uint32_t> shape;
    std::uint64_t values = 0;
};

/// The header, held against what a file of `fileBytes` can hold before anything is allocated for it.
Result<Promise> readPromise(const Source &source, std::uint64_t fileBytes, bool isPacked, const fs::path &path)
{
    auto shape = readShape(source, path);
    if (!shape)
        return fail(shape.error());
    const auto values = checkedProduct(*shape);
    if (!values || *values > maximumValues)
        return corrupt("The IDX file claims more values than any file can hold", path);
    const std::uint64_t unpacked = headerBytes(*shape) + *values;
    const bool isImpossible = isPacked ? unpacked / deflateRatio > fileBytes : unpacked != fileBytes;
    if (isImpossible)
        return corrupt("The IDX file promises " + std::to_string(unpacked) + " bytes, but the " +
                           (isPacked ? "packed " : "") + "file has " + std::to_string(fileBytes), path);
    return Promise{std::move(*shape), *values};
}

/// A data set lies in thousands of ordinary pages, and the first touch of each costs more than reading what goes there.
void preferLargePages(std::uint8_t *memory, std::uint64_t bytes)
{
    constexpr std::uintptr_t page = 2u << 20;
    const auto begin = (reinterpret_cast<std::uintptr_t>(memory) + page - 1) / page * page;
    const auto end = (reinterpret_cast<std::uintptr_t>(memory) + bytes) / page * page;
    if (begin < end)
        ::madvise(reinterpret_cast<void *>(begin), end - begin, MADV_HUGEPAGE); // a wish; nothing depends on it
}

/// The room grows with what is really there, unless the file's size has proved the count: a small packed file cannot make
/// us allocate what it merely claims.
Result<std::vector<std::uint8_t>> readValues(const Source &source, std::uint64_t count, bool isProved, const fs::path &path)
{
    std::vector<std::uint8_t> values;
    if (isProved) {
        values.reserve(count);
        preferLargePages(values.data(), count);
    }
    while (values.size() < count) {
        const std::size_t done = values.size();
        const std::uint64_t room = std::min<std::uint64_t>(count - done, std::max<std::size_t>(done, 8u << 20));
        values.resize(done + room);
        const auto read = source(std::span(values).subspan(done));
        if (!read)
            return fail(read.error());
        if (*read < room)
            return corrupt("The IDX file has " + std::to_string(done + *read) + " values, its header promises " +
                               std::to_string(count), path);
    }
    std::uint8_t beyond = 0;
    const auto more = source({&beyond, 1});
    if (!more)
        return fail(more.error());
    if (*more > 0)
        return corrupt("The IDX file goes on behind its last value", path);
    return values;
}

struct OpenIdx
{
    UniqueFd fd;
    std::uint64_t bytes = 0;
    bool isPacked = false;
};

Result<OpenIdx> openIdx(const FilePlace &place)
{
    const fs::path &path = place.path();
    auto fd = place.open();
    if (!fd)
        return fail(fd.error());
    const auto size = fileSize(fd->get(), path);
    if (!size)
        return fail(size.error());
    std::array<std::byte, 2> start = {};
    if (const auto read = readAt(fd->get(), start, 0, path); !read)
        return fail(read.error());
    return OpenIdx{std::move(*fd), *size, start[0] == std::byte{0x1f} && start[1] == std::byte{0x8b}};
}

Source plainSource(int fd, const fs::path &path)
{
    return [fd, path, offset = std::uint64_t{0}](std::span<std::uint8_t> buffer) mutable {
        auto count = readAt(fd, std::as_writable_bytes(buffer), offset, path);
        offset += count.value_or(0);
        return count;
    };
}

Source packedSource(int fd, const fs::path &path)
{
    return [file = std::make_shared<GzipFile>(fd, path)](std::span<std::uint8_t> buffer) { return file->read(buffer); };
}

} // namespace

Result<IdxArray> readIdx(const FilePlace &place)
{
    const fs::path &path = place.path();
    const auto file = openIdx(place);
    if (!file)
        return fail(file.error());
    const Source source = file->isPacked ? packedSource(file->fd.get(), path) : plainSource(file->fd.get(), path);
    auto promise = readPromise(source, file->bytes, file->isPacked, path);
    if (!promise)
        return fail(promise.error());
    auto values = readValues(source, promise->values, !file->isPacked, path);
    if (!values)
        return fail(values.error());
    return IdxArray{std::move(promise->shape), std::move(*values)};
}

Result<IdxInfo> readIdxInfo(const FilePlace &place)
{
    const fs::path &path = place.path();
    const auto file = openIdx(place);
    if (!file)
        return fail(file.error());
    if (file->isPacked)
        return fail(ErrorCode::Unsupported, "The IDX file is packed; its header is read from plain files only",
                    path.string());
    auto promise = readPromise(plainSource(file->fd.get(), path), file->bytes, false, path);
    if (!promise)
        return fail(promise.error());
    return IdxInfo{std::move(promise->shape), file->bytes};
}

std::string encodeIdx(const IdxArray &array)
{
    std::string out = {'\0', '\0', static_cast<char>(unsignedByteType), static_cast<char>(array.shape.size())};
    for (const std::uint32_t length : array.shape) {
        for (int shift = 24; shift >= 0; shift -= 8)
            out += static_cast<char>(length >> shift);
    }
    out.append(array.values.begin(), array.values.end());
    return out;
}

} // namespace bottega
