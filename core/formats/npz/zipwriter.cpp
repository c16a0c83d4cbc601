// SPDX-License-Identifier: Apache-2.0
#include "core/formats/npz/zip.h"
#include "core/formats/npz/zipformat.h"

#include <optional>
#include <zlib.h>

namespace bottega::zip {

namespace {

constexpr std::uint16_t versionNeeded = 20;
constexpr std::uint16_t madeByUnix = 3 << 8 | versionNeeded;
constexpr std::uint32_t plainFileMode = 0100600u << 16;
constexpr std::uint16_t dosDate = 1 << 5 | 1; // 1980-01-01, the first that zip knows
constexpr std::uint16_t utf8Flag = 1u << 11;
constexpr std::size_t maximumMembers = 65'534;
constexpr std::uint64_t storeAboveRatio = 128; // what packs better would look like a bomb to readers with a limit

struct Packed
{
    std::string bytes;
    std::uint16_t method = deflated;
    std::uint32_t crc = 0;
    std::uint32_t size = 0;
    std::uint32_t offset = 0;
};

std::optional<std::string> deflateBytes(const std::string &bytes)
{
    z_stream stream = {};
    if (::deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return {};
    std::string out(::deflateBound(&stream, bytes.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef *>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int status = ::deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    ::deflateEnd(&stream);
    return status == Z_STREAM_END ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<Packed> packMember(const std::string &bytes)
{
    auto small = deflateBytes(bytes);
    if (!small)
        return {};
    Packed packed;
    packed.size = static_cast<std::uint32_t>(bytes.size());
    packed.crc = static_cast<std::uint32_t>(
        ::crc32_z(0, reinterpret_cast<const Bytef *>(bytes.data()), bytes.size()));
    const bool isStored = small->size() >= bytes.size() || bytes.size() / storeAboveRatio > small->size();
    packed.method = isStored ? stored : deflated;
    packed.bytes = isStored ? bytes : std::move(*small);
    return packed;
}

/// The fields that member header and directory have in common, from "version needed" to the length of the name.
void putCommon(std::string &out, const std::string &name, const Packed &packed)
{
    put(out, versionNeeded);
    put(out, utf8Flag);
    put(out, packed.method);
    put(out, std::uint16_t{0}); // midnight
    put(out, dosDate);
    put(out, packed.crc);
    put(out, static_cast<std::uint32_t>(packed.bytes.size()));
    put(out, packed.size);
    put(out, static_cast<std::uint16_t>(name.size()));
    put(out, std::uint16_t{0}); // extra field
}

void putCentral(std::string &out, const std::string &name, const Packed &packed)
{
    put(out, centralSignature);
    put(out, madeByUnix);
    putCommon(out, name, packed);
    put(out, std::uint16_t{0}); // comment
    put(out, std::uint16_t{0}); // disk
    put(out, std::uint16_t{0}); // internal attributes
    put(out, plainFileMode);
    put(out, packed.offset);
    out += name;
}

void putEnd(std::string &out, std::size_t count, std::size_t directoryBytes, std::size_t directoryOffset)
{
    put(out, endSignature);
    put(out, std::uint32_t{0}); // disks
    put(out, static_cast<std::uint16_t>(count));
    put(out, static_cast<std::uint16_t>(count));
    put(out, static_cast<std::uint32_t>(directoryBytes));
    put(out, static_cast<std::uint32_t>(directoryOffset));
    put(out, std::uint16_t{0}); // comment
}

} // namespace

Result<std::string> pack(const std::map<std::string, std::string> &members)
{
    std::uint64_t total = 0;
    for (const auto &[name, bytes] : members)
        total += name.size() + bytes.size();
    if (members.size() > maximumMembers || total > Limits().producedBytes)
        return fail(ErrorCode::Unsupported, "An archive of more than 2 GiB or 65,534 members cannot be written", {},
                    "nothing was written");
    std::string out;
    std::string directory;
    for (const auto &[name, bytes] : members) {
        auto packed = packMember(bytes);
        if (!packed)
            return fail(ErrorCode::Failed, "The data could not be packed", name, "nothing was written");
        packed->offset = static_cast<std::uint32_t>(out.size());
        put(out, localSignature);
        putCommon(out, name, *packed);
        out += name;
        out += packed->bytes;
        putCentral(directory, name, *packed);
    }
    const std::size_t directoryOffset = out.size();
    out += directory;
    putEnd(out, members.size(), directory.size(), directoryOffset);
    return out;
}

} // namespace bottega::zip
