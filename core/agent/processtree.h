// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/run/attempt.h"
#include "core/run/process.h"
#include "core/run/runfolder.h"

#include <filesystem>
#include <string>
#include <vector>

namespace bottega {

struct TreeMember
{
    int pid = 0;
    ProcessStat stat;
};

/// The direct children of a process, those of all its threads, zombies included.
[[nodiscard]] std::vector<int> childrenOf(int pid);

/// Every process below `ancestor`, zombies included, itself not. Complete for a subreaper: whoever loses its parent
/// becomes its child.
[[nodiscard]] std::vector<TreeMember> processesBelow(int ancestor);

/// Living processes that were started for this run, known by the folder's path in their environment: also those whose
/// parents and agent are gone. Only those of our own user can be seen. `since` leaves out, cheaply, what started earlier.
[[nodiscard]] std::vector<ProcessIdentity> processesOfRun(const RunFolder &folder, std::uint64_t since = 0);

/// Sends a signal to this very process, never to a later one with its id.
void signalProcess(const ProcessIdentity &process, int signal);

} // namespace bottega
