// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/engine/recipe.h"
#include "core/run/runfolder.h"
#include "core/workspace/trash.h"
#include "core/workspace/workspace.h"

#include <cstdint>
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
    std::uint64_t maxMemoryBytes = 0; // of all its processes; 0: no limit
    std::uint64_t maxDiskBytes = 0;   // of its folder; 0: no limit
};

/// Checks the whole request without making anything: experiment name, recipe, parameters, target, batch size against
/// the data. What it returns is the job as it would run.
[[nodiscard]] Result<Job> prepareJob(const Workspace &workspace, const JobRequest &request);

/// Makes the run folder and starts its agent, detached from this process. Returns as soon as the agent runs.
[[nodiscard]] Result<RunFolder> submitRun(const Workspace &workspace, const JobRequest &request);

/// Goes on with a run that was interrupted, Failed or Canceled, as its next attempt, from the newest of its checkpoints that
/// loads. Returns as soon as its new agent has the run. A completed run and a live one are refused, with what to do instead,
/// and so is one in a workspace that is not trusted.
[[nodiscard]] Result<void> resumeRun(const RunFolder &run);

/// Asks the run's agent to stop it; returns at once. Refused where the workspace is not trusted.
[[nodiscard]] Result<void> requestCancel(const RunFolder &run);

/// Moves an ended run to the workspace's trash, from where it can come back. A live run is refused.
[[nodiscard]] Result<TrashItem> trashRun(const Workspace &workspace, const RunFolder &run);

/// Removes an ended run's folder for good; returns the bytes freed. A live run is refused.
[[nodiscard]] Result<std::uint64_t> deleteRun(const RunFolder &run);

} // namespace bottega
