// SPDX-License-Identifier: Apache-2.0
#include "core/formats/onnx/onnxtensor.h"

#include "core/base/checkedproduct.h"
#include "core/base/safename.h"
#include "core/formats/npz/npy.h"
#include "core/formats/onnx/onnxfields.h"
#include "core/formats/protobuf/wire.h"

#include <algorithm>
#include <array>
#include <limits>

namespace bottega::onnx {

using wire::Field;
using wire::Reader;
using wire::Type;

namespace {

constexpr std::size_t maximumDimensions = 64;

struct TypeEntry
{
    NpyType type;
    std::uint64_t number;
    std::uint32_t typedField; // of the tensor: where writers that do not use raw data put the values
};

constexpr std::array<TypeEntry, 6> typeTable = {{
    {NpyType::Float32, 1, 4},
    {NpyType::UInt8, 2, 5},
    {NpyType::Int32, 6, 5},
    {NpyType::Int64, 7, 7},
    {NpyType::Float64, 11, 10},
    {NpyType::UInt64, 13, 11},
}};

constexpr std::array<std::string_view, 17> typeNames = {
    "UNDEFINED", "FLOAT", "UINT8", "INT8", "UINT16", "INT16", "INT32", "INT64", "STRING", "BOOL", "FLOAT16", "DOUBLE",
    "UINT32", "UINT64", "COMPLEX64", "COMPLEX128", "BFLOAT16"};

const TypeEntry &entryOf(NpyType type)
{
    return *std::find_if(typeTable.begin(), typeTable.end(), [&](const auto &e) { return e.type == type; });
}

/// Everything of a tensor but its values, which can stand before their type.
struct Description
{
    std::string name;
    std::uint64_t type = 0;
    std::vector<std::uint64_t> shape;
    std::optional<std::string_view> raw;
    std::string externalPlace;
    bool isExternal = false;
    bool isSegment = false;
    bool isSound = true;
};

std::string placeOf(std::string_view entry)
{
    Field field;
    std::string key;
    std::string value;
    for (Reader reader(entry); reader.next(field);) {
        if (field.is(pair::key, Type::Bytes))
            key = field.bytes;
        else if (field.is(pair::value, Type::Bytes))
            value = field.bytes;
    }
    return key == "location" ? value : std::string();
}

/// False where a length is negative, or there are too many.
bool takeLength(Description &tensor, std::uint64_t length)
{
    if (tensor.shape.size() == maximumDimensions || length > std::numeric_limits<std::int64_t>::max())
        return false;
    tensor.shape.push_back(length);
    return true;
}

bool takeLengths(Description &tensor, std::string_view packed)
{
    std::uint64_t length = 0;
    while (!packed.empty()) {
        if (!wire::takeVarint(packed, length) || !takeLength(tensor, length))
            return false;
    }
    return true;
}

Description describe(std::string_view message)
{
    Description tensor;
    Field field;
    Reader reader(message);
    while (tensor.isSound && reader.next(field)) {
        if (field.is(tensor::dimension, Type::Varint))
            tensor.isSound = takeLength(tensor, field.number);
        else if (field.is(tensor::dimension, Type::Bytes))
            tensor.isSound = takeLengths(tensor, field.bytes);
        else if (field.is(tensor::type, Type::Varint))
            tensor.type = field.number;
        else if (field.is(tensor::name, Type::Bytes))
            tensor.name = field.bytes;
        else if (field.is(tensor::rawData, Type::Bytes))
            tensor.raw = field.bytes;
        else if (field.is(tensor::dataLocation, Type::Varint))
            tensor.isExternal |= field.number != 0;
        else if (field.is(tensor::externalData, Type::Bytes)) {
            tensor.isExternal = true;
            tensor.externalPlace += placeOf(field.bytes);
        }
        tensor.isSegment |= field.id == tensor::segment;
    }
    tensor.isSound &= reader.isSound();
    return tensor;
}

/// Appends the number that a varint of a field for many types stands for. False where it is none of the type's.
bool putInteger(std::string &bytes, NpyType type, std::uint64_t number)
{
    const auto value = static_cast<std::int64_t>(number);
    switch (type) {
    case NpyType::UInt8:
        bytes += static_cast<char>(number);
        return number <= std::numeric_limits<std::uint8_t>::max();
    case NpyType::Int32:
        wire::putFixed(bytes, static_cast<std::int32_t>(value));
        return value == static_cast<std::int32_t>(value);
    default: wire::putFixed(bytes, number); return true;
    }
}

bool putPacked(std::string &bytes, NpyType type, std::string_view packed, std::uint64_t maximumBytes)
{
    if (type == NpyType::Float32 || type == NpyType::Float64) {
        bytes += packed;
        return bytes.size() <= maximumBytes;
    }
    std::uint64_t number = 0;
    while (!packed.empty()) {
        if (bytes.size() >= maximumBytes || !wire::takeVarint(packed, number) || !putInteger(bytes, type, number))
            return false;
    }
    return true;
}

/// The values as they stand in the field of their type, packed or one by one; nothing where they are not `count` bytes.
std::optional<std::string> typedValues(std::string_view message, const TypeEntry &entry, std::uint64_t count)
{
    const Type single = entry.type == NpyType::Float32   ? Type::Fixed32
                        : entry.type == NpyType::Float64 ? Type::Fixed64
                                                         : Type::Varint;
    std::string bytes;
    Field field;
    for (Reader reader(message); reader.next(field);) {
        bool isSound = true;
        if (field.is(entry.typedField, Type::Bytes))
            isSound = putPacked(bytes, entry.type, field.bytes, count);
        else if (!field.is(entry.typedField, single))
            continue;
        else if (single == Type::Fixed32)
            wire::putFixed(bytes, field.asFloat());
        else
            isSound = putInteger(bytes, entry.type, field.number); // a double's bits are 8 bytes like any other
        if (!isSound || bytes.size() > count)
            return {};
    }
    return bytes.size() == count ? std::optional(std::move(bytes)) : std::nullopt;
}

} // namespace

std::uint64_t numberOf(NpyType type)
{
    return entryOf(type).number;
}

std::optional<NpyType> typeOf(std::uint64_t number)
{
    const auto found = std::find_if(typeTable.begin(), typeTable.end(), [&](const auto &e) { return e.number == number; });
    return found == typeTable.end() ? std::nullopt : std::optional(found->type);
}

std::string typeName(std::uint64_t number)
{
    return number < typeNames.size() ? std::string(typeNames[number]) : "number " + std::to_string(number);
}

std::string encodeTensor(const std::string &name, const NpyArray &array)
{
    std::string out;
    for (const std::uint64_t length : array.shape)
        wire::putNumber(out, tensor::dimension, length);
    wire::putNumber(out, tensor::type, numberOf(array.type));
    wire::putBytes(out, tensor::name, name);
    wire::putBytes(out, tensor::rawData, array.bytes);
    return out;
}

Result<NamedArray> decodeTensor(std::string_view message, std::uint64_t maximumBytes, const std::string &where)
{
    Description tensor = describe(message);
    const std::string who = "The weights “" + printable(tensor.name, 100) + "” ";
    const auto refused = [&](ErrorCode code, const std::string &what, std::string remedy) {
        return fail(code, who + what, where, "nothing was taken from it", std::move(remedy));
    };
    const std::string again = "Get the file again from where it came from";
    if (tensor.isExternal)
        return refused(ErrorCode::Unsupported, "lie in another file (“" + printable(tensor.externalPlace, 100) +
                                                   "”), and such files are never opened",
                       "Save the model again as one file");
    if (tensor.isSegment)
        return refused(ErrorCode::Unsupported, "are one segment of several", "Save the model again as one file");
    if (!tensor.isSound)
        return refused(ErrorCode::Corrupt, "are damaged", again);
    const auto type = typeOf(tensor.type);
    if (!type)
        return refused(ErrorCode::Unsupported, "are of type " + typeName(tensor.type) + ", which is not supported",
                       "Save the model again with weights of type FLOAT");
    const auto count = checkedProduct(tensor.shape, npyItemSize(*type));
    if (!count || *count > maximumBytes)
        return refused(ErrorCode::Corrupt, "claim more values than any file can hold", again);
    std::optional<std::string> bytes;
    if (!tensor.raw)
        bytes = typedValues(message, entryOf(*type), *count);
    else if (tensor.raw->size() == *count)
        bytes = std::string(*tensor.raw);
    if (!bytes)
        return refused(ErrorCode::Corrupt, "have values that do not fit their shape", again);
    return NamedArray{std::move(tensor.name), {*type, std::move(tensor.shape), std::move(*bytes)}};
}

} // namespace bottega::onnx
