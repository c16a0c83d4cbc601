// SPDX-License-Identifier: Apache-2.0
#include "core/engine/selftest/checks.h"

namespace bottega::engine::selftesting {

namespace {

constexpr double closeTo = 2e-5;      // of values that lie ten deviations from zero
constexpr double aloneCloseTo = 1e-3; // of a channel of one value, magnified by 1 / √epsilon

/// Far from zero, where a variance made of squares less the square of the mean would lose its digits.
Twin farAway(Rig &rig, const Shape &shape)
{
    std::vector<float> values = rig.normals(static_cast<std::size_t>(elementCount(shape)));
    for (float &value : values)
        value = 2 * value + 20;
    return rig.make(shape, Layout::Samples, values);
}

void check(Rig &rig, std::int64_t channels, std::int64_t positions, std::int64_t batch, std::size_t turn)
{
    const Shape shape = {channels, positions, batch}, each = {channels};
    const UpdateRule rule = ruleNumber(turn);
    const bool isMasked = turn % 2 == 1, isStored = turn % 4 < 2;
    const Twin x = farAway(rig, shape), dy = rig.gradients(shape), mask = rig.rectified(shape);
    Twin y = rig.activations(shape), dx = rig.gradients(shape);
    Twin mean = rig.rows(each), inverse = rig.rows(each), runningMean = rig.rows(each);
    Twin runningVariance =
        rig.make(each, Layout::Rows, std::vector<float>(static_cast<std::size_t>(channels), 1.0f));
    TwinParameter gamma = rig.parameter(each, rule, isStored), beta = rig.parameter(each, rule, isStored);

    const std::array<StepInputs, 2> steps = {StepInputs{{}, 3, 0.5f}, StepInputs{{}, 4, 0.5f}};
    rig.run(
        [&](Side side) {
            return Program{ops::BatchNorm{channels, &side(gamma)->value, &side(beta)->value, side(x), side(y),
                                          side(mean), side(inverse), side(runningMean),
                                          side(runningVariance)}};
        },
        steps); // the running values move twice
    const std::string text = shapeText(shape);
    rig.compare("BatchNorm", text, {positions * batch == 1 ? aloneCloseTo : closeTo, 1},
                {&y, &mean, &inverse, &runningMean, &runningVariance});

    rig.run([&](Side side) {
        return Program{ops::BatchNormGradient{channels, side(x), side(mean), side(inverse), side(dy),
                                              isMasked ? side(mask) : nullptr, side(dx), side(gamma),
                                              side(beta), rule}};
    });
    rig.compare(isMasked ? "BatchNormGradient, masked" : "BatchNormGradient", text, {closeTo, 1}, {&dx},
                {&gamma, &beta});

    rig.run([&](Side side) {
        return Program{ops::BatchNormGradient{channels, side(x), side(mean), side(inverse), side(dy), nullptr,
                                              nullptr, side(gamma), side(beta), rule},
                       ops::BatchNormFixed{channels, &side(gamma)->value, &side(beta)->value,
                                           side(runningMean), side(runningVariance), side(x), side(y)}};
    });
    rig.compare("BatchNormFixed", text, {closeTo, 1}, {&y}, {&gamma, &beta});
}

} // namespace

void checkBatchNorm(Rig &rig)
{
    std::size_t turn = 0;
    for (const std::int64_t channels : {1, 3, 20, 50}) {
        for (const std::int64_t positions : {1, 12}) {
            for (const std::int64_t batch : batches)
                check(rig, channels, positions, batch, turn++);
        }
    }
    check(rig, 8, 26 * 26, 33, 0);
}

} // namespace bottega::engine::selftesting
