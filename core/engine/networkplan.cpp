// SPDX-License-Identifier: Apache-2.0
#include "core/engine/networkspec.h"

#include <algorithm>
#include <map>
#include <set>

namespace bottega::engine {

namespace {

constexpr std::int64_t mostParameters = std::int64_t{1} << 28;
constexpr std::int64_t mostValues = std::int64_t{1} << 24;

std::string timesText(const Shape &shape)
{
    std::string text;
    for (const std::int64_t extent : shape)
        text += (text.empty() ? "" : " × ") + std::to_string(extent);
    return text;
}

const char *prefixOf(LayerType type)
{
    switch (type) {
    case LayerType::Linear: return "l"; // as Chainer's examples name them
    case LayerType::Conv2d: return "conv";
    case LayerType::BatchNorm: return "bn";
    default: return layerTypeName(type);
    }
}

class Planner
{
public:
    Planner(const NetworkSpec &spec, const Shape &picture, std::int64_t classes) : m_spec(spec)
    {
        m_plan.picture = picture;
        m_plan.classes = classes;
    }

    Result<NetworkPlan> plan()
    {
        Shape shape = m_plan.picture;
        for (std::size_t i = 0; i < m_spec.layers.size(); ++i) {
            LayerPlan layer;
            layer.spec = m_spec.layers[i];
            layer.input = shape;
            if (auto named = giveName(layer.spec, i); !named)
                return fail(named.error());
            if (auto planned = planLayer(layer, i + 1 == m_spec.layers.size()); !planned)
                return fail(planned.error());
            shape = layer.output;
            m_plan.layers.push_back(std::move(layer));
        }
        return finished();
    }

private:
    Result<void> giveName(LayerSpec &layer, std::size_t index)
    {
        const int number = ++m_counts[layer.type];
        if (layer.name.empty())
            layer.name = prefixOf(layer.type) + std::to_string(number);
        m_place = "layer " + std::to_string(index + 1) + " (" + layerTypeName(layer.type) + " " + layer.name + ")";
        if (layer.name == "input" || !m_names.insert(layer.name).second)
            return wrong("the name is taken");
        return {};
    }

    [[nodiscard]] tl::unexpected<Error> wrong(const std::string &what) const
    {
        return fail(ErrorCode::Usage, m_place + ": " + what);
    }

    Result<void> planLayer(LayerPlan &layer, bool isLast)
    {
        layer.output = layer.input;
        Result<void> planned;
        switch (layer.spec.type) {
        case LayerType::Linear: planned = planLinear(layer, isLast); break;
        case LayerType::Conv2d: planned = planConvolution(layer); break;
        case LayerType::MaxPool:
        case LayerType::AveragePool: planned = planWindow(layer, layer.input.front()); break;
        case LayerType::BatchNorm: planBatchNorm(layer); break;
        case LayerType::Flatten: layer.output = {elementCount(layer.input)}; break;
        case LayerType::Add: planned = planAdd(layer); break;
        case LayerType::Relu:
        case LayerType::Gelu:
        case LayerType::Tanh:
        case LayerType::Dropout: break;
        }
        return planned ? count(layer) : planned;
    }

    Result<void> planLinear(LayerPlan &layer, bool isLast)
    {
        std::int64_t units = layer.spec.units;
        if (units == 0 && !isLast)
            return wrong("it lacks \"units\"; only the last layer takes the number of classes by itself");
        if (units == 0)
            units = m_plan.classes;
        layer.spec.units = units;
        const std::int64_t inputs = elementCount(layer.input);
        layer.output = {units};
        layer.parameters = {{layer.spec.name + "/W", {units, inputs}, true}, {layer.spec.name + "/b", {units}, false}};
        layer.multiplyAdds = double(inputs) * double(units);
        return {};
    }

    Result<void> planConvolution(LayerPlan &layer)
    {
        if (auto planned = planWindow(layer, layer.spec.units); !planned)
            return planned;
        const std::int64_t channels = layer.input.front(), kernel = layer.spec.kernel, units = layer.spec.units;
        layer.parameters = {{layer.spec.name + "/W", {units, channels, kernel, kernel}, true},
                            {layer.spec.name + "/b", {units}, false}};
        layer.multiplyAdds = double(elementCount(layer.output)) * double(channels * kernel * kernel);
        return {};
    }

    Result<void> planWindow(LayerPlan &layer, std::int64_t outChannels)
    {
        if (layer.input.size() != 3)
            return wrong("it needs pictures [channels, height, width], but the layer before gives " +
                         timesText(layer.input) + " values");
        const LayerSpec &spec = layer.spec;
        const std::int64_t height = layer.input[1], width = layer.input[2];
        if (spec.padding >= spec.kernel)
            return wrong("the padding of " + std::to_string(spec.padding) + " must be below the kernel of " +
                         std::to_string(spec.kernel));
        if (spec.kernel > height + 2 * spec.padding || spec.kernel > width + 2 * spec.padding)
            return wrong("the kernel of " + std::to_string(spec.kernel) + " does not fit its input of " +
                         timesText({height, width}));
        const Window window = layer.window();
        layer.output = {outChannels, window.outHeight(), window.outWidth()};
        return {};
    }

