// SPDX-License-Identifier: Apache-2.0
#include "core/formats/onnx/onnx.h"
#include "core/formats/onnx/onnxfields.h"
#include "core/formats/onnx/onnxtensor.h"
#include "core/formats/protobuf/wire.h"

#include <limits>

namespace bottega {

using wire::putBytes;
using wire::putNumber;

namespace {

constexpr std::size_t maximumFileBytes = std::numeric_limits<std::int32_t>::max(); // what protobuf's readers take

struct AttributeEncoder
{
    std::string &out;

    void operator()(std::int64_t value) const
    {
        putNumber(out, onnx::attribute::integer, static_cast<std::uint64_t>(value));
        putType(onnx::attribute::integerType);
    }
    void operator()(float value) const
    {
        putReal(onnx::attribute::real, value);
        putType(onnx::attribute::realType);
    }
    void operator()(const std::string &value) const
    {
        putBytes(out, onnx::attribute::text, value);
        putType(onnx::attribute::textType);
    }
    void operator()(const std::vector<std::int64_t> &values) const
    {
        for (const std::int64_t value : values)
            putNumber(out, onnx::attribute::integers, static_cast<std::uint64_t>(value));
        putType(onnx::attribute::integersType);
    }
    void operator()(const std::vector<float> &values) const
    {
        for (const float value : values)
            putReal(onnx::attribute::reals, value);
        putType(onnx::attribute::realsType);
    }

    void putReal(std::uint32_t field, float value) const
    {
        wire::putKey(out, field, wire::Type::Fixed32);
        wire::putFixed(out, value);
    }
    void putType(std::uint64_t type) const { putNumber(out, onnx::attribute::type, type); }
};

std::string encodePair(const std::string &key, const std::string &value)
{
    std::string out;
    putBytes(out, onnx::pair::key, key);
    putBytes(out, onnx::pair::value, value);
    return out;
}

std::string encodeNode(const OnnxNode &node)
{
    std::string out;
    for (const std::string &input : node.inputs)
        putBytes(out, onnx::node::input, input);
    for (const std::string &output : node.outputs)
        putBytes(out, onnx::node::output, output);
    putBytes(out, onnx::node::name, node.name);
    putBytes(out, onnx::node::opType, node.opType);
    for (const auto &[name, value] : node.attributes) {
        std::string attribute;
        putBytes(attribute, onnx::attribute::name, name);
        std::visit(AttributeEncoder{attribute}, value);
        putBytes(out, onnx::node::attribute, attribute);
    }
    return out;
}

std::string encodeDimension(const OnnxDimension &dimension)
{
    std::string out;
    if (const auto *length = std::get_if<std::uint64_t>(&dimension))
        putNumber(out, onnx::value::length, *length);
    else if (const auto &symbol = std::get<std::string>(dimension); !symbol.empty())
        putBytes(out, onnx::value::symbol, symbol);
    return out;
}

std::string encodeValue(const OnnxValue &value)
{
    std::string shape;
    for (const OnnxDimension &dimension : value.shape)
        putBytes(shape, onnx::value::dimension, encodeDimension(dimension));
    std::string tensorType;
    putNumber(tensorType, onnx::value::elementType, onnx::numberOf(value.type));
    putBytes(tensorType, onnx::value::shape, shape);
    std::string type;
    putBytes(type, onnx::value::tensorType, tensorType);
    std::string out;
    putBytes(out, onnx::value::name, value.name);
    putBytes(out, onnx::value::type, type);
    return out;
}

std::string encodeGraph(const OnnxModel &model)
{
    std::string out;
    for (const OnnxNode &node : model.nodes)
        putBytes(out, onnx::graph::node, encodeNode(node));
    putBytes(out, onnx::graph::name, model.graphName);
    for (const auto &[name, array] : model.initializers)
        putBytes(out, onnx::graph::initializer, onnx::encodeTensor(name, array));
    for (const OnnxValue &input : model.inputs)
        putBytes(out, onnx::graph::input, encodeValue(input));
    for (const OnnxValue &output : model.outputs)
        putBytes(out, onnx::graph::output, encodeValue(output));
    return out;
}

} // namespace

Result<std::string> encodeOnnx(const OnnxModel &model)
{
    if (const std::string flaw = flawOf(model); !flaw.empty())
        return fail(ErrorCode::Usage, "The model contradicts itself: " + flaw, {}, "nothing was written");
    std::string out;
    putNumber(out, onnx::model::irVersion, static_cast<std::uint64_t>(model.irVersion));
    putBytes(out, onnx::model::producerName, model.producerName);
    putBytes(out, onnx::model::producerVersion, model.producerVersion);
    putBytes(out, onnx::model::graph, encodeGraph(model));
    std::string opset;
    putBytes(opset, onnx::opset::domain, "");
    putNumber(opset, onnx::opset::version, static_cast<std::uint64_t>(model.opset));
    putBytes(out, onnx::model::opsetImport, opset);
    for (const auto &[key, value] : model.metadata)
        putBytes(out, onnx::model::metadata, encodePair(key, value));
    if (out.size() > maximumFileBytes)
        return fail(ErrorCode::Unsupported, "An ONNX file of more than 2 GiB cannot be written", {},
                    "nothing was written");
    return out;
}

} // namespace bottega
