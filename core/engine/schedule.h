// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace bottega::engine {

enum class ScheduleKind {
    Constant,
    Step,     // times `stepFactor` after every `stepEpochs`
    Cosine,   // Loshchilov and Hutter 2017, without restarts: ½ (1 + cos πt), t from 0 to 1
    OneCycle, // Smith and Topin 2018 in the cosine form: lr / 25 up to lr in 30 % of the steps, then down to
              // lr / 250,000
};

/// How long a training is, for its schedule. Batches straddle epochs, so an epoch need not be a whole number
/// of steps.
struct TrainingLength
{
    std::int64_t steps = 0;
    double stepsPerEpoch = 0;
};

/// The learning rate of each step: a function of the step alone, so that a resumed training goes on as if
/// never stopped.
struct Schedule
{
    ScheduleKind kind = ScheduleKind::Constant;
    double learningRate = 0.01; // the highest
    double warmupEpochs =
        0; // the rate first rises in a line from 0, Goyal et al. 2017; the schedule takes the rest
    std::int64_t stepEpochs = 10;
    double stepFactor = 0.1;

    /// `step` counts from 1.
    [[nodiscard]] float rateAt(std::int64_t step, const TrainingLength &length) const;
};

} // namespace bottega::engine
