// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/unpack.h"

#include "core/base/file.h"

#include <QCryptographicHash>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <optional>
#include <unistd.h>
#include <vector>
#include <zlib.h>

namespace bottega {

namespace {

constexpr std::size_t blockSize = std::size_t{256} << 10;
constexpr std::size_t maximumHeader = 4 + 4 * 4;

tl::unexpected<Error> corrupt(const std::string &what, const std::string &name)
{
    return fail(ErrorCode::Corrupt, what, name, "nothing was imported", "Get the file again from its source");
}

/// Bytes of the whole file by its IDX header; nothing where it is not one of unsigned bytes.
std::optional<std::uint64_t> promisedBytes(const std::string &header)
{
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(header[i]); };
    if (header.size() < 8 || byte(0) != 0 || byte(1) != 0 || byte(2) != 8 || byte(3) < 1 || byte(3) > 4)
        return {};
    const std::size_t headerBytes = 4 + std::size_t{4} * byte(3);
    if (header.size() < headerBytes)
        return {};
    std::uint64_t product = 1;
    for (std::size_t i = 4; i < headerBytes; i += 4) {
        const std::uint64_t extent = (std::uint64_t{byte(i)} << 24) | (std::uint64_t{byte(i + 1)} << 16) |
                                     (std::uint64_t{byte(i + 2)} << 8) | byte(i + 3);
        if (extent != 0 && product > (std::uint64_t{1} << 48) / extent)
            return {};
        product *= extent;
    }
    return headerBytes + product;
}

/// The plain side: takes bytes, holds them against the header's promise, hashes and writes them.
class IdxSink
{
public:
    IdxSink(int fd, std::filesystem::path path, std::string name, std::uint64_t limit)
        : m_fd(fd)
        , m_path(std::move(path))
        , m_name(std::move(name))
        , m_limit(limit)
    {
    }

    [[nodiscard]] Result<void> write(std::string_view bytes)
    {
        if (m_header.size() < maximumHeader) {
            m_header.append(bytes.substr(0, maximumHeader - m_header.size()));
            if (auto read = readHeader(); !read)
                return read;
        }
        m_copied.size += bytes.size();
        if (m_copied.size > m_promised.value_or(maximumHeader))
            return corrupt("The file goes on beyond what its header promises", m_name);
        m_hash.addData(QByteArrayView(bytes.data(), static_cast<qsizetype>(bytes.size())));
        return writeAll(m_fd, bytes, m_path);
    }

    [[nodiscard]] Result<CopiedFile> finish()
    {
        if (m_copied.size < 8)
            return corrupt("The file is too short for an IDX file: " + std::to_string(m_copied.size) + " bytes", m_name);
        if (m_copied.size != m_promised)
            return corrupt("The file ends too early: " + std::to_string(m_copied.size) + " of " +
                               std::to_string(m_promised.value_or(0)) + " bytes",
                           m_name);
        if (::fsync(m_fd) != 0)
            return fail(systemError(errno, "The file could not be synced to disk", m_path.string()));
        m_copied.sha256 = m_hash.result().toHex().toStdString();
        return m_copied;
    }

private:
    [[nodiscard]] Result<void> readHeader()
    {
        if (m_promised || m_header.size() < 4)
            return {};
        const std::size_t dimensions = std::min<std::size_t>(4, static_cast<std::uint8_t>(m_header[3]));
        if (m_header.size() < 4 + 4 * dimensions)
            return {};
        m_promised = promisedBytes(m_header);
        if (!m_promised)
            return corrupt("This is not an IDX file of unsigned bytes", m_name);
        if (*m_promised > m_limit)
            return corrupt("The file would unpack to " + sizeText(*m_promised) + ", more than the " +
                               sizeText(m_limit) + " that can be right",
                           m_name);
        return checkFreeSpace(m_path.parent_path(), *m_promised);
    }

    int m_fd;
    std::filesystem::path m_path;
    std::string m_name;
    std::uint64_t m_limit;
    std::string m_header;
    std::optional<std::uint64_t> m_promised;
    QCryptographicHash m_hash{QCryptographicHash::Sha256};
    CopiedFile m_copied;
};

/// The packed side.
class Inflater
{
public:
    Inflater() { inflateInit2(&m_stream, 16 + MAX_WBITS); }
    ~Inflater() { inflateEnd(&m_stream); }
    Inflater(const Inflater &) = delete;
    Inflater &operator=(const Inflater &) = delete;

    [[nodiscard]] bool isAtEnd() const { return m_atEnd; }

    [[nodiscard]] Result<void> feed(QByteArray &packed, const std::string &name, IdxSink &sink)
    {
        m_stream.next_in = reinterpret_cast<Bytef *>(packed.data());
        m_stream.avail_in = static_cast<uInt>(packed.size());
        while (m_stream.avail_in > 0) {
            if (m_atEnd && inflateReset(&m_stream) != Z_OK) // gzip files may be put together from several members
                return corrupt("The gzip stream is damaged", name);
            m_atEnd = false;
            if (auto stepped = step(name, sink); !stepped)
                return stepped;
        }
        return {};
    }

private:
    [[nodiscard]] Result<void> step(const std::string &name, IdxSink &sink)
    {
        do {
            m_stream.next_out = m_block.data();
            m_stream.avail_out = static_cast<uInt>(m_block.size());
            const int result = inflate(&m_stream, Z_NO_FLUSH);
            if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
                return corrupt("The gzip stream is damaged", name);
            m_atEnd = result == Z_STREAM_END;
            const std::size_t count = m_block.size() - m_stream.avail_out;
            if (auto written = sink.write({reinterpret_cast<const char *>(m_block.data()), count}); !written)
                return written;
        } while (m_stream.avail_out == 0 && !m_atEnd);
        return {};
    }

    z_stream m_stream = {};
    std::vector<Bytef> m_block = std::vector<Bytef>(blockSize);
    bool m_atEnd = false;
};

Result<CopiedFile> pump(QIODevice &source, const std::string &name, IdxSink &sink)
{
    Inflater inflater;
    QByteArray block = source.read(static_cast<qint64>(blockSize));
    const bool isPacked = block.startsWith(QByteArrayView("\x1f\x8b", 2));
    for (; !block.isEmpty(); block = source.read(static_cast<qint64>(blockSize))) {
        const std::string_view bytes(block.constData(), static_cast<std::size_t>(block.size()));
        if (auto taken = isPacked ? inflater.feed(block, name, sink) : sink.write(bytes); !taken)
            return fail(taken.error());
    }
    if (isPacked && !inflater.isAtEnd())
        return corrupt("The packed file ends too early", name);
    return sink.finish();
}

} // namespace

Result<CopiedFile> unpackIdx(QIODevice &source, const std::string &name, const std::filesystem::path &target,
                             std::uint64_t limit)
{
    const auto fd = createFile(target);
    if (!fd)
        return fail(fd.error());
    IdxSink sink(fd->get(), target, name, limit);
    auto copied = pump(source, name, sink);
    if (!copied)
        ::unlink(target.c_str());
    return copied;
}

} // namespace bottega
