// SPDX-License-Identifier: Apache-2.0
#include "core/engine/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace bottega::engine {

namespace {

/// From `from` at t = 0 to `to` at t = 1.
double cosineBetween(double from, double to, double t)
{
    return to + (from - to) * (1 + std::cos(std::numbers::pi * t)) / 2;
}

double oneCycle(double t)
{
    constexpr double rising = 0.3;
    constexpr double first = 1.0 / 25;
    constexpr double last = first / 10'000;
    return t < rising ? cosineBetween(first, 1, t / rising)
                      : cosineBetween(1, last, (t - rising) / (1 - rising));
}

} // namespace

float Schedule::rateAt(std::int64_t step, const TrainingLength &length) const
{
    const double warmup = warmupEpochs * length.stepsPerEpoch;
    if (static_cast<double>(step) < warmup)
        return static_cast<float>(learningRate * static_cast<double>(step) / warmup);
    const double done =
        std::max(0.0, static_cast<double>(step - 1) - warmup); // steps of the schedule proper before this one
    const double t = std::min(1.0, done / std::max(1.0, static_cast<double>(length.steps) - warmup));
    double share = 1;
    switch (kind) {
    case ScheduleKind::Constant:
        break;
    case ScheduleKind::Step:
        share =
            std::pow(stepFactor, std::floor(done / (static_cast<double>(stepEpochs) * length.stepsPerEpoch)));
        break;
    case ScheduleKind::Cosine:
        share = cosineBetween(1, 0, t);
        break;
    case ScheduleKind::OneCycle:
        share = oneCycle(t);
        break;
    }
    return static_cast<float>(learningRate * share);
}

} // namespace bottega::engine
