// SPDX-License-Identifier: Apache-2.0
#include "core/engine/exchange.h"

#include "core/base/safename.h"
#include "core/engine/networkfile.h"
#include "core/formats/safetensors/safetensors.h"

#include <algorithm>
#include <map>
#include <set>

namespace bottega::engine {

namespace {

constexpr const char *inputName = "pictures";
constexpr const char *outputName = "logits";
constexpr const char *networkKey = "network";
constexpr float normEpsilon = 1e-5f;

using Ints = std::vector<std::int64_t>;

std::vector<OnnxDimension> dimensions(const Shape &sampleShape)
{
    std::vector<OnnxDimension> result = {std::string("N")};
    for (const std::int64_t extent : sampleShape)
        result.emplace_back(static_cast<std::uint64_t>(extent));
    return result;
}

/// Writes layer after layer; values are named like the layers that give them.
class GraphWriter
{
public:
    GraphWriter(const NetworkPlan &plan, const NpzArrays &weights) : m_plan(plan)
    {
        m_model.producerName = "Bottega";
        m_model.producerVersion = BOTTEGA_VERSION;
        m_model.graphName = "network";
        m_model.metadata["pictures"] = "pixels / 255";
        m_model.inputs = {{inputName, NpyType::Float32, dimensions(plan.picture)}};
        m_model.outputs = {{outputName, NpyType::Float32, dimensions(plan.layers.back().output)}};
        for (const LayerPlan &layer : plan.layers) {
            for (const ParameterPlan &parameter : layer.parameters)
                m_model.initializers[parameter.name] = weights.at(parameter.name);
        }
    }

    OnnxModel write()
    {
        for (std::size_t i = 0; i < m_plan.layers.size(); ++i)
            addLayer(i);
        return std::move(m_model);
    }

private:
    [[nodiscard]] std::string valueOf(std::int64_t layer) const
    {
        if (layer < 0)
            return inputName;
        return layer + 1 == static_cast<std::int64_t>(m_plan.layers.size())
                   ? outputName
                   : m_plan.layers[static_cast<std::size_t>(layer)].spec.name;
    }

    void addLayer(std::size_t i)
    {
        const LayerPlan &layer = m_plan.layers[i];
        OnnxNode node;
        node.name = layer.spec.name;
        node.inputs = {valueOf(static_cast<std::int64_t>(i) - 1)};
        node.outputs = {valueOf(static_cast<std::int64_t>(i))};
        for (const ParameterPlan &parameter : layer.parameters)
            node.inputs.push_back(parameter.name);
        switch (layer.spec.type) {
        case LayerType::Linear:
            node.opType = "Gemm";
            node.attributes["transB"] = std::int64_t{1};
            if (layer.input.size() > 1)
                node.inputs.front() = addFlatten(node.inputs.front(), layer.spec.name + "/flat");
            break;
        case LayerType::Conv2d: addWindow(node, "Conv", layer.spec); break;
        case LayerType::MaxPool: addWindow(node, "MaxPool", layer.spec); break;
        case LayerType::AveragePool:
            addWindow(node, "AveragePool", layer.spec);
            node.attributes["count_include_pad"] = std::int64_t{1};
            break;
        case LayerType::Relu: node.opType = "Relu"; break;
        case LayerType::Gelu: node.opType = "Gelu"; break;
        case LayerType::Tanh: node.opType = "Tanh"; break;
        case LayerType::BatchNorm:
            node.opType = "BatchNormalization";
            node.attributes["epsilon"] = normEpsilon;
            break;
        case LayerType::Dropout: {
            node.opType = "Dropout";
            const auto rate = static_cast<float>(layer.spec.rate);
            m_model.initializers[layer.spec.name + "/rate"] = NpyArray::fromFloats({}, &rate);
            node.inputs.push_back(layer.spec.name + "/rate");
            break;
        }
        case LayerType::Flatten:
            node.opType = "Flatten";
            node.attributes["axis"] = std::int64_t{1};
            break;
        case LayerType::Add:
            node.opType = "Add";
            node.inputs.push_back(valueOf(layer.with));
            break;
        }
        m_model.nodes.push_back(std::move(node));
    }

