// SPDX-License-Identifier: Apache-2.0
#include "core/engine/network.h"

#include "core/base/safename.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>

namespace bottega::engine {

namespace {

constexpr float pixelScale = 1.0f / 255.0f;
constexpr std::size_t maximumLayers = 64;
constexpr std::int64_t maximumExtent = 65'536;

Shape shapeOf(const NpyArray &array)
{
    return {array.shape.begin(), array.shape.end()};
}

std::string layerKey(std::size_t layer, const char *parameter)
{
    return "l" + std::to_string(layer + 1) + "/" + parameter;
}

void save(Backend &backend, const Tensor &tensor, NpzArrays &arrays, const std::string &key)
{
    std::vector<float> values(static_cast<std::size_t>(tensor.rows() * tensor.columns()));
    backend.download(tensor, values);
    arrays[key] = NpyArray::fromFloats({tensor.shape().begin(), tensor.shape().end()}, values.data());
}

tl::unexpected<Error> corrupt(const std::string &what)
{
    return fail(ErrorCode::Corrupt, what, {}, "the weights were not used");
}

Result<const NpyArray *> findArray(const NpzArrays &arrays, const std::string &key)
{
    const auto found = arrays.find(key);
    if (found != arrays.end())
        return &found->second;
    std::string present;
    for (const auto &[name, array] : arrays)
        present += (present.empty() ? "" : ", ") + name;
    return corrupt("The weights lack " + key + "; they have " + (present.empty() ? "nothing" : printable(present)));
}

/// The largest number in keys of the form l<number>/…; 0 where there is none.
std::size_t lastLayer(const NpzArrays &arrays)
{
    std::size_t last = 0;
    for (const auto &[key, array] : arrays) {
        std::size_t number = 0;
        const auto [stop, failure] = std::from_chars(key.data() + std::min<std::size_t>(1, key.size()),
                                                     key.data() + key.size(), number);
        if (key.starts_with('l') && failure == std::errc() && stop != key.data() + key.size() && *stop == '/')
            last = std::max(last, number);
    }
    return last;
}

Result<void> load(Backend &backend, Tensor &tensor, const NpzArrays &arrays, const std::string &key)
{
    const auto array = findArray(arrays, key);
    if (!array)
        return fail(array.error());
    if (shapeOf(**array) != tensor.shape())
        return corrupt(key + " has the shape " + shapeText(shapeOf(**array)) + ", not " + shapeText(tensor.shape()));
    const auto values = (*array)->toFloats();
    if (!values)
        return corrupt(key + ": " + values.error().what);
    const auto wrong = std::find_if_not(values->begin(), values->end(), [](float v) { return std::isfinite(v); });
    if (wrong != values->end())
        return corrupt(key + " holds " + (std::isnan(*wrong) ? "NaN" : "infinity") + " at index " +
                       std::to_string(wrong - values->begin()));
    backend.upload(*values, tensor);
    return {};
}

} // namespace

Network::Network(Backend &backend, const std::vector<std::int64_t> &extents) : m_backend(backend)
{
    if (extents.size() < 2)
        throw std::invalid_argument("a network needs at least one layer");
    for (std::size_t i = 1; i < extents.size(); ++i) {
        const Shape matrix = {extents[i], extents[i - 1]};
        const Shape vector = {extents[i]};
        m_layers.push_back({backend.allocate(matrix), backend.allocate(vector), backend.allocate(matrix),
                            backend.allocate(vector), i + 1 < extents.size() ? Activation::Relu : Activation::None});
    }
}

void Network::initialize(Random &random)
{
    for (LinearLayer &layer : m_layers) {
        const double deviation = 1 / std::sqrt(static_cast<double>(layer.inputs()));
        std::vector<float> values(static_cast<std::size_t>(layer.inputs() * layer.outputs()));
        for (float &value : values)
            value = static_cast<float>(random.normal() * deviation);
        m_backend.upload(values, layer.weights);
    }
}

std::int64_t Network::parameterCount() const
{
    std::int64_t count = 0;
    for (const LinearLayer &layer : m_layers)
        count += (layer.inputs() + 1) * layer.outputs();
    return count;
}

Workspace Network::makeWorkspace(std::int64_t batchSize, bool isTraining) const
{
    Workspace workspace;
    workspace.input = m_backend.allocate({features(), batchSize});
    for (const LinearLayer &layer : m_layers) {
        workspace.outputs.push_back(m_backend.allocate({layer.outputs(), batchSize}));
        if (isTraining)
            workspace.gradients.push_back(m_backend.allocate({layer.outputs(), batchSize}));
    }
    workspace.losses = m_backend.allocate({batchSize});
    workspace.classes = m_backend.allocate({batchSize});
    workspace.confidences = m_backend.allocate({batchSize});
    return workspace;
}

void Network::forward(const Batch &batch, Workspace &workspace) const
{
    m_backend.gather(batch, pixelScale, workspace.input);
    const Tensor *input = &workspace.input;
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        const LinearLayer &layer = m_layers[i];
        m_backend.linearForward({layer.weights, layer.bias, *input, workspace.outputs[i], layer.activation});
        input = &workspace.outputs[i];
    }
}

