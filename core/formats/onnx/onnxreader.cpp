// SPDX-License-Identifier: Apache-2.0
#include "core/base/safename.h"
#include "core/formats/onnx/onnx.h"
#include "core/formats/onnx/onnxfields.h"
#include "core/formats/onnx/onnxtensor.h"
#include "core/formats/protobuf/wire.h"

#include <limits>
#include <optional>

namespace bottega {

using wire::Field;
using wire::Reader;
using wire::Type;

namespace {

constexpr std::size_t maximumParts = 200'000;
constexpr std::uint64_t maximumWeightBytes = std::uint64_t{2} << 30;

std::string shown(std::string_view name)
{
    return "“" + printable(name, 100) + "”";
}

/// Walks the messages of one file. The depth is that of the calls below: what could nest without end is refused.
class Decoder
{
public:
    explicit Decoder(const std::string &where) : m_where(where) {}

    Result<OnnxModel> decode(std::string_view bytes);

private:
    /// Hands every field to `take`, which returns an error or nothing.
    template <class Take>
    Result<void> eachField(std::string_view message, const char *kind, Take take)
    {
        Field field;
        Reader reader(message);
        while (reader.next(field)) {
            if (Result<void> taken = take(field); !taken)
                return taken;
        }
        if (!reader.isSound())
            return corrupt(std::string("The file is damaged within ") + kind);
        return {};
    }

    Result<void> takeOpset(std::string_view message);
    Result<void> takePair(std::string_view message);
    Result<void> takeGraph(std::string_view message);
    Result<void> takeNode(std::string_view message);
    Result<void> takeAttribute(std::string_view message, OnnxNode &node);
    Result<void> takeNumbers(const Field &field, std::vector<std::int64_t> &numbers);
    Result<void> takeReals(const Field &field, std::vector<float> &reals);
    Result<void> takeWeights(std::string_view message);
    Result<void> takeValue(std::string_view message, std::vector<OnnxValue> &values);
    Result<void> takeTensorType(std::string_view message, OnnxValue &value);
    Result<void> takeDimension(std::string_view message, OnnxValue &value);
    Result<void> takeText(std::string_view text, std::string &into);

    /// Counts what will cost memory however few bytes it has in the file.
    Result<void> count(std::size_t parts = 1)
    {
        m_parts += parts;
        if (m_parts > maximumParts)
            return corrupt("The file has more than " + std::to_string(maximumParts) + " parts");
        return {};
    }

    [[nodiscard]] tl::unexpected<Error> corrupt(std::string what) const
    {
        return fail(ErrorCode::Corrupt, std::move(what), m_where, "nothing was taken from it",
                    "Get the file again from where it came from");
    }

    [[nodiscard]] tl::unexpected<Error> unsupported(std::string what) const
    {
        return fail(ErrorCode::Unsupported, std::move(what), m_where, "nothing was taken from it",
                    "Only models of the kind that Bottega writes can be read");
    }

