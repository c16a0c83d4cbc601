// SPDX-License-Identifier: Apache-2.0
#include "core/engine/selftest/checks.h"

#include <cmath>

namespace bottega::engine::selftesting {

namespace {

constexpr double closeTo = 1e-5; // float32 sums of up to 784 products against double

struct LinearSize
{
    std::int64_t in, out;
};

/// Sums of so many products of normal numbers are about as large as the root of their number.
Tolerance sumsOf(std::int64_t products)
{
    return {closeTo, std::sqrt(static_cast<double>(products))};
}

/// With and without remainders for every width of vector and tile.
constexpr std::array sizes = {LinearSize{784, 100}, LinearSize{100, 10}, LinearSize{65, 33},
                              LinearSize{50, 47},   LinearSize{13, 7},   LinearSize{16, 6},
                              LinearSize{20, 2},    LinearSize{1, 1}};

void checkForward(Rig &rig, const LinearSize &size, std::int64_t batch, Activation activation)
{
    const Twin w = rig.rows({size.out, size.in}), b = rig.rows({size.out}),
               x = rig.activations({size.in, batch});
    Twin y = rig.activations({size.out, batch});
    rig.run([&](Side side) {
        return Program{ops::LinearForward{side(w), side(b), side(x), side(y), activation}};
    });
    rig.compare(activation == Activation::Relu ? "LinearForward, ReLU" : "LinearForward",
                shapeText({size.out, size.in, batch}), sumsOf(size.in), {&y});
}

void checkInputGradient(Rig &rig, const LinearSize &size, std::int64_t batch, bool isMasked)
{
    const Twin w = rig.rows({size.out, size.in}), dy = rig.gradients({size.out, batch});
    const Twin x = rig.rectified({size.in, batch});
    Twin dx = rig.gradients({size.in, batch});
    rig.run([&](Side side) {
        return Program{ops::LinearInputGradient{side(w), side(dy), isMasked ? side(x) : nullptr, side(dx)}};
    });
    rig.compare(isMasked ? "LinearInputGradient, masked" : "LinearInputGradient",
                shapeText({size.out, size.in, batch}), sumsOf(size.out), {&dx});
}

void checkWeights(Rig &rig, const LinearSize &size, std::int64_t batch, const UpdateRule &rule, bool isStored)
{
    const Twin x = rig.activations({size.in, batch}), dy = rig.gradients({size.out, batch});
    TwinParameter w = rig.parameter({size.out, size.in}, rule, isStored),
                  b = rig.parameter({size.out}, rule, isStored);
    w.tested.decays = w.expected.decays = true;
    rig.run([&](Side side) {
        return Program{ops::LinearWeights{side(x), side(dy), side(w), side(b), rule}};
    });
    rig.compare(isStored ? "LinearWeights, stored" : "LinearWeights, applied",
                shapeText({size.out, size.in, batch}), sumsOf(batch), {}, {&w, &b});
}

} // namespace

void checkLinear(Rig &rig)
{
    std::size_t turn = 0;
    for (const LinearSize &size : sizes) {
        for (const std::int64_t batch : batches) {
            checkForward(rig, size, batch, Activation::None);
            checkForward(rig, size, batch, Activation::Relu);
            checkInputGradient(rig, size, batch, false);
            checkInputGradient(rig, size, batch, true);
            checkWeights(rig, size, batch, ruleNumber(turn), true);
            checkWeights(rig, size, batch, ruleNumber(turn++), false);
        }
    }
}

} // namespace bottega::engine::selftesting
