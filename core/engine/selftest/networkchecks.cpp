// SPDX-License-Identifier: Apache-2.0
#include "core/engine/network.h"
#include "core/engine/selftest/checks.h"

#include <cmath>

namespace bottega::engine::selftesting {

namespace {

constexpr double stepsCloseTo = 2e-4;  // what a few steps moved, by float32 sums against double
constexpr double slopesCloseTo = 5e-3; // the loss is one float32 for each sample

struct Case
{
    std::string name;
    NetworkSpec spec;
    Shape picture;
    std::int64_t batch;
    TrainingOptions options;
};

LayerSpec layer(LayerType type, std::int64_t units = 0, std::int64_t kernel = 0, std::int64_t padding = 0)
{
    LayerSpec spec;
    spec.type = type;
    spec.units = units;
    spec.kernel = kernel;
    spec.padding = padding;
    return spec;
}

/// Every type of layer; `isSmooth`: only such whose slopes do not jump.
NetworkSpec mixedNetwork(bool isSmooth)
{
    const LayerType pool = isSmooth ? LayerType::AveragePool : LayerType::MaxPool;
    const LayerType bend = isSmooth ? LayerType::Gelu : LayerType::Relu;
    NetworkSpec spec = {{layer(LayerType::Conv2d, 6, 3, 1), layer(LayerType::BatchNorm), layer(bend),
                         layer(LayerType::Conv2d, 6, 3, 1), layer(LayerType::Gelu), layer(LayerType::Add),
                         layer(pool, 0, 2), layer(LayerType::Conv2d, 5, 2, 1), layer(bend),
                         layer(LayerType::AveragePool, 0, 2), layer(LayerType::Flatten),
                         layer(LayerType::Dropout), layer(LayerType::Linear, 9), layer(LayerType::Tanh),
                         layer(LayerType::Linear)}};
    spec.layers[2].name = "first";
    spec.layers[5].with = "first";
    for (const std::size_t pooling : {6, 9})
        spec.layers[pooling].stride = 2;
    return spec;
}

std::vector<Case> cases()
{
    TrainingOptions momentum, adam, everything;
    adam.rule.kind = OptimizerKind::AdamW;
    adam.rule.epsilon = 1e-2f; // else gradients near zero decide which way a weight goes
    adam.rule.weightDecay = 0.01f;
    everything.rule = adam.rule;
    everything.rule.kind = OptimizerKind::Nesterov;
    everything.rule.averageDecay = 0.9f;
    everything.labelSmoothing = 0.1f;
    everything.clipNorm = 0.5f;
    everything.augmentation.shift = 1;
    everything.seed = 3;
    return {{"mnist-mlp", mlpNetwork({100, 100}), {1, 28, 28}, 128, momentum},
            {"mnist-mlp", mlpNetwork({100, 100}), {1, 28, 28}, 33, momentum},
            {"mnist-mlp, AdamW", mlpNetwork({100, 100}), {1, 28, 28}, 100, adam},
            {"mnist-mlp, everything", mlpNetwork({100}), {1, 28, 28}, 31, everything},
            {"mlp, wide", mlpNetwork({257}), {1, 9, 9}, 5, momentum},
            {"mnist-cnn-small", smallCnnNetwork(), {1, 28, 28}, 33, momentum},
            {"mnist-cnn", cnnNetwork(), {1, 28, 28}, 5, momentum},
            {"every layer", mixedNetwork(false), {3, 9, 8}, 31, everything},
            {"every layer, momentum", mixedNetwork(false), {3, 9, 8}, 64, momentum}};
}

/// One training on one backend, from the same start.
struct Training
{
    Network network;
    Pass training;
    Pass prediction;
    std::vector<double> losses;

    Training(Backend &backend, const Case &c, const Samples &samples)
        : network(backend, planNetwork(c.spec, c.picture, 10).value(), c.options)
    {
        Random random(5);
        network.initialize(random);
        training = network.makeTraining(samples, c.batch);
        prediction = network.makePrediction(samples, c.batch);
    }

    void run(std::span<const StepInputs> steps)
    {
        training.plan->run(steps, [this](std::size_t, double loss) {
            losses.push_back(loss);
            return true;
        });
        prediction.plan->run(steps.front());
    }

