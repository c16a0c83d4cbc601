// SPDX-License-Identifier: Apache-2.0
#include "core/formats/npz/npy.h"

#include "core/base/checkedproduct.h"
#include "core/base/safename.h"
#include "core/formats/npz/npyheader.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace bottega {

namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::size_t maximumHeaderBytes = std::size_t{64} << 10;
constexpr std::size_t alignment = 64;

struct TypeEntry
{
    NpyType type;
    std::string_view name;
    std::uint64_t itemSize;
};

constexpr std::array<TypeEntry, 6> typeTable = {{
    {NpyType::Float32, "<f4", 4},
    {NpyType::Float64, "<f8", 8},
    {NpyType::Int32, "<i4", 4},
    {NpyType::Int64, "<i8", 8},
    {NpyType::UInt8, "|u1", 1},
    {NpyType::UInt64, "<u8", 8},
}};

const TypeEntry &entryOf(NpyType type)
{
    return typeTable[static_cast<std::size_t>(type)];
}

/// The type without its byte order: "f4".
const TypeEntry *findType(std::string_view description)
{
    if (description.empty() || std::string_view("<>|=").find(description.front()) == std::string_view::npos)
        return nullptr;
    const auto found = std::find_if(typeTable.begin(), typeTable.end(), [&](const TypeEntry &entry) {
        return entry.name.substr(1) == description.substr(1);
    });
    const bool needsOrder = found != typeTable.end() && found->itemSize > 1;
    return found == typeTable.end() || (needsOrder && description.front() == '|') ? nullptr : &*found;
}

void swapBytes(std::string &bytes, std::uint64_t itemSize)
{
    for (auto item = bytes.begin(); item != bytes.end(); item += static_cast<std::ptrdiff_t>(itemSize))
        std::reverse(item, item + static_cast<std::ptrdiff_t>(itemSize));
}

/// From first index fastest to last index fastest.
std::string fromFortranOrder(const std::string &bytes, const std::vector<std::uint64_t> &shape, std::uint64_t itemSize)
{
    std::string out(bytes.size(), '\0');
    std::vector<std::uint64_t> index(shape.size(), 0);
    std::vector<std::uint64_t> strides(shape.size(), itemSize);
    for (std::size_t d = 1; d < shape.size(); ++d)
        strides[d] = strides[d - 1] * shape[d - 1];
    std::uint64_t source = 0;
    for (std::uint64_t target = 0; target < bytes.size(); target += itemSize) {
        std::memcpy(out.data() + target, bytes.data() + source, itemSize);
        for (std::size_t d = shape.size(); d-- > 0;) {
            source += strides[d];
            if (++index[d] < shape[d])
                break;
            source -= strides[d] * shape[d];
            index[d] = 0;
        }
    }
    return out;
}

Error refusal(ErrorCode code, std::string what, const std::string &where)
{
    return {code, std::move(what), where, "nothing was taken from it",
            code == ErrorCode::Unsupported ? "Save the array again as float32 or another plain number type"
                                           : "Get the file again from where it came from"};
}

/// Length of everything before the values, and the dictionary in it.
Result<std::pair<std::size_t, std::string_view>> findHeader(std::string_view bytes, const std::string &where)
{
    if (!bytes.starts_with(magic) || bytes.size() < magic.size() + 4)
        return fail(refusal(ErrorCode::Corrupt, "This is not a NumPy array", where));
    const auto version = static_cast<unsigned char>(bytes[magic.size()]);
    if (version < 1 || version > 3)
        return fail(refusal(ErrorCode::Corrupt, "The NumPy array has the unknown format version " +
                                                    std::to_string(version), where));
    const std::size_t start = magic.size() + 2 + (version == 1 ? 2 : 4);
    std::uint32_t length = 0;
    if (bytes.size() >= start)
        std::memcpy(&length, bytes.data() + magic.size() + 2, version == 1 ? 2 : 4);
    if (length > maximumHeaderBytes)
        return fail(refusal(ErrorCode::Corrupt, "The NumPy array's header of " + std::to_string(length) +
                                                    " bytes is longer than any that can be right", where));
    if (bytes.size() < start || bytes.size() - start < length)
        return fail(refusal(ErrorCode::Corrupt, "The NumPy array is cut within its header", where));
    return std::pair(start + length, bytes.substr(start, length));
}