    static void addWindow(OnnxNode &node, const char *opType, const LayerSpec &spec)
    {
        node.opType = opType;
        node.attributes["kernel_shape"] = Ints{spec.kernel, spec.kernel};
        node.attributes["strides"] = Ints{spec.stride, spec.stride};
        node.attributes["pads"] = Ints(4, spec.padding);
    }

    std::string addFlatten(const std::string &input, const std::string &output)
    {
        m_model.nodes.push_back({"Flatten", output, {input}, {output}, {{"axis", std::int64_t{1}}}});
        return output;
    }

    const NetworkPlan &m_plan;
    OnnxModel m_model;
};

/// Follows the graph node by node. Every attribute must have been understood: one left over would change the result.
class GraphReader
{
public:
    explicit GraphReader(const OnnxModel &model) : m_model(model) {}

    Result<NpzArrays> read()
    {
        if (m_model.inputs.size() != 1 || m_model.outputs.size() != 1)
            return unsupported("the graph must have one input and one output");
        m_value = m_model.inputs.front().name;
        m_layerOf[m_value] = "input";
        for (const OnnxNode &node : m_model.nodes) {
            m_place = "node " + printable(node.name.empty() ? node.opType : node.name, 60) + ": ";
            if (auto read = readNode(node); !read)
                return fail(read.error());
        }
        m_place.clear();
        if (m_value != m_model.outputs.front().name)
            return unsupported("the output is not what the last node gives");
        return finished();
    }

private:
    [[nodiscard]] tl::unexpected<Error> unsupported(const std::string &what) const
    {
        return fail(ErrorCode::Unsupported, m_place + what, "ONNX graph", "nothing was imported",
                    "Graphs that Bottega exported can be imported");
    }

    Result<void> readNode(const OnnxNode &node)
    {
        if (node.inputs.empty() || node.outputs.size() != 1 || (node.inputs.front() != m_value && node.opType != "Add"))
            return unsupported("the nodes must form one chain");
        LayerSpec layer;
        layer.name = node.name;
        m_attributes = node.attributes;
        Result<void> read = readType(node, layer);
        if (read && !m_attributes.empty())
            return unsupported("its attribute " + printable(m_attributes.begin()->first, 40) + " is not known");
        if (!read)
            return read;
        m_value = node.outputs.front();
        const bool isImplied = layer.type == LayerType::Flatten && node.name.ends_with("/flat");
        m_layerOf[m_value] = layer.name;
        if (!isImplied)
            m_spec.layers.push_back(layer);
        return {};
    }

    Result<void> readType(const OnnxNode &node, LayerSpec &layer)
    {
        const std::string &type = node.opType;
        if (type == "Gemm")
            return readGemm(node, layer);
        if (type == "Conv")
            return readConvolution(node, layer);
        if (type == "MaxPool" || type == "AveragePool") {
            layer.type = type == "MaxPool" ? LayerType::MaxPool : LayerType::AveragePool;
            const bool isWhole = type == "MaxPool" || takeInteger("count_include_pad", 0) == 1;
            return isWhole ? readWindow(layer) : unsupported("its padding is not counted");
        }
        if (type == "BatchNormalization") {
            layer.type = LayerType::BatchNorm;
            return takeReal("epsilon", normEpsilon) == normEpsilon
                       ? takeWeights(node, layer, {"/gamma", "/beta", "/avg_mean", "/avg_var"})
                       : unsupported("its epsilon is not 1e-5");
        }
        if (type == "Dropout")
            return readDropout(node, layer);
        if (type == "Add")
            return readAdd(node, layer);
        if (type == "Flatten") {
            layer.type = LayerType::Flatten;
            return takeInteger("axis", 1) == 1 ? Result<void>() : unsupported("its axis is not 1");
        }
        for (const auto &[name, plain] : {std::pair("Relu", LayerType::Relu), std::pair("Gelu", LayerType::Gelu),
                                          std::pair("Tanh", LayerType::Tanh)}) {
            if (type == name) {
                layer.type = plain;
                return {};
            }
        }
        return unsupported("the operation " + printable(type, 40) + " is not known");
    }

