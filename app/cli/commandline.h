// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/cli/command.h"

#include <string>
#include <vector>

namespace bottega::cli {

/// Every command there is, in the order in which help shows them.
[[nodiscard]] const CommandList &allCommands();

/// The whole program but its process: finds the command that `words` (without the program's name) call, executes it and
/// tells its error. Returns the exit code. Needs a QCoreApplication.
[[nodiscard]] int runCommandLine(const std::vector<std::string> &words, Console &console);

[[nodiscard]] int exitCodeFor(ErrorCode code);

} // namespace bottega::cli
