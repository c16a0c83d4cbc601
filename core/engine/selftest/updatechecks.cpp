// SPDX-License-Identifier: Apache-2.0
#include "core/engine/comm/communicator.h"
#include "core/engine/selftest/checks.h"

namespace bottega::engine::selftesting {

namespace {

constexpr double closeTo = 2e-6; // a handful of roundings

constexpr const char *nameOf(OptimizerKind kind)
{
    switch (kind) {
    case OptimizerKind::Sgd:
        return "SGD";
    case OptimizerKind::Momentum:
        return "momentum";
    case OptimizerKind::Nesterov:
        return "Nesterov";
    case OptimizerKind::Adam:
        return "Adam";
    case OptimizerKind::AdamW:
        return "AdamW";
    }
    return "";
}

/// Two steps, the first ones of a training or later ones.
void checkUpdate(Rig &rig, const Shape &shape, const UpdateRule &rule, bool decays, bool isFresh)
{
    TwinParameter parameter = rig.parameter(shape, rule, true, isFresh);
    parameter.tested.decays = parameter.expected.decays = decays;
    const std::int64_t number = isFresh ? 1 : 1000;
    const std::array<StepInputs, 2> steps = {StepInputs{{}, number, 0.5f}, StepInputs{{}, number + 1, 0.25f}};
    rig.run([&](Side side) { return Program{ops::Update{side(parameter), rule}}; }, steps);
    const std::string name = "Update, " + std::string(nameOf(rule.kind));
    rig.compare(rule.averageDecay > 0 ? name + ", average" : name, shapeText(shape), closeTo, {},
                {&parameter});
}

void checkClip(Rig &rig, float limit)
{
    const UpdateRule rule;
    TwinParameter weights = rig.parameter({33, 65}, rule, true), bias = rig.parameter({33}, rule, true);
    rig.run([&](Side side) { return Program{ops::ClipNorm{{side(weights), side(bias)}, limit}}; });
    rig.compare("ClipNorm", "limit " + std::to_string(limit), closeTo, {}, {&weights, &bias});
}

/// The other of two ranks has twice this one's gradients, however they are cut into calls.
class DoubledRank final : public Communicator
{
public:
    [[nodiscard]] int rank() const override { return 0; }
    [[nodiscard]] int ranks() const override { return 2; }
    void allReduceMean(std::span<float> values) override
    {
        for (float &value : values)
            value = (value + 2 * value) / 2;
    }
    void barrier() override {}
};

void checkAllReduce(Rig &rig)
{
    const UpdateRule rule;
    DoubledRank communicator;
    TwinParameter weights = rig.parameter({33, 65}, rule, true), bias = rig.parameter({33}, rule, true);
    rig.run([&](Side side) {
        return Program{ops::AllReduce{{side(weights), side(bias)}, &communicator},
                       ops::Update{side(weights), rule}, ops::Update{side(bias), rule}};
    });
    rig.compare("AllReduce, Update", shapeText(weights.expected.value.shape()), closeTo, {},
                {&weights, &bias});
}

} // namespace

void checkUpdates(Rig &rig)
{
    for (const Shape &shape : {Shape{1}, Shape{17}, Shape{33, 65}, Shape{5, 3, 5, 5}}) {
        for (std::size_t number = 0; number < 2 * kinds.size(); ++number) {
            checkUpdate(rig, shape, ruleNumber(number), true, false);
            checkUpdate(rig, shape, ruleNumber(number), false, true);
        }
    }
    for (const float limit : {0.5f, 40.0f, 1000.0f}) // 2178 normal numbers have a norm near 47
        checkClip(rig, limit);
    checkAllReduce(rig);
}

} // namespace bottega::engine::selftesting
