// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/cli/command.h"
#include "core/compute/submit.h"

namespace bottega::cli {

/// `run submit --dry-run`: what the request would run, its network and what it may cost; nothing is made.
[[nodiscard]] Result<int> reportDryRun(const Workspace &workspace, const JobRequest &request, const Invocation &invocation,
                                       Console &console);

} // namespace bottega::cli
