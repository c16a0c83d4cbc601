// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/reference/learner.h"
#include "core/engine/backend/reference/operations.h"
#include "core/engine/backend/reference/places.h"

#include <algorithm>
#include <vector>

namespace bottega::engine::reference {

void run(const ops::ConvForward &op, const StepInputs &)
{
    const Window &w = op.window;
    const std::int64_t plane = w.height * w.width, taps = w.kernel * w.kernel;
    for (std::int64_t n = 0; n < op.output->samples(); ++n) {
        forEachPlace(op.weights->rows(), w.outHeight(), w.outWidth(),
                     [&](auto o, auto y, auto x, auto feature) {
                         double sum = op.bias->row(0)[o];
                         forEachTap(w, y, x, [&](auto ky, auto kx, auto place) {
                             for (std::int64_t c = 0; c < w.channels; ++c)
                                 sum += double(op.weights->row(o)[c * taps + ky * w.kernel + kx]) *
                                        double(op.input->at(c * plane + place, n));
                         });
                         op.output->at(feature, n) = static_cast<float>(rectified(sum, op.activation));
                     });
    }
}

void run(const ops::ConvInputGradient &op, const StepInputs &)
{
    const Window &w = op.window;
    const std::int64_t plane = w.height * w.width, taps = w.kernel * w.kernel;
    std::vector<double> sums(static_cast<std::size_t>(w.channels * plane)); // [C, H, W] of one sample
    for (std::int64_t n = 0; n < op.inputGradient->samples(); ++n) {
        std::fill(sums.begin(), sums.end(), 0);
        forEachPlace(op.weights->rows(), w.outHeight(), w.outWidth(),
                     [&](auto o, auto y, auto x, auto feature) {
                         const double gradient = op.outputGradient->at(feature, n);
                         forEachTap(w, y, x, [&](auto ky, auto kx, auto place) {
                             for (std::int64_t c = 0; c < w.channels; ++c)
                                 sums[static_cast<std::size_t>(c * plane + place)] +=
                                     double(op.weights->row(o)[c * taps + ky * w.kernel + kx]) * gradient;
                         });
                     });
        for (std::int64_t i = 0; i < op.inputGradient->features(); ++i)
            op.inputGradient->at(i, n) = masked(sums[static_cast<std::size_t>(i)], op.mask, i, n);
    }
}

void run(const ops::ConvWeights &op, const StepInputs &step)
{
    const Window &w = op.window;
    const std::int64_t out = op.weights->value.rows();
    const std::int64_t plane = w.height * w.width, taps = w.kernel * w.kernel;
    std::vector<double> sums(static_cast<std::size_t>(out * w.channels * taps)); // [out, C, K, K]
    std::vector<double> biasSums(static_cast<std::size_t>(out));
    for (std::int64_t n = 0; n < op.input->samples(); ++n) {
        forEachPlace(out, w.outHeight(), w.outWidth(), [&](auto o, auto y, auto x, auto feature) {
            const double gradient = op.outputGradient->at(feature, n);
            biasSums[static_cast<std::size_t>(o)] += gradient;
            forEachTap(w, y, x, [&](auto ky, auto kx, auto place) {
                for (std::int64_t c = 0; c < w.channels; ++c)
                    sums[static_cast<std::size_t>((o * w.channels + c) * taps + ky * w.kernel + kx)] +=
                        gradient * double(op.input->at(c * plane + place, n));
            });
        });
    }
    Learner weights(*op.weights, op.rule, step), bias(*op.bias, op.rule, step);
    for (std::int64_t o = 0; o < out; ++o) {
        bias.take(0, o, biasSums[static_cast<std::size_t>(o)]);
        for (std::int64_t i = 0; i < w.channels * taps; ++i)
            weights.take(o, i, sums[static_cast<std::size_t>(o * w.channels * taps + i)]);
    }
}

} // namespace bottega::engine::reference
