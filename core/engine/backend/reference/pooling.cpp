// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/reference/operations.h"
#include "core/engine/backend/reference/places.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace bottega::engine::reference {

namespace {

/// Place within the channel of the window's first largest value; NaN counts as the largest, so that it is not
/// lost.
std::int64_t winner(const Window &w, const Tensor &input, std::int64_t channel, std::int64_t y,
                    std::int64_t x, std::int64_t n)
{
    std::int64_t best = -1;
    float largest = 0;
    forEachTap(w, y, x, [&](auto, auto, auto place) {
        const float value = input.at(channel * w.height * w.width + place, n);
        if (best < 0 || value > largest || (std::isnan(value) && !std::isnan(largest))) {
            best = place;
            largest = value;
        }
    });
    return best;
}

/// Sets the input gradient of sample n from sums [C, H, W].
void store(const std::vector<double> &sums, const Tensor *mask, std::int64_t n, Tensor &inputGradient)
{
    for (std::int64_t i = 0; i < inputGradient.features(); ++i)
        inputGradient.at(i, n) = masked(sums[static_cast<std::size_t>(i)], mask, i, n);
}

} // namespace

void run(const ops::MaxPool &op, const StepInputs &)
{
    const Window &w = op.window;
    for (std::int64_t n = 0; n < op.output->samples(); ++n) {
        forEachPlace(w.channels, w.outHeight(), w.outWidth(), [&](auto c, auto y, auto x, auto feature) {
            const std::int64_t place = winner(w, *op.input, c, y, x, n);
            op.output->at(feature, n) = op.input->at(c * w.height * w.width + place, n);
        });
    }
}

void run(const ops::MaxPoolGradient &op, const StepInputs &)
{
    const Window &w = op.window;
    std::vector<double> sums(static_cast<std::size_t>(op.inputGradient->features()));
    for (std::int64_t n = 0; n < op.inputGradient->samples(); ++n) {
        std::fill(sums.begin(), sums.end(), 0);
        forEachPlace(w.channels, w.outHeight(), w.outWidth(), [&](auto c, auto y, auto x, auto feature) {
            const std::int64_t place = winner(w, *op.input, c, y, x, n);
            sums[static_cast<std::size_t>(c * w.height * w.width + place)] +=
                op.outputGradient->at(feature, n);
        });
        store(sums, op.mask, n, *op.inputGradient);
    }
}

void run(const ops::AveragePool &op, const StepInputs &)
{
    const Window &w = op.window;
    for (std::int64_t n = 0; n < op.output->samples(); ++n) {
        forEachPlace(w.channels, w.outHeight(), w.outWidth(), [&](auto c, auto y, auto x, auto feature) {
            double sum = 0;
            forEachTap(w, y, x, [&](auto, auto, auto place) {
                sum += op.input->at(c * w.height * w.width + place, n);
            });
            op.output->at(feature, n) = static_cast<float>(sum / static_cast<double>(w.kernel * w.kernel));
        });
    }
}

void run(const ops::AveragePoolGradient &op, const StepInputs &)
{
    const Window &w = op.window;
    std::vector<double> sums(static_cast<std::size_t>(op.inputGradient->features()));
    for (std::int64_t n = 0; n < op.inputGradient->samples(); ++n) {
        std::fill(sums.begin(), sums.end(), 0);
        forEachPlace(w.channels, w.outHeight(), w.outWidth(), [&](auto c, auto y, auto x, auto feature) {
            const double share =
                double(op.outputGradient->at(feature, n)) / static_cast<double>(w.kernel * w.kernel);
            forEachTap(w, y, x, [&](auto, auto, auto place) {
                sums[static_cast<std::size_t>(c * w.height * w.width + place)] += share;
            });
        });
        store(sums, op.mask, n, *op.inputGradient);
    }
}

} // namespace bottega::engine::reference
