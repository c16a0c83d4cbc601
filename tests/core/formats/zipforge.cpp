// SPDX-License-Identifier: Apache-2.0
#include "tests/core/formats/zipforge.h"

#include <cstring>
#include <zlib.h>

namespace bottega::test {

namespace {

template <class T>
void put(std::string &out, T value)
{
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out.append(bytes, sizeof bytes);
}

void putCommon(std::string &out, const ForgedMember &member, std::uint32_t size, std::size_t nameBytes,
               std::size_t extraBytes)
{
    put<std::uint16_t>(out, 45);
    put(out, member.flags);
    put(out, member.method);
    put<std::uint32_t>(out, 0x00210000);
    put(out, member.crc.value_or(crcOf(member.data)));
    put(out, member.packedSize.value_or(static_cast<std::uint32_t>(member.data.size())));
    put(out, size);
    put(out, static_cast<std::uint16_t>(nameBytes));
    put(out, static_cast<std::uint16_t>(extraBytes));
}

void putEnd64(std::string &out, const ForgedEnd &end, std::size_t count, std::size_t bytes, std::size_t offset)
{
    const std::size_t start = out.size();
    put<std::uint32_t>(out, 0x06064b50);
    put<std::uint64_t>(out, 44);
    put<std::uint32_t>(out, 45u << 16 | 45u);
    put<std::uint64_t>(out, 0);
    put<std::uint64_t>(out, end.count64.value_or(count));
    put<std::uint64_t>(out, end.count64.value_or(count));
    put<std::uint64_t>(out, end.directoryBytes64.value_or(bytes));
    put<std::uint64_t>(out, end.directoryOffset64.value_or(offset));
    put<std::uint32_t>(out, 0x07064b50);
    put<std::uint32_t>(out, 0);
    put<std::uint64_t>(out, start);
    put<std::uint32_t>(out, 1);
}

} // namespace

std::string forgeZip(const std::vector<ForgedMember> &members, const ForgedEnd &end)
{
    std::string out;
    std::string directory;
    for (const ForgedMember &member : members) {
        const auto size = member.size.value_or(static_cast<std::uint32_t>(member.data.size()));
        const std::string localName = member.localName.value_or(member.name);
        const auto offset = member.offset.value_or(static_cast<std::uint32_t>(out.size()));
        put<std::uint32_t>(out, 0x04034b50);
        putCommon(out, member, member.localSize.value_or(size), localName.size(), 0);
        out += localName + member.data;
        put<std::uint32_t>(directory, 0x02014b50);
        put<std::uint16_t>(directory, 45);
        putCommon(directory, member, size, member.name.size(), member.extra.size());
        directory.append(10, '\0'); // comment, disk, attributes
        put(directory, offset);
        directory += member.name + member.extra;
    }
    const std::size_t directoryOffset = out.size();
    out += directory;
    if (end.count64 || end.directoryBytes64 || end.directoryOffset64)
        putEnd64(out, end, members.size(), directory.size(), directoryOffset);
    put<std::uint32_t>(out, 0x06054b50);
    put<std::uint32_t>(out, 0);
    const auto count = end.count.value_or(static_cast<std::uint16_t>(members.size()));
    put(out, count);
    put(out, count);
    put(out, end.directoryBytes.value_or(static_cast<std::uint32_t>(directory.size())));
    put(out, end.directoryOffset.value_or(static_cast<std::uint32_t>(directoryOffset)));
    put<std::uint16_t>(out, 0);
    return out;
}

std::string forgeNpy(const std::string &header, const std::string &values, char version)
{
    std::string out = "\x93NUMPY";
    out += version;
    out += '\0';
    if (version == 1)
        put(out, static_cast<std::uint16_t>(header.size()));
    else
        put(out, static_cast<std::uint32_t>(header.size()));
    return out + header + values;
}

std::string deflated(const std::string &bytes)
{
    z_stream stream = {};
    ::deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
    std::string out(::deflateBound(&stream, bytes.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef *>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    ::deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    ::deflateEnd(&stream);
    return out;
}

std::uint32_t crcOf(const std::string &bytes)
{
    return static_cast<std::uint32_t>(::crc32_z(0, reinterpret_cast<const Bytef *>(bytes.data()), bytes.size()));
}

} // namespace bottega::test
