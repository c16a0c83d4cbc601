// SPDX-License-Identifier: Apache-2.0
#include "core/engine/programbuilder.h"

#include <algorithm>

namespace bottega::engine {

ProgramBuilder::ProgramBuilder(Backend &backend, const NetworkPlan &plan,
                               const std::vector<std::unique_ptr<Parameter>> &parameters, const Samples &samples,
                               std::int64_t batchSize)
    : m_backend(backend)
    , m_plan(plan)
    , m_parameters(parameters)
    , m_samples(samples)
    , m_batchSize(batchSize)
    , m_valueOf(plan.layers.size())
    , m_statistics(plan.layers.size())
{
    std::size_t next = 0;
    for (const LayerPlan &layer : plan.layers) {
        m_firstParameter.push_back(next);
        next += layer.parameters.size();
    }
}

Pass ProgramBuilder::training(const TrainingOptions &options)
{
    forward(true, options, false);
    Value &logits = m_values[m_valueOf.back()];
    logits.gradient = makeLike(m_plan.layers.back().output);
    m_program.push_back(ops::SoftmaxCrossEntropy{&m_samples, logits.tensor, m_pass.losses, logits.gradient,
                                                 options.labelSmoothing});
    if (logits.isRelu)
        m_program.push_back(
            ops::ActivateGradient{Activation::Relu, logits.tensor, logits.tensor, logits.gradient, logits.gradient});
    backward(options);
    addWeights(options);
    m_pass.plan = m_backend.compile(std::move(m_program));
    return std::move(m_pass);
}

Pass ProgramBuilder::prediction(bool usesAverages)
{
    forward(false, {}, usesAverages);
    m_pass.probabilities = makeLike(m_plan.layers.back().output);
    m_program.push_back(ops::SoftmaxPrediction{&m_samples, m_values[m_valueOf.back()].tensor, m_pass.losses,
                                               m_pass.probabilities});
    m_pass.plan = m_backend.compile(std::move(m_program));
    return std::move(m_pass);
}

Tensor *ProgramBuilder::make(Shape shape, Layout layout)
{
    return &m_pass.tensors.emplace_back(m_backend.allocate(std::move(shape), layout));
}

Tensor *ProgramBuilder::makeLike(const Shape &sampleShape)
{
    Shape shape = sampleShape;
    shape.push_back(m_batchSize);
    return make(std::move(shape));
}

std::size_t ProgramBuilder::inputOf(std::size_t layer) const
{
    return layer == 0 ? 0 : m_valueOf[layer - 1];
}

std::size_t ProgramBuilder::otherOf(std::size_t layer) const
{
    const std::int64_t with = m_plan.layers[layer].with;
    return with < 0 ? 0 : m_valueOf[static_cast<std::size_t>(with)];
}

/// Whether the ReLU that follows can be part of this layer's own operation: nobody may want to see what comes before it.
bool ProgramBuilder::takesRelu(std::size_t layer) const
{
    const LayerType type = m_plan.layers[layer].spec.type;
    if (type != LayerType::Linear && type != LayerType::Conv2d)
        return false;
    if (layer + 1 == m_plan.layers.size() || m_plan.layers[layer + 1].spec.type != LayerType::Relu)
        return false;
    return std::none_of(m_plan.layers.begin(), m_plan.layers.end(), [layer](const LayerPlan &other) {
        return other.spec.type == LayerType::Add && other.with == static_cast<std::int64_t>(layer);
    });
}

Activation ProgramBuilder::fusedActivation(std::size_t layer) const
{
    return takesRelu(layer) ? Activation::Relu : Activation::None;
}

Parameter &ProgramBuilder::parameter(std::size_t layer, std::size_t index) const
{
    return *m_parameters[m_firstParameter[layer] + index];
}

const Tensor *ProgramBuilder::weights(std::size_t layer, std::size_t index, bool usesAverages) const
{
    const Parameter &found = parameter(layer, index);
    return usesAverages && found.average ? &found.average : &found.value;
}

void ProgramBuilder::addValue(std::size_t layer, Tensor *tensor)
{
    Value value;
    value.tensor = tensor;
    value.isRelu = takesRelu(layer);
    value.hasParameters = m_values[inputOf(layer)].hasParameters || !m_plan.layers[layer].parameters.empty();
    if (m_plan.layers[layer].spec.type == LayerType::Add)
        value.hasParameters |= m_values[otherOf(layer)].hasParameters;
    m_valueOf[layer] = m_values.size();
    m_values.push_back(value);
}

void ProgramBuilder::shareValue(std::size_t layer)
{
    m_valueOf[layer] = inputOf(layer);
}

void ProgramBuilder::forward(bool isTraining, const TrainingOptions &options, bool usesAverages)
{
    m_values = {Value{makeLike(m_plan.picture)}};
    m_pass.losses = make({1, m_batchSize});
    m_program.push_back(ops::Gather{&m_samples, m_values.front().tensor,
                                    isTraining ? options.augmentation : Augmentation(), options.seed});
    for (std::size_t i = 0; i < m_plan.layers.size(); ++i) {
        forwardLayer(i, isTraining, options, usesAverages);
        if (m_valueOf[i] != inputOf(i)) {
            ++m_values[inputOf(i)].readers;
            if (m_plan.layers[i].spec.type == LayerType::Add)
                ++m_values[otherOf(i)].readers;
        }
        m_pass.outputs.push_back(m_values[m_valueOf[i]].tensor);
    }
}

void ProgramBuilder::forwardLayer(std::size_t i, bool isTraining, const TrainingOptions &options, bool usesAverages)
{
    const LayerPlan &layer = m_plan.layers[i];
    const LayerType type = layer.spec.type;
    const bool isTaken = type == LayerType::Relu && i > 0 && takesRelu(i - 1);
    if (isTaken || type == LayerType::Flatten || (type == LayerType::Dropout && (!isTraining || layer.spec.rate == 0)))
        return shareValue(i);
    const Tensor *input = m_values[inputOf(i)].tensor;
    Tensor *output = makeLike(layer.output);
    addValue(i, output);
    switch (type) {
    case LayerType::Linear:
        m_program.push_back(ops::LinearForward{weights(i, 0, usesAverages), weights(i, 1, usesAverages), input, output,
                                               fusedActivation(i)});
        break;
    case LayerType::Conv2d:
        m_program.push_back(ops::ConvForward{layer.window(), weights(i, 0, usesAverages), weights(i, 1, usesAverages),
                                             input, output, fusedActivation(i)});
        break;
    case LayerType::MaxPool: m_program.push_back(ops::MaxPool{layer.window(), input, output}); break;
    case LayerType::AveragePool: m_program.push_back(ops::AveragePool{layer.window(), input, output}); break;
    case LayerType::Relu: m_program.push_back(ops::Activate{Activation::Relu, input, output}); break;
    case LayerType::Gelu: m_program.push_back(ops::Activate{Activation::Gelu, input, output}); break;
    case LayerType::Tanh: m_program.push_back(ops::Activate{Activation::Tanh, input, output}); break;
    case LayerType::BatchNorm: forwardBatchNorm(i, isTraining, usesAverages); break;
    case LayerType::Dropout:
        m_program.push_back(ops::Dropout{static_cast<float>(layer.spec.rate), options.seed + i, input, output});
        break;
    case LayerType::Add: m_program.push_back(ops::Add{input, m_values[otherOf(i)].tensor, output}); break;
    case LayerType::Flatten: break;
    }
}

void ProgramBuilder::forwardBatchNorm(std::size_t i, bool isTraining, bool usesAverages)
{
    const std::int64_t channels = m_plan.layers[i].input.front();
    const Tensor *input = m_values[inputOf(i)].tensor;
    Tensor *output = m_values[m_valueOf[i]].tensor;
    Parameter &mean = parameter(i, 2), &variance = parameter(i, 3);
    if (!isTraining) {
        m_program.push_back(ops::BatchNormFixed{channels, weights(i, 0, usesAverages), weights(i, 1, usesAverages),
                                                &mean.value, &variance.value, input, output});
        return;
    }
    m_statistics[i] = {make({channels}, Layout::Rows), make({channels}, Layout::Rows)};
    m_program.push_back(ops::BatchNorm{channels, weights(i, 0, false), weights(i, 1, false), input, output,
                                       m_statistics[i].first, m_statistics[i].second, &mean.value, &variance.value});
}

template <class Write>
void ProgramBuilder::passGradient(std::size_t index, bool canMask, const Write &write)
{
    Value &value = m_values[index];
    if (!value.hasParameters)
        return;
    Shape shape = value.tensor->shape();
    const bool isFirst = !value.gradient;
    const bool isAlone = value.readers == 1;
    Tensor *target = make(shape);
    write(target, value.isRelu && isAlone && canMask ? value.tensor : nullptr);
    if (isFirst)
        value.gradient = target;
    else
        m_program.push_back(ops::Add{value.gradient, target, value.gradient});
    if (--value.readers == 0 && value.isRelu && !(isAlone && canMask && isFirst))
        m_program.push_back(
            ops::ActivateGradient{Activation::Relu, value.tensor, value.tensor, value.gradient, value.gradient});
}

void ProgramBuilder::backward(const TrainingOptions &options)
{
    for (std::size_t i = m_plan.layers.size(); i-- > 0;) {
        if (m_valueOf[i] != inputOf(i) && m_values[m_valueOf[i]].gradient)
            backwardLayer(i, options);
    }
}

void ProgramBuilder::backwardLayer(std::size_t i, const TrainingOptions &options)
{
    const LayerPlan &layer = m_plan.layers[i];
    const Tensor *input = m_values[inputOf(i)].tensor;
    const Tensor *output = m_values[m_valueOf[i]].tensor;
    const Tensor *gradient = m_values[m_valueOf[i]].gradient;
    const auto pass = [&](bool canMask, const auto &makeOp) {
        passGradient(inputOf(i), canMask,
                     [&](Tensor *target, const Tensor *mask) { m_program.push_back(makeOp(target, mask)); });
    };
    const auto activate = [&](Activation activation) {
        pass(false, [&](Tensor *target, const Tensor *) {
            return ops::ActivateGradient{activation, input, output, gradient, target};
        });
    };
    switch (layer.spec.type) {
    case LayerType::Linear:
        pass(true, [&](Tensor *target, const Tensor *mask) {
            return ops::LinearInputGradient{&parameter(i, 0).value, gradient, mask, target};
        });
        break;
    case LayerType::Conv2d:
        pass(true, [&](Tensor *target, const Tensor *mask) {
            return ops::ConvInputGradient{layer.window(), &parameter(i, 0).value, gradient, mask, target};
        });
        break;
    case LayerType::MaxPool:
        pass(true, [&](Tensor *target, const Tensor *mask) {
            return ops::MaxPoolGradient{layer.window(), input, output, gradient, mask, target};
        });
        break;
    case LayerType::AveragePool:
        pass(true, [&](Tensor *target, const Tensor *mask) {
            return ops::AveragePoolGradient{layer.window(), gradient, mask, target};
        });
        break;
    case LayerType::Relu: activate(Activation::Relu); break;
    case LayerType::Gelu: activate(Activation::Gelu); break;
    case LayerType::Tanh: activate(Activation::Tanh); break;
    case LayerType::BatchNorm: backwardBatchNorm(i, options); break;
    case LayerType::Dropout:
        pass(false, [&](Tensor *target, const Tensor *) {
            return ops::Dropout{static_cast<float>(layer.spec.rate), options.seed + i, gradient, target};
        });
        break;
    case LayerType::Add:
        for (const std::size_t value : {inputOf(i), otherOf(i)})
            passGradient(value, false, [&](Tensor *target, const Tensor *) {
                m_program.push_back(ops::Activate{Activation::None, gradient, target});
            });
        break;
    case LayerType::Flatten: break;
    }
}

void ProgramBuilder::backwardBatchNorm(std::size_t i, const TrainingOptions &options)
{
    const auto [mean, inverseDeviation] = m_statistics[i];
    const Value &input = m_values[inputOf(i)];
    ops::BatchNormGradient op = {m_plan.layers[i].input.front(),
                                 input.tensor,
                                 mean,
                                 inverseDeviation,
                                 m_values[m_valueOf[i]].gradient,
                                 nullptr,
                                 nullptr,
                                 &parameter(i, 0),
                                 &parameter(i, 1),
                                 options.rule};
    if (!input.hasParameters)
        m_program.push_back(op);
    passGradient(inputOf(i), true, [&](Tensor *target, const Tensor *mask) {
        op.mask = mask;
        op.inputGradient = target;
        m_program.push_back(op);
    });
}

/// Weights change last: the gradients of their inputs still need them as they were.
void ProgramBuilder::addWeights(const TrainingOptions &options)
{
    for (std::size_t i = 0; i < m_plan.layers.size(); ++i) {
        const LayerPlan &layer = m_plan.layers[i];
        const Tensor *gradient = m_values[m_valueOf[i]].gradient;
        const Tensor *input = m_values[inputOf(i)].tensor;
        if (layer.spec.type == LayerType::Linear)
            m_program.push_back(ops::LinearWeights{input, gradient, &parameter(i, 0), &parameter(i, 1), options.rule});
        else if (layer.spec.type == LayerType::Conv2d)
            m_program.push_back(ops::ConvWeights{layer.window(), input, gradient, &parameter(i, 0), &parameter(i, 1),
                                                 options.rule});
    }
    if (!options.keepsGradients())
        return;
    std::vector<Parameter *> trained;
    for (const auto &parameter : m_parameters) {
        if (parameter->gradient)
            trained.push_back(parameter.get());
    }
    if (options.communicator)
        m_program.push_back(ops::AllReduce{trained, options.communicator});
    if (options.clipNorm > 0)
        m_program.push_back(ops::ClipNorm{trained, options.clipNorm});
    for (Parameter *parameter : trained)
        m_program.push_back(ops::Update{parameter, options.rule});
}

} // namespace bottega::engine