void Network::step(const Batch &batch, const MomentumRule &rule, Workspace &workspace)
{
    auto &[input, outputs, gradients, losses, classes, confidences] = workspace;
    forward(batch, workspace);
    m_backend.softmaxCrossEntropy({outputs.back(), batch, losses, gradients.back()});
    for (std::size_t i = m_layers.size() - 1; i > 0; --i)
        m_backend.linearInputGradient({m_layers[i].weights, gradients[i], &outputs[i - 1], gradients[i - 1]});
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        LinearLayer &layer = m_layers[i];
        m_backend.linearMomentumStep({i == 0 ? input : outputs[i - 1], gradients[i], layer.weights,
                                      layer.weightVelocity, layer.bias, layer.biasVelocity, rule});
    }
}

void Network::predict(const Batch &batch, Workspace &workspace) const
{
    forward(batch, workspace);
    m_backend.softmaxPrediction(
        {workspace.outputs.back(), batch, workspace.losses, workspace.classes, workspace.confidences});
}

void Network::saveWeights(NpzArrays &arrays, const std::string &prefix) const
{
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        save(m_backend, m_layers[i].weights, arrays, prefix + layerKey(i, "W"));
        save(m_backend, m_layers[i].bias, arrays, prefix + layerKey(i, "b"));
    }
}

void Network::saveVelocities(NpzArrays &arrays, const std::string &prefix) const
{
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        save(m_backend, m_layers[i].weightVelocity, arrays, prefix + layerKey(i, "W"));
        save(m_backend, m_layers[i].biasVelocity, arrays, prefix + layerKey(i, "b"));
    }
}

Result<void> Network::loadWeights(const NpzArrays &arrays, const std::string &prefix)
{
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        if (auto loaded = load(m_backend, m_layers[i].weights, arrays, prefix + layerKey(i, "W")); !loaded)
            return loaded;
        if (auto loaded = load(m_backend, m_layers[i].bias, arrays, prefix + layerKey(i, "b")); !loaded)
            return loaded;
    }
    return {};
}

Result<void> Network::loadVelocities(const NpzArrays &arrays, const std::string &prefix)
{
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        if (auto loaded = load(m_backend, m_layers[i].weightVelocity, arrays, prefix + layerKey(i, "W")); !loaded)
            return loaded;
        if (auto loaded = load(m_backend, m_layers[i].biasVelocity, arrays, prefix + layerKey(i, "b")); !loaded)
            return loaded;
    }
    return {};
}

Result<std::vector<std::int64_t>> networkExtents(const NpzArrays &arrays)
{
    std::vector<std::int64_t> extents;
    for (std::size_t i = 0; i == 0 || arrays.contains(layerKey(i, "W")); ++i) {
        const auto array = findArray(arrays, layerKey(i, "W"));
        if (!array)
            return fail(array.error());
        const Shape shape = shapeOf(**array);
        const auto isExtent = [](std::int64_t extent) { return extent >= 1 && extent <= maximumExtent; };
        if (shape.size() != 2 || !isExtent(shape[0]) || !isExtent(shape[1]) || i == maximumLayers)
            return corrupt(layerKey(i, "W") + " has the shape " + shapeText(shape) +
                           ": up to 64 layers [out, in] of at most 65,536 each are read");
        if (i > 0 && shape[1] != extents.back())
            return corrupt(layerKey(i, "W") + " reads " + std::to_string(shape[1]) + " values, but the layer before gives " +
                           std::to_string(extents.back()));
        if (i == 0)
            extents.push_back(shape[1]);
        extents.push_back(shape[0]);
    }
    // A layer further on means that one in between is missing, not that the net ends here.
    if (const std::size_t layers = extents.size() - 1; lastLayer(arrays) > layers)
        return corrupt("The weights lack " + layerKey(layers, "W") + ", but have l" + std::to_string(lastLayer(arrays)));
    if (extents.back() > 256)
        return corrupt("The net has " + std::to_string(extents.back()) + " classes; labels are bytes, so 256 at most");
    return extents;
}

} // namespace bottega::engine
