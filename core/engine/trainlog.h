// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/evaluate.h"
#include "core/engine/train.h"
#include "core/formats/tfevents/eventwriter.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bottega::engine {

/// The metrics of a training, in an event file of its attempt; nothing where there is no run folder. Once it is open, no
/// failure of the disk concerns the training: the writer holds what it can and counts what is lost.
class TrainLog
{
public:
    [[nodiscard]] Result<void> open(const TrainJob &job);

    void addStart(std::int64_t step, std::int64_t batchSize, std::int64_t epochs);
    /// The learning rate only when it is another one than before.
    void addStep(std::int64_t step, double loss, float learningRate);
    void addEpoch(const EpochReport &report);
    void addTest(std::int64_t step, const Evaluation &evaluation);
    /// Waits for the disk. What it refuses now is lost.
    void finish();

    /// To be told to the user, once: that metrics cannot be written, that they can again, how many were lost.
    [[nodiscard]] std::optional<std::string> takeNews() { return std::exchange(m_news, std::nullopt); }

private:
    void write(std::int64_t step, const std::vector<ScalarValue> &values);

    std::optional<EventWriter> m_writer;
    std::optional<std::string> m_news;
    bool m_isRefused = false;
    float m_learningRate = -1;
};

} // namespace bottega::engine
