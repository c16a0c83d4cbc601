// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/engine/recipe.h"
#include "core/run/runfolder.h"
#include "core/workspace/trash.h"
#include "core/workspace/workspace.h"

#include <string>

namespace bottega {

/// What a person asks for; everything else is resolved at submission and then stands in run.json.
struct JobRequest
{
    std::string experiment;      // 3–36 characters; made on first use
    std::string recipe;
    engine::Params params;
    std::string dataset;         // empty: mnist where it is ready, else mnist-small
    std::string target = "local";
    std::string gpu = "auto";    // auto, never, require
    std::string device = "auto"; // auto, cpu, cuda, cuda:INDEX, cuda:UUID
    int threads = 0;             // of the CPU; 0: all that may be used
    std::string precision = "fp32"; // fp32, tf32, bf16: other than fp32 on a GPU only
    std::string resumeFrom;      // run id
    double maxDurationSeconds = 0;
};

/// Checks the whole request without making anything: experiment name, recipe, parameters, target, batch size against
/// the data. What it returns is the job as it would run.
[[nodiscard]] Result<Job> prepareJob(const Workspace &workspace, const JobRequest &request);

/// Makes the run folder and starts its agent, detached from this process. Returns as soon as the agent runs.
[[nodiscard]] Result<RunFolder> submitRun(const Workspace &workspace, const JobRequest &request);

/// Asks the run's agent to stop it; returns at once.
[[nodiscard]] Result<void> requestCancel(const RunFolder &run);

/// Moves an ended run to the workspace's trash, from where it can come back. A live run is refused.
[[nodiscard]] Result<TrashItem> trashRun(const Workspace &workspace, const RunFolder &run);

/// Removes an ended run's folder for good; returns the bytes freed. A live run is refused.
[[nodiscard]] Result<std::uint64_t> deleteRun(const RunFolder &run);

} // namespace bottega
