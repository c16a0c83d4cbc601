// SPDX-License-Identifier: Apache-2.0
#include "core/formats/npz/zip.h"

#include "core/base/file.h"
#include "core/base/safename.h"
#include "core/formats/npz/zipformat.h"

#include <algorithm>
#include <optional>
#include <set>
#include <zlib.h>

namespace bottega::zip {

namespace {

constexpr std::uint16_t encryptedFlags = 1u << 0 | 1u << 6 | 1u << 13;
constexpr std::uint16_t sizesFollowFlag = 1u << 3; // sizes and CRC stand behind the data, not in the member's header
constexpr std::uint64_t maximumDirectoryBytes = std::uint64_t{64} << 20;
constexpr std::uint32_t saturated32 = 0xFFFFFFFF;
constexpr std::uint64_t blockBytes = std::uint64_t{256} << 10;
constexpr std::uint32_t formatBits = 0170000; // of a Unix mode
constexpr std::uint32_t plainFile = 0100000;

/// The values of zip64's extra field, in the order in which saturated header fields take them.
class Extra64
{
public:
    explicit Extra64(std::string_view extra)
    {
        while (extra.size() >= 4) {
            const auto size = get<std::uint16_t>(extra, 2);
            if (get<std::uint16_t>(extra, 0) == 1)
                m_rest = extra.substr(4, size);
            extra.remove_prefix(std::min<std::size_t>(extra.size(), 4u + size));
        }
    }
    /// Replaces a saturated value by the next one here. False where there is none.
    [[nodiscard]] bool resolve(std::uint64_t &value)
    {
        if (value != saturated32)
            return true;
        if (m_rest.size() < 8)
            return false;
        value = get<std::uint64_t>(m_rest, 0);
        m_rest.remove_prefix(8);
        return true;
    }

private:
    std::string_view m_rest;
};

class Inflater
{
public:
    Inflater() { m_ready = ::inflateInit2(&m_stream, -MAX_WBITS) == Z_OK; }
    ~Inflater() { ::inflateEnd(&m_stream); }
    Inflater(const Inflater &) = delete;
    Inflater &operator=(const Inflater &) = delete;

    [[nodiscard]] bool isEnded() const { return m_ended; }
    [[nodiscard]] std::uint64_t leftOver() const { return m_stream.avail_in; }

