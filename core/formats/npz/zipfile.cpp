// SPDX-License-Identifier: Apache-2.0
#include "core/formats/npz/zipfile.h"

#include "core/base/file.h"
#include "core/formats/npz/zipformat.h"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <unistd.h>
#include <zlib.h>

namespace bottega::zip {

namespace {

constexpr std::uint16_t versionNeeded = 20;
constexpr std::uint16_t versionNeeded64 = 45;
constexpr std::uint16_t madeByUnix = 3 << 8;
constexpr std::uint32_t plainFileMode = 0100600u << 16;
constexpr std::uint16_t dosDate = 1 << 5 | 1; // 1980-01-01, the first that zip knows
constexpr std::uint16_t utf8Flag = 1u << 11;
constexpr std::uint32_t saturated32 = 0xFFFFFFFF;
constexpr std::uint16_t saturated16 = 0xFFFF;
constexpr std::uint64_t largeBytes = std::uint64_t{1} << 30; // members that may come to 4 GiB have room for their sizes
constexpr std::uint64_t storeAboveRatio = 128; // what packs better would look like a bomb to readers with a limit
constexpr std::size_t blockBytes = std::size_t{256} << 10;

Bytef *zlibBytes(std::span<std::byte> bytes)
{
    return reinterpret_cast<Bytef *>(bytes.data());
}

class Deflater
{
public:
    Deflater() { m_ready = ::deflateInit2(&m_stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK; }
    ~Deflater() { ::deflateEnd(&m_stream); }
    Deflater(const Deflater &) = delete;
    Deflater &operator=(const Deflater &) = delete;

    /// What `bytes` add to the packed data, or nothing where zlib has no memory.
    Result<std::string> feed(std::span<std::byte> bytes, bool isLast)
    {
        std::string out;
        m_stream.next_in = zlibBytes(bytes);
        m_stream.avail_in = static_cast<uInt>(bytes.size());
        do {
            const std::size_t done = out.size();
            out.resize(done + blockBytes);
            m_stream.next_out = reinterpret_cast<Bytef *>(out.data() + done);
            m_stream.avail_out = static_cast<uInt>(blockBytes);
            if (!m_ready || ::deflate(&m_stream, isLast ? Z_FINISH : Z_NO_FLUSH) == Z_STREAM_ERROR)
                return fail(ErrorCode::Failed, "The data could not be packed", {}, "nothing was written");
            out.resize(done + blockBytes - m_stream.avail_out);
        } while (m_stream.avail_out == 0);
        return out;
    }

private:
    z_stream m_stream = {};
    bool m_ready = false;
};

/// True where the first block says that packing is a waste of time, as with data that is packed already.
bool isDense(std::span<std::byte> block)
{
    constexpr std::size_t worthwhile = 256;
    if (block.size() < worthwhile)
        return true;
    uLongf size = ::compressBound(block.size());
    std::vector<Bytef> packed(size);
    return ::compress2(packed.data(), &size, zlibBytes(block), block.size(), Z_BEST_SPEED) != Z_OK ||
           size > block.size() - block.size() / 16;
}

} // namespace

struct FileWriter::Header
{
    std::string name;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::uint64_t packedSize = 0;
    std::uint32_t crc = 0;
    std::uint16_t method = deflated;
    bool isLarge = false;