    static void planBatchNorm(LayerPlan &layer)
    {
        const Shape channels = {layer.input.front()};
        const std::string &name = layer.spec.name;
        layer.parameters = {{name + "/gamma", channels, false},
                            {name + "/beta", channels, false},
                            {name + "/avg_mean", channels, false},
                            {name + "/avg_var", channels, false}};
    }

    Result<void> planAdd(LayerPlan &layer)
    {
        const auto isNamed = [&](const LayerPlan &other) { return other.spec.name == layer.spec.with; };
        const auto other = std::find_if(m_plan.layers.begin(), m_plan.layers.end(), isNamed);
        if (other == m_plan.layers.end() && layer.spec.with != "input")
            return wrong("there is no earlier layer \"" + layer.spec.with + "\"");
        layer.with = other == m_plan.layers.end() ? -1 : other - m_plan.layers.begin();
        const Shape &shape = layer.with < 0 ? m_plan.picture : other->output;
        if (shape != layer.input)
            return wrong("it cannot add " + layer.spec.with + " of " + timesText(shape) + " to " + timesText(layer.input));
        return {};
    }

    Result<void> count(LayerPlan &layer)
    {
        for (std::size_t i = 0; i < layer.parameters.size(); ++i) {
            const bool isTrained = layer.spec.type != LayerType::BatchNorm || i < 2;
            layer.parameterCount += isTrained ? elementCount(layer.parameters[i].shape) : 0;
        }
        m_plan.parameterCount += layer.parameterCount;
        m_plan.activationFloats += elementCount(layer.output);
        const bool isFirstTrained = layer.multiplyAdds > 0 && !m_isAnyTrained;
        m_plan.trainingFlops += 2 * layer.multiplyAdds * (isFirstTrained ? 2 : 3);
        m_isAnyTrained |= layer.parameterCount > 0;
        if (m_plan.parameterCount > mostParameters)
            return wrong("with it the network has " + std::to_string(m_plan.parameterCount) + " parameters; " +
                         std::to_string(mostParameters) + " are the most");
        if (elementCount(layer.output) > mostValues)
            return wrong("it gives " + timesText(layer.output) + " values a picture; " + std::to_string(mostValues) +
                         " are the most");
        return {};
    }

    Result<NetworkPlan> finished()
    {
        const Shape &logits = m_plan.layers.back().output;
        if (logits.size() != 1)
            return wrong("the last layer must give one value a class, not " + timesText(logits));
        if (logits.front() < m_plan.classes)
            return wrong("it gives " + std::to_string(logits.front()) + " values, but the data have " +
                         std::to_string(m_plan.classes) + " classes");
        if (logits.front() > 256)
            return wrong("it gives " + std::to_string(logits.front()) + " classes; labels are bytes, so 256 at most");
        if (m_plan.parameterCount == 0)
            return wrong("no layer of the network has parameters, so there is nothing to train");
        m_plan.classes = logits.front();
        return std::move(m_plan);
    }

    const NetworkSpec &m_spec;
    NetworkPlan m_plan;
    std::map<LayerType, int> m_counts;
    std::set<std::string> m_names;
    std::string m_place;
    bool m_isAnyTrained = false;
};

} // namespace

Window LayerPlan::window() const
{
    return {input.at(0), input.at(1), input.at(2), spec.kernel, spec.stride, spec.padding};
}

NetworkSpec NetworkPlan::spec() const
{
    NetworkSpec spec;
    for (const LayerPlan &layer : layers)
        spec.layers.push_back(layer.spec);
    return spec;
}

Result<NetworkPlan> planNetwork(const NetworkSpec &spec, const Shape &picture, std::int64_t classes)
{
    if (spec.layers.empty())
        return fail(ErrorCode::Usage, "The network has no layers");
    if (classes < 1)
        return fail(ErrorCode::Usage, "No network tells " + std::to_string(classes) + " classes apart");
    return Planner(spec, picture, classes).plan();
}

double trainingBytes(const NetworkPlan &plan, const UpdateRule &rule, std::int64_t batchSize)
{
    const int copies = 1 + rule.hasFirst() + rule.hasSecond() + (rule.averageDecay > 0);
    const auto blocks = static_cast<double>((batchSize + Tensor::blockSize - 1) / Tensor::blockSize);
    const double values = double(plan.parameterCount) * copies +
                          blocks * Tensor::blockSize * (2 * double(plan.activationFloats) + double(elementCount(plan.picture)));
    return values * sizeof(float);
}

} // namespace bottega::engine