    const std::string &m_where;
    OnnxModel m_model;
    std::size_t m_parts = 0;
    std::uint64_t m_weightBytes = 0;
    bool m_hasGraph = false;
    bool m_hasOpset = false;
};

Result<OnnxModel> Decoder::decode(std::string_view bytes)
{
    const auto decoded = eachField(bytes, "the model", [this](const Field &field) -> Result<void> {
        if (field.is(onnx::model::irVersion, Type::Varint))
            m_model.irVersion = static_cast<std::int64_t>(field.number);
        else if (field.is(onnx::model::producerName, Type::Bytes))
            m_model.producerName = field.bytes;
        else if (field.is(onnx::model::producerVersion, Type::Bytes))
            m_model.producerVersion = field.bytes;
        else if (field.is(onnx::model::opsetImport, Type::Bytes))
            return takeOpset(field.bytes);
        else if (field.is(onnx::model::metadata, Type::Bytes))
            return takePair(field.bytes);
        else if (field.is(onnx::model::graph, Type::Bytes))
            return takeGraph(field.bytes);
        else if (field.id == onnx::model::functions)
            return unsupported("The model defines functions of its own");
        return {};
    });
    if (!decoded)
        return fail(decoded.error());
    if (!m_hasGraph || !m_hasOpset)
        return corrupt("This is no ONNX model: it has no graph or names no operator set");
    if (const std::string flaw = flawOf(m_model); !flaw.empty())
        return corrupt("The model contradicts itself: " + flaw);
    return std::move(m_model);
}

Result<void> Decoder::takeOpset(std::string_view message)
{
    std::string_view domain;
    std::uint64_t version = 0;
    const auto decoded = eachField(message, "an operator set", [&](const Field &field) -> Result<void> {
        if (field.is(onnx::opset::domain, Type::Bytes))
            domain = field.bytes;
        else if (field.is(onnx::opset::version, Type::Varint))
            version = field.number;
        return {};
    });
    if (!decoded || !(domain.empty() || domain == "ai.onnx")) // what takes operations from another is refused itself
        return decoded;
    if (m_hasOpset)
        return corrupt("The model names its operator set twice");
    m_hasOpset = true;
    m_model.opset = static_cast<std::int64_t>(version);
    return {};
}

Result<void> Decoder::takePair(std::string_view message)
{
    std::string key;
    std::string value;
    const auto decoded = eachField(message, "the metadata", [&](const Field &field) -> Result<void> {
        if (field.is(onnx::pair::key, Type::Bytes))
            key = field.bytes;
        else if (field.is(onnx::pair::value, Type::Bytes))
            value = field.bytes;
        return {};
    });
    if (!decoded)
        return decoded;
    if (!m_model.metadata.emplace(key, std::move(value)).second)
        return corrupt("The metadata hold " + shown(key) + " twice");
    return count();
}

Result<void> Decoder::takeGraph(std::string_view message)
{
    if (m_hasGraph)
        return corrupt("The model has two graphs");
    m_hasGraph = true;
    return eachField(message, "the graph", [this](const Field &field) -> Result<void> {
        if (field.is(onnx::graph::node, Type::Bytes))
            return takeNode(field.bytes);
        if (field.is(onnx::graph::initializer, Type::Bytes))
            return takeWeights(field.bytes);
        if (field.is(onnx::graph::input, Type::Bytes))
            return takeValue(field.bytes, m_model.inputs);
        if (field.is(onnx::graph::output, Type::Bytes))
            return takeValue(field.bytes, m_model.outputs);
        if (field.id == onnx::graph::sparseInitializer)
            return unsupported("The model has sparse weights");
        if (field.is(onnx::graph::name, Type::Bytes))
            m_model.graphName = field.bytes;
        return {};
    });
}

Result<void> Decoder::takeText(std::string_view text, std::string &into)
{
    into = text;
    return count();
}

Result<void> Decoder::takeNode(std::string_view message)
{
    if (auto counted = count(); !counted)
        return counted;
    OnnxNode node;
    std::string_view domain;
    const auto decoded = eachField(message, "an operation", [&](const Field &field) -> Result<void> {
        if (field.is(onnx::node::input, Type::Bytes))
            return takeText(field.bytes, node.inputs.emplace_back());
        if (field.is(onnx::node::output, Type::Bytes))
            return takeText(field.bytes, node.outputs.emplace_back());
        if (field.is(onnx::node::attribute, Type::Bytes))
            return takeAttribute(field.bytes, node);
        if (field.is(onnx::node::name, Type::Bytes))
            node.name = field.bytes;
        else if (field.is(onnx::node::opType, Type::Bytes))
            node.opType = field.bytes;
        else if (field.is(onnx::node::domain, Type::Bytes))
            domain = field.bytes;
        return {};
    });
    if (!decoded)
        return decoded;
    if (!domain.empty() && domain != "ai.onnx")
        return unsupported("The operation " + shown(node.opType) + " is of the operator set " + shown(domain));
    m_model.nodes.push_back(std::move(node));
    return {};
}

Result<void> Decoder::takeNumbers(const Field &field, std::vector<std::int64_t> &numbers)
{
    if (field.type == Type::Varint) {
        numbers.push_back(static_cast<std::int64_t>(field.number));
        return count();
    }
    std::uint64_t number = 0;
    for (std::string_view packed = field.bytes; !packed.empty();) {
        if (!wire::takeVarint(packed, number))
            return corrupt("The file is damaged within an attribute");
        numbers.push_back(static_cast<std::int64_t>(number));
        if (auto counted = count(); !counted)
            return counted;
    }
    return {};
}

Result<void> Decoder::takeReals(const Field &field, std::vector<float> &reals)
{
    if (field.type == Type::Fixed32) {
        reals.push_back(field.asFloat());
        return count();
    }
    if (field.bytes.size() % sizeof(float) != 0)
        return corrupt("The file is damaged within an attribute");
    const std::size_t start = reals.size();
    const std::size_t added = field.bytes.size() / sizeof(float);
    if (auto counted = count(added); !counted || added == 0)
        return counted;
    reals.resize(start + added);
    std::memcpy(reals.data() + start, field.bytes.data(), field.bytes.size());
    return {};
}

Result<void> Decoder::takeAttribute(std::string_view message, OnnxNode &node)
{
    std::string name;
    std::uint64_t type = 0;
    std::int64_t integer = 0;
    float real = 0;
    std::string text;
    std::vector<std::int64_t> integers;
    std::vector<float> reals;
    const auto decoded = eachField(message, "an attribute", [&](const Field &field) -> Result<void> {
        const bool isList = field.type == Type::Bytes;
        if (field.is(onnx::attribute::name, Type::Bytes))
            name = field.bytes;
        else if (field.is(onnx::attribute::type, Type::Varint))
            type = field.number;
        else if (field.is(onnx::attribute::integer, Type::Varint))
            integer = static_cast<std::int64_t>(field.number);
        else if (field.is(onnx::attribute::real, Type::Fixed32))
            real = field.asFloat();
        else if (field.is(onnx::attribute::text, Type::Bytes))
            text = field.bytes;
        else if (field.id == onnx::attribute::integers && (isList || field.type == Type::Varint))
            return takeNumbers(field, integers);
        else if (field.id == onnx::attribute::reals && (isList || field.type == Type::Fixed32))
            return takeReals(field, reals);
        return {};
    });
    if (!decoded)
        return decoded;
    OnnxAttribute value;
    switch (type) {
    case onnx::attribute::integerType: value = integer; break;
    case onnx::attribute::realType: value = real; break;
    case onnx::attribute::textType: value = std::move(text); break;
    case onnx::attribute::integersType: value = std::move(integers); break;
    case onnx::attribute::realsType: value = std::move(reals); break;
    default:
        return unsupported("The attribute " + shown(name) +
                           " is none of numbers or text: graphs and tensors inside attributes are not taken");
    }
    if (!node.attributes.emplace(name, std::move(value)).second)
        return corrupt("An operation has the attribute " + shown(name) + " twice");
    return count();
}

Result<void> Decoder::takeWeights(std::string_view message)
{
    auto weights = onnx::decodeTensor(message, maximumWeightBytes - m_weightBytes, m_where);
    if (!weights)
        return fail(weights.error());
    m_weightBytes += weights->array.bytes.size();
    const std::size_t parts = 1 + weights->array.shape.size();
    if (!m_model.initializers.emplace(weights->name, std::move(weights->array)).second)
        return corrupt("The weights " + shown(weights->name) + " come twice");
    return count(parts);
}

Result<void> Decoder::takeValue(std::string_view message, std::vector<OnnxValue> &values)
{
    OnnxValue value;
    bool hasTensorType = false;
    const auto decoded = eachField(message, "an input or output", [&](const Field &field) -> Result<void> {
        if (field.is(onnx::value::name, Type::Bytes))
            value.name = field.bytes;
        if (!field.is(onnx::value::type, Type::Bytes))
            return {};
        return eachField(field.bytes, "a type", [&](const Field &inner) -> Result<void> {
            if (!inner.is(onnx::value::tensorType, Type::Bytes))
                return {};
            if (hasTensorType)
                return corrupt("An input or output has two types");
            hasTensorType = true;
            return takeTensorType(inner.bytes, value);
        });
    });
    if (!decoded)
        return decoded;
    if (!hasTensorType)
        return unsupported("The input or output " + shown(value.name) + " is no tensor");
    values.push_back(std::move(value));
    return count();
}

Result<void> Decoder::takeTensorType(std::string_view message, OnnxValue &value)
{
    std::uint64_t number = 0;
    bool hasShape = false;
    const auto decoded = eachField(message, "a tensor's type", [&](const Field &field) -> Result<void> {
        if (field.is(onnx::value::elementType, Type::Varint))
            number = field.number;
        if (!field.is(onnx::value::shape, Type::Bytes))
            return {};
        if (hasShape)
            return corrupt("An input or output has two shapes");
        hasShape = true;
        return eachField(field.bytes, "a shape", [&](const Field &dimension) -> Result<void> {
            return dimension.is(onnx::value::dimension, Type::Bytes) ? takeDimension(dimension.bytes, value)
                                                                      : Result<void>();
        });
    });
    if (!decoded)
        return decoded;
    const auto type = onnx::typeOf(number);
    if (!type)
        return unsupported("An input or output is of type " + onnx::typeName(number));
    if (!hasShape)
        return unsupported("An input or output has no shape");
    value.type = *type;
    return {};
}

Result<void> Decoder::takeDimension(std::string_view message, OnnxValue &value)
{
    OnnxDimension dimension = std::string();
    const auto decoded = eachField(message, "a shape", [&](const Field &field) -> Result<void> {
        if (field.is(onnx::value::length, Type::Varint))
            dimension = field.number;
        else if (field.is(onnx::value::symbol, Type::Bytes))
            dimension = std::string(field.bytes);
        return {};
    });
    if (!decoded)
        return decoded;
    if (const auto *length = std::get_if<std::uint64_t>(&dimension);
        length && *length > std::numeric_limits<std::int64_t>::max())
        return corrupt("An input or output has a negative length");
    value.shape.push_back(std::move(dimension));
    return count();
}

} // namespace

Result<OnnxModel> decodeOnnx(std::string_view bytes, const std::string &where)
{
    return Decoder(where).decode(bytes);
}

} // namespace bottega
