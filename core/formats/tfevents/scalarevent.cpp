// SPDX-License-Identifier: Apache-2.0
#include "core/formats/tfevents/scalarevent.h"

#include "core/formats/protobuf/wire.h"

#include <cmath>
#include <cstring>
#include <optional>

namespace bottega {

using wire::Field;
using wire::Reader;
using wire::Type;

namespace {

// Field numbers of TensorFlow's event.proto, summary.proto and tensor.proto.
namespace event {
constexpr std::uint32_t wallTime = 1;
constexpr std::uint32_t step = 2;
constexpr std::uint32_t fileVersion = 3;
constexpr std::uint32_t summary = 5;
} // namespace event
namespace summary {
constexpr std::uint32_t value = 1;
} // namespace summary
namespace value {
constexpr std::uint32_t tag = 1;
constexpr std::uint32_t simpleValue = 2;
constexpr std::uint32_t tensor = 8;
constexpr std::uint32_t metadata = 9;
constexpr std::uint32_t sequence = 2000; // our own, skipped by others: varint
constexpr std::uint32_t exact = 2001;    // our own: the double, only where float32 would round it
} // namespace value
namespace metadata {
constexpr std::uint32_t pluginData = 1;
constexpr std::uint32_t pluginName = 1; // inside pluginData
} // namespace metadata
namespace tensor {
constexpr std::uint32_t type = 1;
constexpr std::uint32_t shape = 2;
constexpr std::uint32_t content = 4;
constexpr std::uint32_t floats = 5;
constexpr std::uint32_t doubles = 6;
constexpr std::uint64_t floatType = 1;
constexpr std::uint64_t doubleType = 2;
constexpr std::uint32_t dimension = 2; // inside shape
} // namespace tensor

std::string encodeValue(const ScalarValue &scalar, std::uint64_t sequence)
{
    std::string out;
    const auto rounded = static_cast<float>(scalar.value);
    wire::putBytes(out, value::tag, scalar.tag);
    wire::putKey(out, value::simpleValue, Type::Fixed32);
    wire::putFixed(out, rounded);
    wire::putNumber(out, value::sequence, sequence);
    if (!std::isnan(scalar.value) && static_cast<double>(rounded) != scalar.value) {
        wire::putKey(out, value::exact, Type::Fixed64);
        wire::putFixed(out, scalar.value);
    }
    return out;
}

void putWallTime(std::string &out, double wallTime)
{
    wire::putKey(out, event::wallTime, Type::Fixed64);
    wire::putFixed(out, wallTime);
}

template <class T>
std::optional<double> onlyElement(std::string_view bytes)
{
    T element;
    if (bytes.size() != sizeof element)
        return {};
    std::memcpy(&element, bytes.data(), sizeof element);
    return static_cast<double>(element);
}

bool hasDimensions(std::string_view shape)
{
    Field field;
    for (Reader reader(shape); reader.next(field);) {
        if (field.id == tensor::dimension)
            return true;
    }
    return false;
}

/// The value of a rank-0 float or double tensor, in any of the ways in which writers store it.
std::optional<double> tensorScalar(std::string_view message)
{
    Field field;
    std::uint64_t type = 0;
    std::string_view content;
    std::optional<double> number;
    for (Reader reader(message); reader.next(field);) {
        if (field.is(tensor::type, Type::Varint))
            type = field.number;
        else if (field.is(tensor::shape, Type::Bytes) && hasDimensions(field.bytes))
            return {};
        else if (field.is(tensor::content, Type::Bytes))
            content = field.bytes;
        else if (field.is(tensor::floats, Type::Bytes))
            number = onlyElement<float>(field.bytes);
        else if (field.is(tensor::floats, Type::Fixed32))
            number = field.asFloat();
        else if (field.is(tensor::doubles, Type::Bytes))
            number = onlyElement<double>(field.bytes);
        else if (field.is(tensor::doubles, Type::Fixed64))
            number = field.asDouble();
    }
    if (type != tensor::floatType && type != tensor::doubleType)
        return {};
    if (!content.empty())
        return type == tensor::floatType ? onlyElement<float>(content) : onlyElement<double>(content);
    return number;
}

/// Writers may leave the metadata out after a tag's first value, so that none counts as the scalar plug-in's.
bool isOtherPlugin(std::string_view message)
{
    Field field;
    for (Reader reader(message); reader.next(field);) {
        if (!field.is(metadata::pluginData, Type::Bytes))
            continue;
        Field name;
        for (Reader inner(field.bytes); inner.next(name);) {
            if (name.is(metadata::pluginName, Type::Bytes))
                return name.bytes != "scalars";
        }
    }
    return false;
}

bool decodeValue(std::string_view message, std::vector<DecodedScalar> &scalars)
{
    Field field;
    DecodedScalar scalar;
    std::optional<double> number;
    std::optional<double> exact;
    Reader reader(message);
    while (reader.next(field)) {
        if (field.is(value::tag, Type::Bytes))
            scalar.tag = field.bytes;
        else if (field.is(value::simpleValue, Type::Fixed32))
            number = field.asFloat();
        else if (field.is(value::sequence, Type::Varint))
            scalar.sequence = field.number;
        else if (field.is(value::exact, Type::Fixed64))
            exact = field.asDouble();
        else if (field.is(value::tensor, Type::Bytes))
            number = tensorScalar(field.bytes);
        else if (field.is(value::metadata, Type::Bytes) && isOtherPlugin(field.bytes))
            return true;
    }
    if (number) {
        scalar.value = exact.value_or(*number);
        scalars.push_back(scalar);
    }
    return reader.isSound();
}

bool decodeSummary(std::string_view message, std::vector<DecodedScalar> &scalars)
{
    Field field;
    Reader reader(message);
    while (reader.next(field)) {
        if (field.is(summary::value, Type::Bytes) && !decodeValue(field.bytes, scalars))
            return false;
    }
    return reader.isSound();
}

} // namespace

std::string encodeFileVersion(double wallTime)
{
    std::string out;
    putWallTime(out, wallTime);
    wire::putBytes(out, event::fileVersion, "brain.Event:2");
    return out;
}

std::string encodeScalars(double wallTime, std::int64_t step, const std::vector<ScalarValue> &values,
                          std::uint64_t firstSequence)
{
    std::string content;
    for (const ScalarValue &scalar : values)
        wire::putBytes(content, summary::value, encodeValue(scalar, firstSequence++));
    std::string out;
    putWallTime(out, wallTime);
    wire::putNumber(out, event::step, static_cast<std::uint64_t>(step));
    wire::putBytes(out, event::summary, content);
    return out;
}

bool decodeEvent(std::string_view payload, DecodedEvent &decoded)
{
    decoded.wallTime = 0;
    decoded.step = 0;
    decoded.scalars.clear();
    Field field;
    Reader reader(payload);
    while (reader.next(field)) {
        if (field.is(event::wallTime, Type::Fixed64))
            decoded.wallTime = field.asDouble();
        else if (field.is(event::step, Type::Varint))
            decoded.step = static_cast<std::int64_t>(field.number);
        else if (field.is(event::summary, Type::Bytes) && !decodeSummary(field.bytes, decoded.scalars))
            return false;
    }
    return reader.isSound();
}

} // namespace bottega