    Result<void> readGemm(const OnnxNode &node, LayerSpec &layer)
    {
        layer.type = LayerType::Linear;
        if (takeInteger("transB", 0) != 1 || takeInteger("transA", 0) != 0 || takeReal("alpha", 1) != 1 || takeReal("beta", 1) != 1)
            return unsupported("only input · weightsᵀ + bias is read");
        if (auto taken = takeWeights(node, layer, {"/W", "/b"}); !taken)
            return taken;
        layer.units = rowsOf(layer.name + "/W");
        return {};
    }

    Result<void> readConvolution(const OnnxNode &node, LayerSpec &layer)
    {
        layer.type = LayerType::Conv2d;
        if (takeInteger("group", 1) != 1)
            return unsupported("its channels are grouped");
        if (auto read = readWindow(layer); !read)
            return read;
        if (auto taken = takeWeights(node, layer, {"/W", "/b"}); !taken)
            return taken;
        layer.units = rowsOf(layer.name + "/W");
        return {};
    }

    Result<void> readWindow(LayerSpec &layer)
    {
        const Ints kernel = takeIntegers("kernel_shape", {}), strides = takeIntegers("strides", {1, 1});
        const Ints pads = takeIntegers("pads", {0, 0, 0, 0}), dilations = takeIntegers("dilations", {1, 1});
        const auto isUniform = [](const Ints &values, std::size_t count) {
            return values.size() == count && std::set<std::int64_t>(values.begin(), values.end()).size() == 1;
        };
        if (!isUniform(kernel, 2) || !isUniform(strides, 2) || !isUniform(pads, 4) || dilations != Ints{1, 1} ||
            takeInteger("ceil_mode", 0) != 0)
            return unsupported("only square windows with even padding are read");
        layer.kernel = kernel[0];
        layer.stride = strides[0];
        layer.padding = pads[0];
        return {};
    }

    Result<void> readDropout(const OnnxNode &node, LayerSpec &layer)
    {
        layer.type = LayerType::Dropout;
        if (node.inputs.size() < 2)
            return {};
        const auto found = m_model.initializers.find(node.inputs[1]);
        const auto values = found == m_model.initializers.end() ? fail(ErrorCode::NotFound, "") : found->second.toFloats();
        if (!values || values->size() != 1)
            return unsupported("its rate is no number");
        layer.rate = values->front();
        return {};
    }

    Result<void> readAdd(const OnnxNode &node, LayerSpec &layer)
    {
        layer.type = LayerType::Add;
        const bool isSecond = node.inputs.size() == 2 && node.inputs[1] == m_value && node.inputs[0] != m_value;
        if (node.inputs.size() != 2 || (node.inputs[0] != m_value && !isSecond))
            return unsupported("the nodes must form one chain");
        const auto other = m_layerOf.find(node.inputs[isSecond ? 0 : 1]);
        if (other == m_layerOf.end())
            return unsupported("it adds something that is no earlier layer");
        layer.with = other->second;
        return {};
    }

    /// Initializers after the node's input, in this order, become the layer's parameters.
    Result<void> takeWeights(const OnnxNode &node, const LayerSpec &layer, const std::vector<const char *> &suffixes)
    {
        if (node.inputs.size() != suffixes.size() + 1)
            return unsupported("it has " + std::to_string(node.inputs.size() - 1) + " weights, not " +
                               std::to_string(suffixes.size()));
        for (std::size_t i = 0; i < suffixes.size(); ++i) {
            const auto found = m_model.initializers.find(node.inputs[i + 1]);
            if (found == m_model.initializers.end())
                return unsupported("its weights " + printable(node.inputs[i + 1], 60) + " are not in the file");
            m_weights[layer.name + suffixes[i]] = found->second;
        }
        return {};
    }

    [[nodiscard]] std::int64_t rowsOf(const std::string &key) const
    {
        const auto &shape = m_weights.at(key).shape;
        return shape.empty() ? 0 : static_cast<std::int64_t>(shape.front());
    }

    template <class T>
    T take(const char *name, T fallback)
    {
        const auto found = m_attributes.find(name);
        if (found == m_attributes.end() || !std::holds_alternative<T>(found->second))
            return fallback; // one of another type stays and is refused with the rest
        T value = std::get<T>(found->second);
        m_attributes.erase(found);
        return value;
    }
    std::int64_t takeInteger(const char *name, std::int64_t fallback) { return take(name, fallback); }
    float takeReal(const char *name, float fallback) { return take(name, fallback); }
    Ints takeIntegers(const char *name, Ints fallback) { return take(name, std::move(fallback)); }