    void setInput(std::string &input)
    {
        m_stream.next_in = reinterpret_cast<Bytef *>(input.data());
        m_stream.avail_in = static_cast<uInt>(input.size());
    }
    /// Unpacks into `room` what the input still gives. Nothing where the data is damaged.
    [[nodiscard]] std::optional<std::size_t> unpack(std::span<char> room)
    {
        m_stream.next_out = reinterpret_cast<Bytef *>(room.data());
        m_stream.avail_out = static_cast<uInt>(room.size());
        const int status = m_ready ? ::inflate(&m_stream, Z_NO_FLUSH) : Z_MEM_ERROR;
        m_ended = status == Z_STREAM_END;
        if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
            return {};
        return room.size() - m_stream.avail_out;
    }

private:
    z_stream m_stream = {};
    bool m_ready = false;
    bool m_ended = false;
};

/// Where the end record starts in the file's last bytes: the one whose comment reaches exactly to the end.
std::optional<std::size_t> findEnd(std::string_view tail)
{
    for (std::size_t at = tail.size() < endBytes ? 0 : tail.size() - endBytes + 1; at-- > 0;) {
        if (get<std::uint32_t>(tail, at) == endSignature &&
            at + endBytes + get<std::uint16_t>(tail, at + 20) == tail.size())
            return at;
    }
    return {};
}

struct End
{
    std::uint64_t count = 0;
    std::uint64_t directoryBytes = 0;
    std::uint64_t directoryOffset = 0;
    bool isWhole = true; // not one of several disks
};

End endRecord(std::string_view end)
{
    const bool isWhole = get<std::uint32_t>(end, 4) == 0 && get<std::uint16_t>(end, 8) == get<std::uint16_t>(end, 10);
    return {get<std::uint16_t>(end, 10), get<std::uint32_t>(end, 12), get<std::uint32_t>(end, 16), isWhole};
}

End end64Record(std::string_view end)
{
    const bool isWhole = get<std::uint64_t>(end, 16) == 0 && get<std::uint64_t>(end, 24) == get<std::uint64_t>(end, 32);
    return {get<std::uint64_t>(end, 32), get<std::uint64_t>(end, 40), get<std::uint64_t>(end, 48), isWhole};
}

/// Fields of the plain end record are either saturated or say the same as zip64's.
bool agree(const End &plain, const End &large)
{
    return (plain.count == 0xFFFF || plain.count == large.count) &&
           (plain.directoryBytes == saturated32 || plain.directoryBytes == large.directoryBytes) &&
           (plain.directoryOffset == saturated32 || plain.directoryOffset == large.directoryOffset);
}

/// True for a link, a device and whatever else Unix's modes know beside plain files. What names no mode is one.
bool isSpecial(std::string_view central)
{
    const std::uint32_t format = get<std::uint32_t>(central, 38) >> 16 & formatBits;
    return central[5] == 3 && format != 0 && format != plainFile;
}

std::string shown(const std::string &name)
{
    return "“" + printable(name, 100) + "”";
}

} // namespace

tl::unexpected<Error> Archive::corrupt(std::string what, std::uint64_t offset) const
{
    return fail(ErrorCode::Corrupt, std::move(what), m_path.string() + " at byte " + std::to_string(offset),
                "nothing was taken from it", "Get the file again from where it came from");
}

tl::unexpected<Error> Archive::corrupt(std::string what, const Entry &entry) const
{
    return fail(ErrorCode::Corrupt, std::move(what), placeOf(entry), "nothing was taken from it",
                "Get the file again from where it came from");
}

std::string Archive::placeOf(const Entry &entry) const
{
    return m_path.string() + ": member " + shown(entry.name) + " at byte " + std::to_string(entry.headerOffset);
}

Result<Archive> Archive::open(const FilePlace &place, const Limits &limits)
{
    Archive archive;
    archive.m_path = place.path();
    auto fd = place.open();
    if (!fd)
        return fail(fd.error());
    archive.m_fd = std::move(*fd);
    const auto size = fileSize(archive.m_fd.get(), archive.m_path);
    if (!size)
        return fail(size.error());
    archive.m_size = *size;
    if (auto read = archive.readDirectory(limits); !read)
        return fail(read.error());
    return archive;
}

Result<std::string> Archive::readBytes(std::uint64_t offset, std::uint64_t count) const
{
    if (offset > m_size || count > m_size - offset)
        return corrupt("The archive is shorter than it says", offset);
    std::string bytes(count, '\0');
    const auto done = readAt(m_fd.get(), std::as_writable_bytes(std::span(bytes)), offset, m_path);
    if (!done)
        return fail(done.error());
    if (*done < count)
        return corrupt("The archive was cut while it was read", offset + *done);
    return bytes;
}

Result<void> Archive::readDirectory(const Limits &limits)
{
    const std::uint64_t tailBytes = std::min<std::uint64_t>(m_size, endBytes + 0xFFFF);
    const std::uint64_t tailOffset = m_size - tailBytes;
    const auto tail = readBytes(tailOffset, tailBytes);
    if (!tail)
        return fail(tail.error());
    const auto at = findEnd(*tail);
    if (!at)
        return corrupt("This is not a zip archive, or its end is missing", m_size);

    End end = endRecord(std::string_view(*tail).substr(*at));
    std::uint64_t endOffset = tailOffset + *at;
    if (endOffset >= locator64Bytes) {
        const auto locator = readBytes(endOffset - locator64Bytes, locator64Bytes);
        if (!locator)
            return fail(locator.error());
        if (get<std::uint32_t>(*locator, 0) == locator64Signature) {
            const End plain = end;
            endOffset = get<std::uint64_t>(*locator, 8);
            const auto large = readBytes(endOffset, end64Bytes);
            if (!large)
                return fail(large.error());
            end = end64Record(*large);
            if (get<std::uint32_t>(*large, 0) != end64Signature || !agree(plain, end))
                return corrupt("The archive's zip64 record contradicts its end record", endOffset);
        }
    }
    if (!end.isWhole)
        return corrupt("The archive is one part of several", endOffset);
    if (end.count > limits.members)
        return corrupt("The archive has " + std::to_string(end.count) + " members, more than the " +
                           std::to_string(limits.members) + " that can be right", endOffset);
    if (end.directoryBytes > maximumDirectoryBytes || end.directoryOffset > endOffset ||
        end.directoryBytes != endOffset - end.directoryOffset)
        return corrupt("The archive's directory is not where it should be", endOffset);
    const auto directory = readBytes(end.directoryOffset, end.directoryBytes);
    if (!directory)
        return fail(directory.error());
    if (auto entries = readEntries(*directory, end.count, end.directoryOffset); !entries)
        return entries;
    if (auto sizes = checkSizes(limits); !sizes)
        return sizes;
    return checkLayout(end.directoryOffset);
}

Result<void> Archive::readEntries(const std::string &directory, std::uint64_t count, std::uint64_t directoryOffset)
{
    std::string_view rest = directory;
    std::set<std::string> names;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t offset = directoryOffset + (directory.size() - rest.size());
        if (rest.size() < centralBytes || get<std::uint32_t>(rest, 0) != centralSignature)
            return corrupt("The archive's directory is damaged", offset);
        const std::size_t nameBytes = get<std::uint16_t>(rest, 28);
        const std::size_t extraBytes = get<std::uint16_t>(rest, 30);
        const std::size_t whole = centralBytes + nameBytes + extraBytes + get<std::uint16_t>(rest, 32);
        if (rest.size() < whole)
            return corrupt("The archive's directory is damaged", offset);

        Entry entry;
        entry.flags = get<std::uint16_t>(rest, 8);
        entry.method = get<std::uint16_t>(rest, 10);
        entry.crc = get<std::uint32_t>(rest, 16);
        entry.packedSize = get<std::uint32_t>(rest, 20);
        entry.size = get<std::uint32_t>(rest, 24);
        entry.headerOffset = get<std::uint32_t>(rest, 42);
        entry.name = rest.substr(centralBytes, nameBytes);
        Extra64 extra(rest.substr(centralBytes + nameBytes, extraBytes));
        if (!extra.resolve(entry.size) || !extra.resolve(entry.packedSize) || !extra.resolve(entry.headerOffset))
            return corrupt("The archive promises zip64 sizes that are not there for " + shown(entry.name), offset);
        if (auto valid = checkRelativePath(entry.name); !valid)
            return corrupt("The archive holds a name that is not allowed: " + shown(entry.name), offset);
        if (isSpecial(rest))
            return corrupt("The archive's member " + shown(entry.name) + " is a link or special file", offset);
        if (!names.insert(entry.name).second)
            return corrupt("The archive holds " + shown(entry.name) + " twice", offset);
        if (auto local = readLocalHeader(entry); !local)
            return local;
        m_entries.push_back(std::move(entry));
        rest.remove_prefix(whole);
    }
    if (!rest.empty())
        return corrupt("The archive's directory is longer than its members",
                       directoryOffset + directory.size() - rest.size());
    return {};
}

