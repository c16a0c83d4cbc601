// SPDX-License-Identifier: Apache-2.0
#include "tests/core/formats/convnet.h"

#include <algorithm>
#include <cmath>

namespace bottega::test {

namespace {

constexpr std::size_t batch = 2;

using Values = std::vector<double>;

std::vector<float> draw(std::mt19937 &random, std::size_t count, float low, float high)
{
    std::vector<float> values(count);
    for (float &value : values)
        value = low + (high - low) * static_cast<float>(random()) / static_cast<float>(std::mt19937::max());
    return values;
}

template <class Function>
Values map(Values x, Function function)
{
    std::transform(x.begin(), x.end(), x.begin(), function);
    return x;
}

/// Windows of 2×2 with stride 2 over planes of `size` × `size`, the last row and column of an odd one left out.
template <class Reduce>
Values pool(const Values &x, std::size_t size, Reduce reduce)
{
    Values out;
    for (std::size_t plane = 0; plane < x.size() / (size * size); ++plane) {
        for (std::size_t row = 0; row + 1 < size; row += 2) {
            for (std::size_t column = 0; column + 1 < size; column += 2) {
                const double *corner = x.data() + (plane * size + row) * size + column;
                out.push_back(reduce(corner[0], corner[1], corner[size], corner[size + 1]));
            }
        }
    }
    return out;
}

double gelu(double x)
{
    return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0)));
}

Values softmax(Values x, std::size_t classes)
{
    for (auto row = x.begin(); row != x.end(); row += static_cast<std::ptrdiff_t>(classes)) {
        const auto end = row + static_cast<std::ptrdiff_t>(classes);
        double sum = 0;
        std::for_each(row, end, [&](double &value) { sum += value = std::exp(value); });
        std::for_each(row, end, [&](double &value) { value /= sum; });
    }
    return x;
}

} // namespace

ConvNet::ConvNet()
{
    using Ints = std::vector<std::int64_t>;
    m_input = draw(m_random, batch * 2 * 8 * 8, -1, 1);
    m_model.producerName = "bottega";
    m_model.graphName = "net";
    m_model.metadata["recipe"] = "test";
    m_model.inputs = {{"x", NpyType::Float32, {"N", 2ull, 8ull, 8ull}}};
    m_model.outputs = {{"softmax", NpyType::Float32, {"N", 5ull}}};
    addWeights("conv1/W", {4, 2, 3, 3});
    addWeights("conv1/b", {4});
    addWeights("norm/scale", {4}, 0.5f, 1.5f);
    addWeights("norm/shift", {4});
    addWeights("norm/mean", {4});
    addWeights("norm/variance", {4}, 0.2f, 2);
    addWeights("conv2/W", {3, 4, 3, 3});
    addWeights("conv2/b", {3});
    addWeights("fc1/W", {6, 3});
    addWeights("fc1/b", {6});
    addWeights("fc2/W", {6, 6});
    addWeights("fc2/b", {6});
    addWeights("fc3/W", {5, 6});
    addWeights("fc3/b", {5});
    addWeights("scales", {5}, 0.5f, 4);
    const float constants[] = {static_cast<float>(std::sqrt(0.5)), 1, 0.5f};
    m_model.initializers["root"] = NpyArray::fromFloats({}, constants);
    m_model.initializers["one"] = NpyArray::fromFloats({}, constants + 1);
    m_model.initializers["half"] = NpyArray::fromFloats({}, constants + 2);

    add("Conv", "conv1", {"x", "conv1/W", "conv1/b"},
        {{"kernel_shape", Ints{3, 3}}, {"pads", Ints{1, 1, 1, 1}}, {"strides", Ints{1, 1}}});
    add("BatchNormalization", "norm", {"conv1", "norm/scale", "norm/shift", "norm/mean", "norm/variance"},
        {{"epsilon", 1e-5f}});
    add("Relu", "relu", {"norm"});
    add("MaxPool", "maxpool", {"relu"}, {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}});
    add("Conv", "conv2", {"maxpool", "conv2/W", "conv2/b"}, {{"kernel_shape", Ints{3, 3}}});
    add("Tanh", "tanh", {"conv2"});
    add("AveragePool", "averagepool", {"tanh"}, {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}});
    add("Flatten", "flat", {"averagepool"}, {{"axis", 1}});
    add("Gemm", "fc1", {"flat", "fc1/W", "fc1/b"}, {{"transB", 1}});
    add("Gelu", "gelu", {"fc1"}, {{"approximate", "none"}});
    add("Gemm", "fc2", {"gelu", "fc2/W", "fc2/b"}, {{"transB", 1}});
    add("Mul", "scaled", {"fc2", "root"});
    add("Erf", "erf", {"scaled"});
    add("Add", "raised", {"erf", "one"});
    add("Mul", "halved", {"fc2", "half"});
    add("Mul", "gelu2", {"halved", "raised"});
    add("Dropout", "dropout", {"gelu2"});
    add("Add", "residual", {"gelu", "dropout"});
    add("Gemm", "fc3", {"residual", "fc3/W", "fc3/b"}, {{"transB", 1}});
    add("Mul", "logits", {"fc3", "scales"});
    add("Softmax", "softmax", {"logits"}, {{"axis", -1}});
}

