// SPDX-License-Identifier: Apache-2.0
#include "core/engine/network.h"

#include "core/engine/comm/communicator.h"
#include "core/engine/networkfile.h"
#include "core/engine/programbuilder.h"

#include <algorithm>
#include <cmath>

namespace bottega::engine {

namespace {

constexpr const char *firstPrefix = "momentum/";
constexpr const char *secondPrefix = "second/";
constexpr const char *averagePrefix = "average/";

bool isRunningValue(const LayerPlan &layer, std::size_t index)
{
    return layer.spec.type == LayerType::BatchNorm && index >= 2;
}

bool isFinite(Backend &backend, const Tensor &tensor)
{
    std::vector<float> values(static_cast<std::size_t>(tensor.count()));
    backend.download(tensor, values);
    return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
}

} // namespace

Network::Network(Backend &backend, NetworkPlan plan, const TrainingOptions &options)
    : m_backend(backend)
    , m_plan(std::move(plan))
    , m_options(options)
{
    for (const LayerPlan &layer : m_plan.layers) {
        for (std::size_t i = 0; i < layer.parameters.size(); ++i)
            addParameter(layer.parameters[i], !isRunningValue(layer, i));
    }
}

void Network::addParameter(const ParameterPlan &plan, bool isTrained)
{
    auto parameter = std::make_unique<Parameter>();
    parameter->name = plan.name;
    parameter->decays = plan.decays;
    parameter->value = m_backend.allocate(plan.shape);
    const UpdateRule &rule = m_options.rule;
    if (isTrained && rule.hasFirst())
        parameter->first = m_backend.allocate(plan.shape);
    if (isTrained && rule.hasSecond())
        parameter->second = m_backend.allocate(plan.shape);
    if (isTrained && rule.averageDecay > 0)
        parameter->average = m_backend.allocate(plan.shape);
    if (isTrained && m_options.keepsGradients())
        parameter->gradient = m_backend.allocate(plan.shape);
    if (plan.name.ends_with("/gamma") || plan.name.ends_with("/avg_var"))
        m_backend.upload(std::vector<float>(static_cast<std::size_t>(parameter->value.count()), 1.0f), parameter->value);
    m_parameters.push_back(std::move(parameter));
}

void Network::initialize(Random &random)
{
    for (const auto &parameter : m_parameters) {
        std::vector<float> values(static_cast<std::size_t>(parameter->value.count()));
        if (parameter->decays) { // weights
            const double deviation = 1 / std::sqrt(static_cast<double>(parameter->value.columns()));
            for (float &value : values)
                value = static_cast<float>(random.normal() * deviation);
            m_backend.upload(values, parameter->value);
        }
        if (parameter->average) {
            m_backend.download(parameter->value, values);
            m_backend.upload(values, parameter->average);
        }
    }
}

Pass Network::makeTraining(const Samples &samples, std::int64_t batchSize)
{
    return ProgramBuilder(m_backend, m_plan, m_parameters, samples, batchSize).training(m_options);
}

Pass Network::makePrediction(const Samples &samples, std::int64_t batchSize, bool usesAverages) const
{
    return ProgramBuilder(m_backend, m_plan, m_parameters, samples, batchSize).prediction(usesAverages);
}

void Network::saveWeights(NpzArrays &arrays, bool usesAverages) const
{
    for (const auto &parameter : m_parameters)
        saveTensor(m_backend, usesAverages && parameter->average ? parameter->average : parameter->value, arrays,
                   parameter->name);
    describeNetwork(m_plan, arrays);
}

void Network::saveState(NpzArrays &arrays) const
{
    for (const auto &parameter : m_parameters) {
        for (const auto &[prefix, tensor] : stateOf(*parameter)) {
            if (*tensor)
                saveTensor(m_backend, *tensor, arrays, prefix + parameter->name);
        }
    }
}

Result<void> Network::loadWeights(const NpzArrays &arrays)
{
    for (const auto &parameter : m_parameters) {
        if (auto loaded = loadTensor(m_backend, parameter->value, arrays, parameter->name); !loaded)
            return loaded;
        if (!parameter->average)
            continue;
        if (auto loaded = loadTensor(m_backend, parameter->average, arrays, parameter->name); !loaded)
            return loaded;
    }
    return {};
}

Result<void> Network::loadState(const NpzArrays &arrays)
{
    for (const auto &parameter : m_parameters) {
        for (const auto &[prefix, tensor] : stateOf(*parameter)) {
            if (!*tensor)
                continue;
            if (auto loaded = loadTensor(m_backend, *tensor, arrays, prefix + parameter->name); !loaded)
                return loaded;
        }
    }
    return {};
}

std::vector<std::pair<std::string, Tensor *>> Network::stateOf(Parameter &parameter)
{
    return {{firstPrefix, &parameter.first}, {secondPrefix, &parameter.second}, {averagePrefix, &parameter.average}};
}

void Network::shareRunningValues()
{
    if (!m_options.communicator)
        return;
    std::size_t next = 0;
    for (const LayerPlan &layer : m_plan.layers) {
        for (std::size_t i = 0; i < layer.parameters.size(); ++i, ++next) {
            if (!isRunningValue(layer, i))
                continue;
            Tensor &tensor = m_parameters[next]->value;
            std::vector<float> values(static_cast<std::size_t>(tensor.count()));
            m_backend.download(tensor, values);
            m_options.communicator->allReduceMean(values);
            m_backend.upload(values, tensor);
        }
    }
}

std::string Network::firstBrokenLayer(const Pass &pass) const
{
    // The step that broke has spoilt the parameters of earlier layers too: outputs tell where it began.
    for (std::size_t i = 0; i < m_plan.layers.size(); ++i) {
        if (pass.outputs[i] && !isFinite(m_backend, *pass.outputs[i]))
            return m_plan.layers[i].spec.name;
    }
    std::size_t next = 0;
    for (const LayerPlan &layer : m_plan.layers) {
        for (std::size_t i = 0; i < layer.parameters.size(); ++i, ++next) {
            if (!isFinite(m_backend, m_parameters[next]->value))
                return layer.spec.name;
        }
    }
    return {};
}

} // namespace bottega::engine
