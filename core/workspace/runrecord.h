// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.h"
#include "core/run/job.h"
#include "core/run/runstatus.h"
#include "core/workspace/metricsummaries.h"
#include "core/workspace/workspace.h"

#include <string>
#include <vector>

namespace bottega {

/// One try of a run, from the journal alone.
struct AttemptRecord
{
    int number = 1;
    RunState state = RunState::NotStarted;
    std::string evidence;
    double started = 0; // seconds since 1970; 0: not yet
    double ended = 0;
};

/// All that tables and documents show of one run: the job, the status, the metrics in short.
struct RunRecord
{
    std::string id;
    Job job;
    RunStatus status;
    std::vector<AttemptRecord> attempts; // oldest first
    MetricSummaries metrics;
    std::vector<Artifact> artifacts; // filled by readRunRecord only, never by the index
    std::string model;               // "chainer-dnn-mnist:1" registered from it, the newest; or empty

    /// 0 before it started, never negative. `now` is the wall clock, for records that tell nothing by the steady one.
    [[nodiscard]] double durationSeconds(double now) const;
    /// Share of the optimizer steps done, 0 to 1; from train/loss's last step and the job's data, epochs and batch size.
    [[nodiscard]] double progress() const;
    [[nodiscard]] std::int64_t totalSteps() const;          // ceil(train count · epochs / batch size)
};

/// Reads everything from the run's own files and finds the model registered from it.
[[nodiscard]] Result<RunRecord> readRunRecord(const RunFolder &folder);

/// Newest first by what their jobs say; ids tell whole seconds only, and settle what is equal.
void sortNewestFirst(std::vector<RunRecord> &records);

/// The command line's document for `run show`, keys as the design lists them.
[[nodiscard]] Json runRecordToJson(const RunRecord &record);

} // namespace bottega