void ConvNet::addWeights(const std::string &name, std::vector<std::uint64_t> shape, float low, float high)
{
    std::size_t count = 1;
    for (const std::uint64_t length : shape)
        count *= length;
    m_model.initializers[name] = NpyArray::fromFloats(std::move(shape), draw(m_random, count, low, high).data());
}

void ConvNet::add(const std::string &opType, const std::string &name, std::vector<std::string> inputs,
                  std::map<std::string, OnnxAttribute> attributes)
{
    m_model.nodes.push_back({opType, name, std::move(inputs), {name}, std::move(attributes)});
}

NpyArray ConvNet::input() const
{
    return NpyArray::fromFloats({batch, 2, 8, 8}, m_input.data());
}

Values ConvNet::weights(const std::string &name) const
{
    const auto floats = m_model.initializers.at(name).toFloats();
    return {floats->begin(), floats->end()};
}

/// Square planes [batch, inputs, size, size] and kernels of 3×3.
Values ConvNet::conv(const Values &x, const std::string &name, std::size_t channels, std::size_t size,
                     std::size_t pad) const
{
    const Values w = weights(name + "/W");
    const Values b = weights(name + "/b");
    const std::size_t inputs = w.size() / (channels * 9);
    const std::size_t outSize = size + 2 * pad - 2;
    Values out;
    for (std::size_t at = 0; at < batch * channels * outSize * outSize; ++at) {
        const std::size_t column = at % outSize;
        const std::size_t row = at / outSize % outSize;
        const std::size_t channel = at / (outSize * outSize) % channels;
        const std::size_t sample = at / (outSize * outSize * channels);
        double sum = b[channel];
        for (std::size_t k = 0; k < inputs * 9; ++k) {
            const std::size_t inRow = row + k % 9 / 3 - pad; // wraps above `size` where it is outside
            const std::size_t inColumn = column + k % 3 - pad;
            if (inRow < size && inColumn < size)
                sum += w[channel * inputs * 9 + k] * x[((sample * inputs + k / 9) * size + inRow) * size + inColumn];
        }
        out.push_back(sum);
    }
    return out;
}

Values ConvNet::gemm(const Values &x, const std::string &name, std::size_t outputs) const
{
    const Values w = weights(name + "/W");
    const Values b = weights(name + "/b");
    const std::size_t inputs = w.size() / outputs;
    Values out;
    for (std::size_t at = 0; at < batch * outputs; ++at) {
        double sum = b[at % outputs];
        for (std::size_t k = 0; k < inputs; ++k)
            sum += w[at % outputs * inputs + k] * x[at / outputs * inputs + k];
        out.push_back(sum);
    }
    return out;
}

Values ConvNet::forward() const
{
    Values x = conv({m_input.begin(), m_input.end()}, "conv1", 4, 8, 1); // [2, 4, 8, 8]
    const Values scale = weights("norm/scale");
    const Values shift = weights("norm/shift");
    const Values mean = weights("norm/mean");
    const Values variance = weights("norm/variance");
    for (std::size_t i = 0; i < x.size(); ++i) {
        const std::size_t c = i / 64 % 4;
        x[i] = std::max(0.0, scale[c] * (x[i] - mean[c]) / std::sqrt(variance[c] + 1e-5) + shift[c]);
    }
    x = pool(x, 8, [](double a, double b, double c, double d) { return std::max({a, b, c, d}); }); // [2, 4, 4, 4]
    x = map(conv(x, "conv2", 3, 4, 0), [](double value) { return std::tanh(value); });             // [2, 3, 2, 2]
    x = pool(x, 2, [](double a, double b, double c, double d) { return (a + b + c + d) / 4; });    // [2, 3]
    x = map(gemm(x, "fc1", 6), gelu);
    const Values y = map(gemm(x, "fc2", 6), gelu);
    std::transform(x.begin(), x.end(), y.begin(), x.begin(), std::plus<>());
    x = gemm(x, "fc3", 5);
    const Values scales = weights("scales");
    for (std::size_t i = 0; i < x.size(); ++i)
        x[i] *= scales[i % 5];
    return softmax(x, 5);
}

} // namespace bottega::test
