// SPDX-License-Identifier: Apache-2.0
#include "core/engine/selftest/checks.h"

#include <algorithm>
#include <cmath>

namespace bottega::engine::selftesting {

namespace {

constexpr double closeTo = 2e-5; // float32 sums over batch and positions against double

/// Sums of so many products of normal numbers are about as large as the root of their number.
Tolerance sumsOf(std::int64_t products)
{
    return {closeTo, std::sqrt(static_cast<double>(products))};
}

struct ConvSize
{
    Window window;
    std::int64_t out;
    std::int64_t batch;

    [[nodiscard]] Shape input() const { return {window.channels, window.height, window.width, batch}; }
    [[nodiscard]] Shape output() const { return {out, window.outHeight(), window.outWidth(), batch}; }
    [[nodiscard]] Shape weights() const { return {out, window.channels, window.kernel, window.kernel}; }
    [[nodiscard]] std::string text() const
    {
        return windowText(window) + " to " + std::to_string(out) + ", " + std::to_string(batch);
    }
};

void checkForward(Rig &rig, const ConvSize &size, Activation activation)
{
    const Twin w = rig.rows(size.weights()), b = rig.rows({size.out}), x = rig.activations(size.input());
    Twin y = rig.activations(size.output());
    rig.run([&](Side side) {
        return Program{ops::ConvForward{size.window, side(w), side(b), side(x), side(y), activation}};
    });
    rig.compare(activation == Activation::Relu ? "ConvForward, ReLU" : "ConvForward", size.text(),
                sumsOf(size.window.channels), {&y});
}

void checkInputGradient(Rig &rig, const ConvSize &size, bool isMasked)
{
    const Twin w = rig.rows(size.weights()), dy = rig.gradients(size.output()),
               x = rig.rectified(size.input());
    Twin dx = rig.gradients(size.input());
    rig.run([&](Side side) {
        return Program{
            ops::ConvInputGradient{size.window, side(w), side(dy), isMasked ? side(x) : nullptr, side(dx)}};
    });
    rig.compare(isMasked ? "ConvInputGradient, masked" : "ConvInputGradient", size.text(), sumsOf(size.out),
                {&dx});
}

void checkWeights(Rig &rig, const ConvSize &size, const UpdateRule &rule, bool isStored)
{
    const Twin x = rig.activations(size.input()), dy = rig.gradients(size.output());
    TwinParameter w = rig.parameter(size.weights(), rule, isStored),
                  b = rig.parameter({size.out}, rule, isStored);
    w.tested.decays = w.expected.decays = true;
    rig.run([&](Side side) {
        return Program{ops::ConvWeights{size.window, side(x), side(dy), side(w), side(b), rule}};
    });
    rig.compare(isStored ? "ConvWeights, stored" : "ConvWeights, applied", size.text(), sumsOf(size.batch),
                {}, {&w, &b});
}

/// The variants take turns: each one meets each window and, over the windows, each batch.
void checkAll(Rig &rig, const ConvSize &size, std::size_t turn)
{
    const bool isOdd = turn % 2 == 1;
    checkForward(rig, size, isOdd ? Activation::Relu : Activation::None);
    checkInputGradient(rig, size, isOdd);
    checkWeights(rig, size, ruleNumber(turn), isOdd);
}

} // namespace

void checkConvolution(Rig &rig)
{
    constexpr std::array<std::int64_t, 4> kernels = {1, 2, 3, 5}, channels = {1, 3, 20, 50};
    std::size_t turn = 0;
    for (const std::int64_t kernel : kernels) {
        for (const std::int64_t stride : {1, 2}) {
            for (std::int64_t padding = 0; padding < std::min<std::int64_t>(kernel, 3); ++padding) {
                for (const std::int64_t batch : batches) {
                    const bool isLarge = batch > 33; // then few channels, to be done in time
                    const std::int64_t in = channels[turn % (isLarge ? 2 : 4)];
                    const std::int64_t out = channels[(turn / 2 + 1) % (isLarge ? 3 : 4)];
                    checkAll(rig, {{in, 6, 5, kernel, stride, padding}, out, batch}, turn);
                    ++turn;
                }
            }
        }
    }
    for (const std::size_t variant : {0, 1}) { // rows as long as those of real pictures, and of odd length
        checkAll(rig, {{1, 28, 28, 5, 1, 0}, 20, 33}, variant);
        checkAll(rig, {{20, 12, 12, 5, 1, 0}, 50, 5}, variant);
        checkAll(rig, {{3, 19, 23, 3, 1, 1}, 8, 32}, variant);
    }
}

} // namespace bottega::engine::selftesting