    Result<NpzArrays> finished()
    {
        const auto &dimensions = m_model.inputs.front().shape;
        Shape picture;
        for (std::size_t i = 1; i < dimensions.size(); ++i) {
            const auto *extent = std::get_if<std::uint64_t>(&dimensions[i]);
            picture.push_back(extent && *extent <= 65'536 ? static_cast<std::int64_t>(*extent) : 0);
        }
        if ((picture.size() != 1 && picture.size() != 3) || *std::min_element(picture.begin(), picture.end()) < 1)
            return unsupported("the input must be [N, channels, height, width] or [N, values]");
        // Described and parsed like any other description: names and extents are of foreign origin.
        const auto spec = parseNetwork(dumpJson(networkToJson(m_spec)));
        if (!spec)
            return unsupported(spec.error().what);
        const auto plan = planNetwork(*spec, picture, 1);
        if (!plan)
            return unsupported(plan.error().what);
        describeNetwork(*plan, m_weights);
        return std::move(m_weights);
    }

    const OnnxModel &m_model;
    NetworkSpec m_spec;
    NpzArrays m_weights;
    std::string m_value;                            // what the last node gives
    std::map<std::string, std::string> m_layerOf;   // value → the layer that gives it
    std::map<std::string, OnnxAttribute> m_attributes; // of the node, not yet understood
    std::string m_place;
};

tl::unexpected<Error> unknownEnding(const std::filesystem::path &path)
{
    return fail(ErrorCode::Usage, "Weights are files that end with .npz, .safetensors or .onnx", path.string());
}

} // namespace

Result<OnnxModel> onnxOfWeights(const NpzArrays &weights)
{
    const auto plan = planOfWeights(weights);
    if (!plan)
        return fail(plan.error());
    for (const LayerPlan &layer : plan->layers) {
        for (const ParameterPlan &parameter : layer.parameters) {
            const auto found = weights.find(parameter.name);
            const std::vector<std::uint64_t> shape(parameter.shape.begin(), parameter.shape.end());
            if (found == weights.end() || found->second.shape != shape || found->second.type != NpyType::Float32)
                return fail(ErrorCode::Corrupt, "The weights lack " + parameter.name + " as float32 of " + shapeText(parameter.shape));
        }
    }
    return GraphWriter(*plan, weights).write();
}

Result<NpzArrays> weightsOfOnnx(const OnnxModel &model)
{
    return GraphReader(model).read();
}

bool isWeightsFile(const std::string &path)
{
    return path.ends_with(".npz") || path.ends_with(".safetensors") || path.ends_with(".onnx");
}

Result<NpzArrays> readWeights(const std::filesystem::path &path)
{
    const std::string ending = path.extension().string();
    if (ending == ".npz")
        return readNpz(path);
    if (ending == ".safetensors") {
        auto content = readSafetensors(path);
        if (!content)
            return fail(content.error());
        if (const auto network = content->metadata.find(networkKey); network != content->metadata.end())
            content->arrays[networkKey] = {NpyType::UInt8, {network->second.size()}, network->second};
        return std::move(content->arrays);
    }
    if (ending != ".onnx")
        return unknownEnding(path);
    const auto model = readOnnx(path);
    if (!model)
        return fail(model.error());
    auto weights = weightsOfOnnx(*model);
    if (!weights)
        weights.error().where = path.string();
    return weights;
}

Result<void> writeWeights(const std::filesystem::path &path, const NpzArrays &weights)
{
    const std::string ending = path.extension().string();
    if (ending == ".npz")
        return writeNpz(path, weights);
    if (ending == ".safetensors") {
        Safetensors content = {weights, {}};
        if (const auto network = weights.find(networkKey); network != weights.end()) {
            content.metadata[networkKey] = network->second.bytes;
            content.arrays.erase(networkKey);
        }
        return writeSafetensors(path, content);
    }
    if (ending != ".onnx")
        return unknownEnding(path);
    const auto model = onnxOfWeights(weights);
    if (!model)
        return fail(model.error());
    return writeOnnx(path, *model);
}

} // namespace bottega::engine