Result<const TypeEntry *> knownType(const NpyHeader &header, const std::string &where)
{
    const std::string &name = header.description;
    if (name.find('O') != std::string::npos)
        return fail(refusal(ErrorCode::Unsupported,
                            "The array holds Python objects (a pickle), which could run code and is never loaded",
                            where));
    if (name.empty())
        return fail(refusal(ErrorCode::Unsupported, "The array has a structured type, which is not supported", where));
    const TypeEntry *type = findType(name);
    if (!type)
        return fail(refusal(ErrorCode::Unsupported,
                            "The array's type “" + printable(name, 40) + "” is not supported", where));
    return type;
}

} // namespace

std::uint64_t NpyArray::count() const
{
    std::uint64_t product = 1;
    for (const std::uint64_t length : shape)
        product *= length;
    return product;
}

Result<std::vector<float>> NpyArray::toFloats() const
{
    std::vector<float> values(bytes.size() / npyItemSize(type));
    if (type == NpyType::Float32) {
        std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
        return values;
    }
    if (type != NpyType::Float64)
        return fail(ErrorCode::Corrupt, "An array of " + std::string(npyTypeName(type)) +
                                            " stands where floating-point numbers should be");
    for (std::size_t i = 0; i < values.size(); ++i) {
        double value = 0;
        std::memcpy(&value, bytes.data() + i * sizeof value, sizeof value);
        values[i] = static_cast<float>(value);
    }
    return values;
}

NpyArray NpyArray::fromFloats(std::vector<std::uint64_t> shape, const float *values)
{
    NpyArray array{NpyType::Float32, std::move(shape), {}};
    array.bytes.assign(reinterpret_cast<const char *>(values), array.count() * sizeof(float));
    return array;
}

std::string_view npyTypeName(NpyType type)
{
    return entryOf(type).name;
}

std::uint64_t npyItemSize(NpyType type)
{
    return entryOf(type).itemSize;
}

std::string encodeNpy(const NpyArray &array)
{
    std::string header = formatNpyHeader({std::string(npyTypeName(array.type)), false, array.shape});
    const std::size_t prefix = magic.size() + 4;
    const std::size_t whole = (prefix + header.size() + 1 + alignment - 1) / alignment * alignment;
    header.resize(whole - prefix - 1, ' ');
    header += '\n';
    std::string out(magic);
    out += {'\x01', '\x00', static_cast<char>(header.size() & 0xFF), static_cast<char>(header.size() >> 8)};
    return out + header + array.bytes;
}

Result<NpyArray> decodeNpy(std::string bytes, const std::string &where)
{
    const auto found = findHeader(bytes, where);
    if (!found)
        return fail(found.error());
    auto header = parseNpyHeader(found->second);
    if (!header)
        return fail(refusal(ErrorCode::Corrupt, "The NumPy array's header is damaged", where));
    const auto type = knownType(*header, where);
    if (!type)
        return fail(type.error());
    const std::uint64_t itemSize = (*type)->itemSize;
    const auto expected = checkedProduct(header->shape, itemSize);
    bytes.erase(0, found->first);
    if (!expected || *expected != bytes.size())
        return fail(refusal(ErrorCode::Corrupt, "The NumPy array has " + std::to_string(bytes.size()) +
                                                    " bytes of values, which do not fit the shape in its header", where));
    if (header->description.front() == '>')
        swapBytes(bytes, itemSize);
    if (header->isFortran && header->shape.size() > 1)
        bytes = fromFortranOrder(bytes, header->shape, itemSize);
    return NpyArray{(*type)->type, std::move(header->shape), std::move(bytes)};
}

} // namespace bottega
