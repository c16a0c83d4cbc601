// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/run/journal.h"
#include "core/run/metricstream.h"
#include "core/workspace/runrecord.h"

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace bottega::cli {

/// What one epoch ended with; NaN where the run does not log it.
struct EpochResult
{
    std::int64_t epoch = 0; // 1 for the first
    double time = 0;        // seconds since 1970
    double trainLoss = std::numeric_limits<double>::quiet_NaN(); // of the epoch's last batch
    double loss = std::numeric_limits<double>::quiet_NaN();      // over the test set
    double accuracy = std::numeric_limits<double>::quiet_NaN();
};

/// A run as it goes on, seen by polling its folder. Not thread safe.
class RunFollower
{
public:
    [[nodiscard]] static Result<RunFollower> open(const RunFolder &folder);
    /// What has been so far is no news.
    [[nodiscard]] static Result<RunFollower> openAtEnd(const RunFolder &folder);

    struct News
    {
        std::vector<JournalEntry> states; // in order
        std::vector<EpochResult> epochs;
    };
    /// What came since the last call. The folder being gone is NotFound.
    [[nodiscard]] Result<News> poll();

    [[nodiscard]] const RunFolder &folder() const { return m_folder; }
    [[nodiscard]] const RunRecord &record() const { return m_record; } // job, status and metrics only
    [[nodiscard]] bool hasEnded() const { return isTerminal(m_record.status.state); }
    [[nodiscard]] std::int64_t epoch() const; // being worked on, 1 for the first; 0 before the first step
    [[nodiscard]] std::int64_t epochs() const;
    [[nodiscard]] double last(const std::string &metric) const; // NaN where there is none
    /// By the pace of the steps so far; nothing before there is one.
    [[nodiscard]] std::optional<double> secondsLeft() const;

private:
    RunFollower(RunFolder folder, RunRecord record);
    void take(const MetricBatch &batch);
    void takeTrainLoss(const std::vector<MetricPoint> &points);
    [[nodiscard]] std::vector<EpochResult> endedEpochs();

    RunFolder m_folder;
    RunRecord m_record;
    MetricStream m_stream;
    std::size_t m_statesSeen = 0;
    std::optional<MetricPoint> m_firstStep;
    std::vector<MetricPoint> m_steps; // that came with the newest poll which brought any, after the one before them
    std::map<std::int64_t, EpochResult> m_open; // by step: perhaps not all of their points are there yet
    std::int64_t m_epochsTold = 0;
};

} // namespace bottega::cli
