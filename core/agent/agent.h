// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"

#include <chrono>
#include <filesystem>
#include <vector>

namespace bottega {

struct AgentOptions
{
    std::filesystem::path trainer;                 // the built-in trainer's program, absolute
    std::chrono::milliseconds grace{10'000};       // between TERM and KILL
    std::chrono::milliseconds telemetryInterval{1'000};
    bool resumes = false;                          // an ended run goes on as its next attempt
    std::filesystem::path kernelFiles = "/";       // before /dev, /proc and /sys, where devices and counters are looked for
};

/// Owns the run from its folder to its end: takes the folder's lock (one agent a run), journals each state with
/// evidence, starts the work in a session and process group of its own, captures its output into the driver log, samples
/// CPU and memory, obeys cancel requests in the journal, names how the work ended. Blocks until then; call it in a
/// process of its own that is detached from whoever submitted the run: it takes over signals and umask. SIGTERM cancels
/// the run; the terminal's signals are ignored. A run that did not complete is an error of code Failed or Canceled with
/// the evidence; one that has ended before is Usage, one that another agent has is Exists.
[[nodiscard]] Result<void> superviseRun(const std::filesystem::path &runFolder, const AgentOptions &options);

/// Goes on with the attempt of a run whose agent died: watches the work, finds its processes, samples, obeys requests
/// and limits as before, and finalizes. How the work ended is what its end record says, else "exit status unknown".
/// Where nothing lives any more, only writes down how it ended. A run that needs no agent (it has one, it ended, it never
/// began) is left alone without an error; one on another machine is Unreachable. Blocks and ends as `superviseRun` does.
[[nodiscard]] Result<void> adoptRun(const std::filesystem::path &runFolder, const AgentOptions &options);

/// Each run by itself, those whose work lives in a process of their own; waits for all. The first error.
[[nodiscard]] Result<void> adoptRuns(const std::vector<std::filesystem::path> &runFolders, const AgentOptions &options);

/// Asks a run to stop: journals CancelRequested, which its agent obeys with TERM, grace and KILL of the whole group.
/// Where no agent lives any more, does that itself and then blocks up to the grace. An ended run is an error of code
/// Usage that names its state; a second request is none.
[[nodiscard]] Result<void> cancelRun(const std::filesystem::path &runFolder, const AgentOptions &options);

} // namespace bottega