    [[nodiscard]] std::vector<std::vector<float>> values()
    {
        std::vector<std::vector<float>> all;
        for (const auto &parameter : network.parameters()) {
            for (const Tensor *tensor : {&parameter->value, &parameter->average}) {
                if (*tensor)
                    network.backend().download(*tensor,
                                               all.emplace_back(static_cast<std::size_t>(tensor->count())));
            }
        }
        return all;
    }
};

std::vector<float> changes(const std::vector<float> &before, const std::vector<float> &after)
{
    std::vector<float> changes;
    for (std::size_t i = 0; i < before.size(); ++i)
        changes.push_back(after[i] - before[i]);
    return changes;
}

double largestOf(const std::vector<float> &values)
{
    double largest = 0;
    for (const float value : values)
        largest = std::max(largest, std::abs(double(value)));
    return largest;
}

using Values = std::vector<std::vector<float>>;

/// Of what the steps changed, since that may be little beside the values themselves. A bias before batch norm
/// only moves by rounding: nothing is measured by less than a hundredth of the network's largest change.
double deviationOfChanges(const Values &before, const Values &tested, const Values &expected)
{
    double least = 0, worst = 0;
    for (std::size_t i = 0; i < before.size(); ++i)
        least = std::max(least, 0.01 * largestOf(changes(before[i], expected[i])));
    for (std::size_t i = 0; i < before.size(); ++i) {
        const std::vector<float> right = changes(before[i], expected[i]);
        const double largest = largestOf(right);
        const double deviation = Rig::deviation(changes(before[i], tested[i]), right);
        worst = std::max(worst, deviation * std::max(largest, 1e-6) / std::max(largest, least));
    }
    return worst;
}

void checkSteps(Rig &rig, const Case &c)
{
    const TwinSamples samples = rig.samples(c.picture, c.batch, 10);
    std::vector<std::int32_t> backwards(samples.indices.rbegin(), samples.indices.rend());
    backwards.front() = 0;
    const std::array<StepInputs, 3> steps = {StepInputs{samples.indices, 1, 0.1f},
                                             StepInputs{backwards, 2, 0.1f},
                                             StepInputs{samples.indices, 3, 0.05f}};
    Training tested(rig.tested(), c, samples.tested), expected(rig.expected(), c, samples.expected);
    const auto before = expected.values();
    tested.run(steps);
    expected.run(steps);
    const std::string shape = shapeText({c.picture[0], c.picture[1], c.picture[2], c.batch});
    rig.note({"network, " + c.name, shape, "reference",
              deviationOfChanges(before, tested.values(), expected.values()), stepsCloseTo});

    std::vector<float> told(tested.losses.begin(), tested.losses.end());
    std::vector<float> right(expected.losses.begin(), expected.losses.end());
    told.resize(right.size(), NAN);
    std::vector<float> probabilities(static_cast<std::size_t>(expected.prediction.probabilities->count()));
    rig.expected().download(*expected.prediction.probabilities, probabilities);
    const double predicted = Rig::deviation(rig.valuesOf(*tested.prediction.probabilities), probabilities);
    rig.note({"losses and predictions, " + c.name, shape, "reference",
              std::max(Rig::deviation(told, right), predicted), stepsCloseTo});
}

/// The gradients that a step leaves where they are kept, against the slopes of the loss that training
/// programs tell. With a learning rate of zero nothing else moves, and dropout drops the same.
void checkSlopesOfLoss(Rig &rig)
{
    Case c = {"every smooth layer", mixedNetwork(true), {2, 7, 6}, 6, {}};
    c.options.rule.kind = OptimizerKind::Sgd;
    c.options.clipNorm = 1e6f;
    c.options.labelSmoothing = 0.1f;
    const TwinSamples samples = rig.samples(c.picture, c.batch, 10);
    Training training(rig.tested(), c, samples.tested);
    const auto loss = [&] {
        double told = NAN;
        const StepInputs step = {samples.indices, 1, 0};
        training.training.plan->run({&step, 1}, [&](std::size_t, double value) {
            told = value;
            return true;
        });
        return told;
    };
    loss();
    std::vector<std::vector<float>> gradients;
    for (const auto &parameter : training.network.parameters())
        gradients.push_back(parameter->gradient ? rig.valuesOf(parameter->gradient) : std::vector<float>());
    std::vector<float> slopes, given; // of all together: a bias before batch norm has none but rounding
    for (std::size_t i = 0; i < gradients.size(); ++i) {
        Tensor &moved = training.network.parameters()[i]->value;
        std::vector<float> values = rig.valuesOf(moved);
        const std::size_t stride =
            1 + gradients[i].size() / 24; // a sample is enough: operations are checked by themselves
        for (std::size_t j = 0; j < gradients[i].size(); j += stride) {
            constexpr float distance = 1.0f / 64;
            const float kept = values[j];
            const auto lossAt = [&](float there) {
                values[j] = there;
                rig.tested().upload(values, moved);
                return loss();
            };
            const double above = lossAt(kept + distance), below = lossAt(kept - distance);
            slopes.push_back(static_cast<float>((above - below) / (2 * double(distance))));
            given.push_back(gradients[i][j]);
            values[j] = kept;
        }
        rig.tested().upload(values, moved);
    }
    rig.note({"network, " + c.name, shapeText({c.picture[0], c.picture[1], c.picture[2], c.batch}),
              "differences", Rig::deviation(given, slopes), slopesCloseTo});
}

} // namespace

void checkNetworks(Rig &rig)
{
    for (const Case &c : cases())
        checkSteps(rig, c);
    checkSlopesOfLoss(rig);
}

} // namespace bottega::engine::selftesting