    [[nodiscard]] std::uint32_t sizeField(std::uint64_t value) const
    {
        return isLarge ? saturated32 : static_cast<std::uint32_t>(value);
    }
    /// The fields that member header and directory have in common, from "version needed" to the length of the name.
    void putCommon(std::string &out, bool is64) const
    {
        put(out, is64 ? versionNeeded64 : versionNeeded);
        put(out, utf8Flag);
        put(out, method);
        put(out, std::uint16_t{0}); // midnight
        put(out, dosDate);
        put(out, crc);
        put(out, sizeField(packedSize));
        put(out, sizeField(size));
        put(out, static_cast<std::uint16_t>(name.size()));
    }
    [[nodiscard]] std::string local() const
    {
        std::string out;
        put(out, localSignature);
        putCommon(out, isLarge);
        put(out, static_cast<std::uint16_t>(isLarge ? 20 : 0));
        out += name;
        if (isLarge) {
            put(out, std::uint16_t{1});
            put(out, std::uint16_t{16});
            put(out, size);
            put(out, packedSize);
        }
        return out;
    }
    [[nodiscard]] std::string central() const
    {
        const bool isFar = offset >= saturated32;
        std::string extra;
        if (isLarge) {
            put(extra, size);
            put(extra, packedSize);
        }
        if (isFar)
            put(extra, offset);
        std::string out;
        put(out, centralSignature);
        put(out, static_cast<std::uint16_t>(madeByUnix | versionNeeded64));
        putCommon(out, isLarge || isFar);
        put(out, static_cast<std::uint16_t>(extra.empty() ? 0 : extra.size() + 4));
        put(out, std::uint16_t{0}); // comment
        put(out, std::uint16_t{0}); // disk
        put(out, std::uint16_t{0}); // internal attributes
        put(out, plainFileMode);
        put(out, isFar ? saturated32 : static_cast<std::uint32_t>(offset));
        out += name;
        if (!extra.empty()) {
            put(out, std::uint16_t{1});
            put(out, static_cast<std::uint16_t>(extra.size()));
            out += extra;
        }
        return out;
    }
};

FileWriter::FileWriter(int fd, std::filesystem::path path)
    : m_fd(fd)
    , m_path(std::move(path))
    , m_block(blockBytes)
{
}

Result<void> FileWriter::write(std::string_view bytes)
{
    m_offset += bytes.size();
    return writeAll(m_fd, bytes, m_path);
}

Result<void> FileWriter::writeMember(Header &header, const Source &source)
{
    std::optional<Deflater> deflater;
    header.size = header.packedSize = header.crc = 0;
    for (bool isLast = false; !isLast;) {
        const auto count = source(m_block, header.size);
        if (!count)
            return fail(count.error());
        const std::span<std::byte> bytes(m_block.data(), *count);
        isLast = *count < m_block.size();
        if (header.size == 0 && header.method == deflated && isDense(bytes))
            header.method = stored;
        header.size += *count;
        header.crc = static_cast<std::uint32_t>(::crc32_z(header.crc, zlibBytes(bytes), bytes.size()));
        std::string_view out(reinterpret_cast<const char *>(bytes.data()), bytes.size());
        Result<std::string> packed;
        if (header.method == deflated) {
            packed = (deflater ? *deflater : deflater.emplace()).feed(bytes, isLast);
            if (!packed)
                return fail(packed.error());
            out = *packed;
        }
        header.packedSize += out.size();
        if (auto written = write(out); !written)
            return written;
    }
    return {};
}

/// Goes back to where the member starts and writes it without packing.
Result<std::uint64_t> FileWriter::addAnew(Header &header, const Source &source)
{
    header.method = stored;
    m_offset = header.offset + header.local().size();
    if (::ftruncate(m_fd, static_cast<off_t>(m_offset)) != 0 || ::lseek(m_fd, static_cast<off_t>(m_offset), SEEK_SET) < 0)
        return fail(systemError(errno, "The archive could not be written", m_path.string()));
    if (auto written = writeMember(header, source); !written)
        return fail(written.error());
    return header.size;
}

/// Fills in the header, whose sums are known only now, and adds the member to the directory.
Result<void> FileWriter::close(const Header &header)
{
    if (!header.isLarge && (header.size >= saturated32 || header.packedSize >= saturated32))
        return fail(ErrorCode::Unsupported, "The file grew by gigabytes while it was written to the archive", header.name,
                    "nothing was written", "Try again when nothing writes to it");
    const std::string local = header.local();
    std::size_t done = 0;
    while (done < local.size()) {
        const ssize_t count = ::pwrite(m_fd, local.data() + done, local.size() - done, static_cast<off_t>(header.offset + done));
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail(systemError(errno, "The archive could not be written", m_path.string()));
        done += static_cast<std::size_t>(count);
    }
    m_directory += header.central();
    ++m_count;
    return {};
}

Result<std::uint64_t> FileWriter::add(const std::string &name, std::uint64_t expectedSize, const Source &source)
{
    if (name.empty() || name.size() >= saturated16)
        return fail(ErrorCode::Usage, "An archive's member needs a name of at most 65,534 bytes", m_path.string(),
                    "nothing was written");
    Header header;
    header.name = name;
    header.offset = m_offset;
    header.isLarge = expectedSize >= largeBytes;
    if (auto written = write(header.local()); !written)
        return fail(written.error());
    if (auto written = writeMember(header, source); !written)
        return fail(written.error());
    if (header.method == deflated && header.size / storeAboveRatio > header.packedSize) {
        if (auto again = addAnew(header, source); !again)
            return again;
    }
    if (auto closed = close(header); !closed)
        return fail(closed.error());
    return header.size;
}

Result<void> FileWriter::finish()
{
    const std::uint64_t start = m_offset;
    const std::uint64_t size = m_directory.size();
    std::string end = std::move(m_directory);
    if (m_count >= saturated16 || start >= saturated32 || size >= saturated32) {
        const std::uint64_t end64 = start + size;
        put(end, end64Signature);
        put(end, std::uint64_t{end64Bytes - 12}); // what follows this field
        put(end, static_cast<std::uint16_t>(madeByUnix | versionNeeded64));
        put(end, versionNeeded64);
        put(end, std::uint64_t{0}); // disks
        for (const std::uint64_t value : {m_count, m_count, size, start})
            put(end, value);
        put(end, locator64Signature);
        put(end, std::uint32_t{0}); // disk
        put(end, end64);
        put(end, std::uint32_t{1}); // disks
    }
    const auto count = static_cast<std::uint16_t>(std::min<std::uint64_t>(m_count, saturated16));
    put(end, endSignature);
    put(end, std::uint32_t{0}); // disks
    put(end, count);
    put(end, count);
    put(end, static_cast<std::uint32_t>(std::min<std::uint64_t>(size, saturated32)));
    put(end, static_cast<std::uint32_t>(std::min<std::uint64_t>(start, saturated32)));
    put(end, std::uint16_t{0}); // comment
    return write(end);
}

} // namespace bottega::zip
