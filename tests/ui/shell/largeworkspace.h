// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/runfolder.h"
#include "core/workspace/workspace.h"

#include <string>

namespace bottega::test {

/// How large the workspace of a test is: BOTTEGA_RUNS and BOTTEGA_METRICS make it larger.
struct WorkspaceSize
{
    int runs = 2000;
    int metrics = 20;
    [[nodiscard]] static WorkspaceSize asked();
};

/// Ended runs in twenty experiments with three points a metric. The first is made by the real writers; the others are its
/// copies under ids of their own, which is much faster.
[[nodiscard]] Result<void> makeEndedRuns(const Workspace &workspace, const WorkspaceSize &size);

/// An ended run with `points` of each of `metrics` curves, `logBytes` of log and `files` artifacts.
[[nodiscard]] Result<RunFolder> makeLargeRun(const Workspace &workspace, int metrics, int points, int logBytes, int files);

/// A run on another machine, as far as its journal tells: it lives, and nothing here can look at it.
[[nodiscard]] Result<RunFolder> makeLiveRun(const Workspace &workspace);

} // namespace bottega::test