/// Finds the data, and holds the member's own header against the directory: readers that trust the one or the other
/// must not see different content.
Result<void> Archive::readLocalHeader(Entry &entry) const
{
    if (entry.flags & encryptedFlags)
        return fail(ErrorCode::Unsupported, "The archive's member is encrypted", placeOf(entry),
                    "nothing was taken from it", "Save the file again without a password");
    if (entry.method != stored && entry.method != deflated)
        return fail(ErrorCode::Unsupported, "The archive's member is packed in a way other than deflate", placeOf(entry),
                    "nothing was taken from it", "Save the file again with numpy.savez or numpy.savez_compressed");
    const auto header = readBytes(entry.headerOffset, localBytes);
    if (!header || get<std::uint32_t>(*header, 0) != localSignature)
        return corrupt("The member's header is not where the directory says", entry);
    const std::size_t nameBytes = get<std::uint16_t>(*header, 26);
    const std::size_t extraBytes = get<std::uint16_t>(*header, 28);
    const auto variable = readBytes(entry.headerOffset + localBytes, nameBytes + extraBytes);
    if (!variable)
        return corrupt("The member's header is cut", entry);

    std::uint64_t packedSize = get<std::uint32_t>(*header, 18);
    std::uint64_t size = get<std::uint32_t>(*header, 22);
    Extra64 extra(std::string_view(*variable).substr(nameBytes));
    const bool hasSizes = extra.resolve(size) && extra.resolve(packedSize);
    const bool sizesAgree = entry.flags & sizesFollowFlag || (hasSizes && size == entry.size &&
                                                              packedSize == entry.packedSize &&
                                                              get<std::uint32_t>(*header, 14) == entry.crc);
    if (variable->compare(0, nameBytes, entry.name) != 0 || get<std::uint16_t>(*header, 6) != entry.flags ||
        get<std::uint16_t>(*header, 8) != entry.method || !sizesAgree)
        return corrupt("The member's header contradicts the archive's directory", entry);
    entry.dataOffset = entry.headerOffset + localBytes + nameBytes + extraBytes;
    return {};
}

