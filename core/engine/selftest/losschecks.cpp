// SPDX-License-Identifier: Apache-2.0
#include "core/engine/selftest/checks.h"

namespace bottega::engine::selftesting {

namespace {

constexpr double closeTo = 5e-6; // exponentials and logarithms of float32

void check(Rig &rig, std::int64_t classes, std::int64_t batch)
{
    const Shape shape = {classes, batch};
    const TwinSamples samples = rig.samples({1, 1, 1}, batch, classes);
    const Twin logits = rig.activations(shape);
    for (const float smoothing : {0.0f, 0.1f}) {
        Twin losses = rig.activations({1, batch}), gradient = rig.gradients(shape);
        rig.run(
            [&](Side side) {
                return Program{ops::SoftmaxCrossEntropy{side(samples), side(logits), side(losses),
                                                        side(gradient), smoothing}};
            },
            samples.indices);
        rig.compare(smoothing > 0 ? "SoftmaxCrossEntropy, smoothed" : "SoftmaxCrossEntropy", shapeText(shape),
                    closeTo, {&losses, &gradient});
    }
    Twin losses = rig.activations({1, batch}), probabilities = rig.activations(shape);
    rig.run(
        [&](Side side) {
            return Program{
                ops::SoftmaxPrediction{side(samples), side(logits), side(losses), side(probabilities)}};
        },
        samples.indices);
    rig.compare("SoftmaxPrediction", shapeText(shape), closeTo, {&losses, &probabilities});
}

} // namespace

void checkLosses(Rig &rig)
{
    for (const std::int64_t classes : {2, 10, 47}) {
        for (const std::int64_t batch : batches)
            check(rig, classes, batch);
    }
}

} // namespace bottega::engine::selftesting
