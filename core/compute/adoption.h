// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/run/runfolder.h"

#include <vector>

namespace bottega {

/// Starts agents, detached from this process, for runs of this machine that have lost theirs (RunStatus::needsAgent).
/// Whoever sees such a run calls it, as often as it likes: of several at once one agent gets the run, and this process
/// tries a run at most every two seconds. Runs of workspaces that are not trusted are passed over: their journals could
/// name any process. Blocks for the start of a program at most. Thread safe.
[[nodiscard]] Result<void> adoptOrphans(const std::vector<RunFolder> &runs);

} // namespace bottega