Result<void> Archive::checkSizes(const Limits &limits) const
{
    std::uint64_t produced = 0;
    for (const Entry &entry : m_entries) {
        if (entry.method == stored && entry.size != entry.packedSize)
            return corrupt("The member is stored, but its two sizes differ", entry);
        if (entry.size > limits.producedBytes - produced)
            return corrupt("The archive would unpack to more than " + std::to_string(limits.producedBytes >> 20) +
                               " MiB", entry);
        produced += entry.size;
        if (produced > limits.ratioFreeBytes && produced / limits.ratio > m_size)
            return corrupt("The archive would unpack to more than " + std::to_string(limits.ratio) +
                               " times its own size", entry);
    }
    return {};
}

Result<void> Archive::checkLayout(std::uint64_t directoryOffset) const
{
    std::vector<const Entry *> byOffset;
    for (const Entry &entry : m_entries)
        byOffset.push_back(&entry);
    std::sort(byOffset.begin(), byOffset.end(),
              [](const Entry *a, const Entry *b) { return a->headerOffset < b->headerOffset; });
    std::uint64_t end = directoryOffset;
    for (auto entry = byOffset.rbegin(); entry != byOffset.rend(); ++entry) {
        if ((*entry)->dataOffset > end || (*entry)->packedSize > end - (*entry)->dataOffset)
            return corrupt("The member overlaps what follows it", **entry);
        end = (*entry)->headerOffset;
    }
    return {};
}

Result<void> Archive::copyMember(const Entry &entry, const Sink &sink) const
{
    for (std::uint64_t taken = 0; taken < entry.packedSize;) {
        const auto block = readBytes(entry.dataOffset + taken, std::min<std::uint64_t>(blockBytes, entry.packedSize - taken));
        if (!block)
            return fail(block.error());
        if (auto accepted = sink(*block); !accepted)
            return accepted;
        taken += block->size();
    }
    return {};
}

Result<void> Archive::inflateMember(const Entry &entry, const Sink &sink) const
{
    Inflater inflater;
    std::vector<char> room(blockBytes);
    std::uint64_t taken = 0;
    while (!inflater.isEnded() && taken < entry.packedSize) {
        auto block = readBytes(entry.dataOffset + taken, std::min<std::uint64_t>(blockBytes, entry.packedSize - taken));
        if (!block)
            return fail(block.error());
        inflater.setInput(*block);
        for (bool isFull = true; isFull && !inflater.isEnded();) {
            const auto count = inflater.unpack(room);
            if (!count)
                return corrupt("The member is damaged", entry);
            if (auto accepted = sink({room.data(), *count}); !accepted)
                return accepted;
            isFull = *count == room.size();
        }
        taken += block->size() - inflater.leftOver();
    }
    if (!inflater.isEnded() || taken != entry.packedSize)
        return corrupt("The member's packed data does not end where it should", entry);
    return {};
}

Result<void> Archive::extractTo(const Entry &entry, const Sink &sink) const
{
    std::uint64_t size = 0;
    uLong crc = 0;
    const Sink checked = [&](std::string_view block) -> Result<void> {
        size += block.size();
        if (size > entry.size)
            return corrupt("The member is longer than it says", entry);
        crc = ::crc32_z(crc, reinterpret_cast<const Bytef *>(block.data()), block.size());
        return sink(block);
    };
    const auto read = entry.method == stored ? copyMember(entry, checked) : inflateMember(entry, checked);
    if (!read)
        return read;
    if (size != entry.size)
        return corrupt("The member has " + std::to_string(size) + " bytes instead of " + std::to_string(entry.size), entry);
    if (crc != entry.crc)
        return corrupt("The member's content does not match its CRC", entry);
    return {};
}

Result<std::string> Archive::extract(const Entry &entry) const
{
    std::string bytes; // grows with what is really there, not with what is promised
    const auto read = extractTo(entry, [&bytes](std::string_view block) {
        bytes.append(block);
        return Result<void>();
    });
    if (!read)
        return fail(read.error());
    return bytes;
}

} // namespace bottega::zip
