// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/evaluate.h"
#include "core/engine/train.h"
#include "core/formats/tfevents/eventwriter.h"

#include <optional>

namespace bottega::engine {

/// The metrics of a training, in an event file of its attempt; nothing where there is no run folder.
class TrainLog
{
public:
    [[nodiscard]] Result<void> open(const TrainJob &job);

    [[nodiscard]] Result<void> addStart(std::int64_t step, std::int64_t batchSize, std::int64_t epochs);
    /// The learning rate only when it is another one than before.
    [[nodiscard]] Result<void> addStep(std::int64_t step, double loss, float learningRate);
    [[nodiscard]] Result<void> addEpoch(const EpochReport &report);
    [[nodiscard]] Result<void> addTest(std::int64_t step, const Evaluation &evaluation);
    [[nodiscard]] Result<void> sync();

private:
    std::optional<EventWriter> m_writer;
    float m_learningRate = -1;
};

} // namespace bottega::engine
