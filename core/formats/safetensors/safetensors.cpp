// SPDX-License-Identifier: Apache-2.0
#include "core/formats/safetensors/safetensors.h"

#include "core/base/atomicsave.h"
#include "core/base/checkedproduct.h"
#include "core/base/file.h"
#include "core/base/safename.h"
#include "core/formats/npz/npy.h"
#include "core/formats/safetensors/safetensorsheader.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <tuple>

namespace bottega {

namespace fs = std::filesystem;
using safetensors::Entry;
using safetensors::Header;

namespace {

constexpr std::uint64_t maximumValueBytes = std::uint64_t{2} << 30;

struct TypeEntry
{
    std::string_view name;
    NpyType type;
    std::uint64_t itemSize; // in the file
};

/// In the order in which the arrays of a file stand, so that each is aligned.
constexpr std::array<TypeEntry, 8> typeTable = {{
    {"U64", NpyType::UInt64, 8},
    {"I64", NpyType::Int64, 8},
    {"F64", NpyType::Float64, 8},
    {"F32", NpyType::Float32, 4},
    {"I32", NpyType::Int32, 4},
    {"BF16", NpyType::Float32, 2},
    {"F16", NpyType::Float32, 2},
    {"U8", NpyType::UInt8, 1},
}};

const TypeEntry *findType(std::string_view name)
{
    const auto found = std::find_if(typeTable.begin(), typeTable.end(), [&](const auto &e) { return e.name == name; });
    return found == typeTable.end() ? nullptr : &*found;
}

const TypeEntry &entryOf(NpyType type)
{
    return *std::find_if(typeTable.begin(), typeTable.end(), [&](const auto &e) { return e.type == type; });
}

std::string shown(const std::string &name)
{
    return "“" + printable(name, 100) + "”";
}

tl::unexpected<Error> corrupt(std::string what, const fs::path &path)
{
    return fail(ErrorCode::Corrupt, std::move(what), path.string(), "nothing was taken from it",
                "Get the file again from where it came from");
}

float fromBrainFloat(std::uint16_t bits)
{
    return std::bit_cast<float>(std::uint32_t{bits} << 16);
}

/// Every half is a float32, the subnormal ones as normal numbers.
float fromHalf(std::uint16_t bits)
{
    const std::uint32_t sign = (bits & 0x8000u) << 16;
    const std::uint32_t exponent = bits >> 10 & 0x1F;
    const std::uint32_t fraction = bits & 0x3FF;
    if (exponent == 0) {
        const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
        return sign != 0 ? -magnitude : magnitude;
    }
    const std::uint32_t wide = exponent == 0x1F ? 0xFF : exponent + 112; // 112: the difference of the biases
    return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

std::string widened(const std::string &bytes, float (*toFloat)(std::uint16_t))
{
    std::string out(bytes.size() * 2, '\0');
    for (std::size_t i = 0; i < bytes.size(); i += 2) {
        std::uint16_t narrow = 0;
        std::memcpy(&narrow, bytes.data() + i, sizeof narrow);
        const float wide = toFloat(narrow);
        std::memcpy(out.data() + 2 * i, &wide, sizeof wide);
    }
    return out;
}

/// The entries must tile the bytes behind the header exactly. Nothing is added or multiplied that could overflow.
Result<void> checkLayout(std::vector<Entry> &entries, std::uint64_t valueBytes, const fs::path &path)
{
    std::sort(entries.begin(), entries.end(), [](const Entry &a, const Entry &b) {
        return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
    });
    std::uint64_t position = 0;
    for (const Entry &entry : entries) {
        const TypeEntry *type = findType(entry.type);
        if (!type)
            return fail(ErrorCode::Unsupported, "The elements of " + shown(entry.name) + " are of type " +
                                                    shown(entry.type) + ", which is not supported",
                        path.string(), "nothing was taken from it",
                        "Save the arrays again as F32 or another plain number type");
        if (entry.begin != position)
            return corrupt("The values of " + shown(entry.name) +
                               (entry.begin < position ? " overlap those before them" : " leave a gap before them"),
                           path);
        const auto needed = checkedProduct(entry.shape, type->itemSize);
        if (entry.end < entry.begin || !needed || *needed != entry.end - entry.begin)
            return corrupt("The values of " + shown(entry.name) + " do not fit its shape", path);
        position = entry.end;
    }
    if (position != valueBytes)
        return corrupt("The file has " + std::to_string(valueBytes) + " bytes of values, its header describes " +
                           std::to_string(position), path);
    return {};
}

struct OpenFile
{
    UniqueFd fd;
    std::uint64_t valueOffset = 0;
    Header header;
};

Result<std::string> readBytes(int fd, std::uint64_t offset, std::uint64_t count, const fs::path &path)
{
    std::string bytes(count, '\0');
    const auto done = readAt(fd, std::as_writable_bytes(std::span(bytes)), offset, path);
    if (!done)
        return fail(done.error());
    if (*done < count)
        return corrupt("The file was cut while it was read", path);
    return bytes;
}

Result<OpenFile> openHeader(const FilePlace &place)
{
    const fs::path &path = place.path();
    auto fd = place.open();
    if (!fd)
        return fail(fd.error());
    const auto size = fileSize(fd->get(), path);
    if (!size)
        return fail(size.error());
    if (*size < safetensors::lengthBytes)
        return corrupt("This is no safetensors file: it ends before its header", path);
    const auto length = readBytes(fd->get(), 0, safetensors::lengthBytes, path);
    if (!length)
        return fail(length.error());
    std::uint64_t headerBytes = 0;
    std::memcpy(&headerBytes, length->data(), sizeof headerBytes);
    if (headerBytes > safetensors::maximumHeaderBytes || headerBytes > *size - safetensors::lengthBytes)
        return corrupt("This is no safetensors file: it claims a header of " + std::to_string(headerBytes) + " bytes",
                       path);
    const auto text = readBytes(fd->get(), safetensors::lengthBytes, headerBytes, path);
    if (!text)
        return fail(text.error());
    auto header = safetensors::parseHeader(*text, path.string());
    if (!header)
        return fail(header.error());
    const std::uint64_t offset = safetensors::lengthBytes + headerBytes;
    if (auto layout = checkLayout(header->entries, *size - offset, path); !layout)
        return fail(layout.error());
    return OpenFile{std::move(*fd), offset, std::move(*header)};
}

/// Before anything is allocated for them.
Result<void> checkTotal(const Header &header, const fs::path &path)
{
    std::uint64_t total = 0;
    for (const Entry &entry : header.entries) {
        const TypeEntry &type = *findType(entry.type);
        total += (entry.end - entry.begin) / type.itemSize * npyItemSize(type.type);
    }
    if (total > maximumValueBytes)
        return fail(ErrorCode::Unsupported, "The file has more than 2 GiB of values", path.string(),
                    "nothing was taken from it", "Split it into several files");
    return {};
}

Result<NpyArray> readArray(const OpenFile &file, Entry &entry, const fs::path &path)
{
    auto bytes = readBytes(file.fd.get(), file.valueOffset + entry.begin, entry.end - entry.begin, path);
    if (!bytes)
        return fail(bytes.error());
    if (entry.type == "F16")
        *bytes = widened(*bytes, fromHalf);
    else if (entry.type == "BF16")
        *bytes = widened(*bytes, fromBrainFloat);
    return NpyArray{findType(entry.type)->type, std::move(entry.shape), std::move(*bytes)};
}

/// Every array of `content` with its place, in the order of the file.
Result<std::vector<Entry>> laidOut(const NpzArrays &arrays)
{
    std::vector<Entry> entries;
    std::uint64_t position = 0;
    for (const TypeEntry &type : typeTable) {
        for (const auto &[name, array] : arrays) {
            if (&entryOf(array.type) != &type)
                continue;
            if (name == safetensors::metadataName)
                return fail(ErrorCode::Usage, "The name " + shown(name) + " is reserved by the format", {},
                            "nothing was written");
            if (checkedProduct(array.shape, type.itemSize) != array.bytes.size())
                return fail(ErrorCode::Usage, "The values of " + shown(name) + " do not fit its shape", {},
                            "nothing was written");
            entries.push_back({name, std::string(type.name), array.shape, position, position + array.bytes.size()});
            position = entries.back().end;
        }
    }
    return entries;
}

} // namespace

Result<std::string> encodeSafetensors(const Safetensors &content)
{
    auto entries = laidOut(content.arrays);
    if (!entries)
        return fail(entries.error());
    const std::uint64_t valueBytes = entries->empty() ? 0 : entries->back().end;
    const Header header{std::move(*entries), content.metadata};
    const auto text = safetensors::formatHeader(header);
    if (!text)
        return fail(text.error());
    if (valueBytes > maximumValueBytes || text->size() > safetensors::maximumHeaderBytes ||
        std::max(content.arrays.size(), content.metadata.size()) >= safetensors::maximumEntries)
        return fail(ErrorCode::Unsupported, "A safetensors file of more than 2 GiB or 100,000 entries is not written", {},
                    "nothing was written");
    const std::uint64_t headerBytes = text->size();
    std::string out(reinterpret_cast<const char *>(&headerBytes), sizeof headerBytes);
    out.reserve(out.size() + headerBytes + valueBytes);
    out += *text;
    for (const Entry &entry : header.entries)
        out += content.arrays.at(entry.name).bytes;
    return out;
}

Result<void> writeSafetensors(const fs::path &path, const Safetensors &content)
{
    auto bytes = encodeSafetensors(content);
    if (!bytes) {
        bytes.error().where = path.string();
        return fail(bytes.error());
    }
    return saveAtomically(path, *bytes);
}

Result<Safetensors> readSafetensors(const FilePlace &place)
{
    const fs::path &path = place.path();
    auto file = openHeader(place);
    if (!file)
        return fail(file.error());
    if (auto total = checkTotal(file->header, path); !total)
        return fail(total.error());
    Safetensors content;
    content.metadata = std::move(file->header.metadata);
    for (Entry &entry : file->header.entries) {
        auto array = readArray(*file, entry, path);
        if (!array)
            return fail(array.error());
        content.arrays.emplace(entry.name, std::move(*array));
    }
    return content;
}

} // namespace bottega
