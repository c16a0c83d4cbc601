// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/cli/command.h"
#include "app/cli/runfollower.h"

namespace bottega::cli {

enum class WaitEnd {
    RunEnded,
    Interrupted, // Ctrl+C, or nobody reads what is written any more; the run goes on
};

/// Follows a run to its end and shows it on the way: a line with a bar, redrawn, on a terminal; a line for each state and
/// each epoch elsewhere. With --json, only a terminal on standard error sees anything.
[[nodiscard]] Result<WaitEnd> waitForRun(RunFollower &follower, const Invocation &invocation, Console &console);

/// The document of `run show`, as the one document of this command.
[[nodiscard]] Result<int> printRunDocument(const RunFolder &folder, std::ostream &out);

/// How it ended, in a line or two, with what to do next; or the whole document with --json. Returns the exit code.
[[nodiscard]] Result<int> reportRun(const RunFolder &folder, WaitEnd end, const Invocation &invocation, Console &console);

/// "bottega-cli run cancel ID", with the same --workspace as this call has, quoted for a shell.
[[nodiscard]] std::string commandLike(const Invocation &invocation, const std::string &nounVerbAndRest);

} // namespace bottega::cli
