// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/cli/console.h"

namespace bottega::cli {

/// Where the program was started with a standard stream closed, opens the null device in its place: no file that is
/// opened later can then be written to by mistake.
void openMissingStreams();

/// The console of this process: what is a terminal, how wide it is, and Ctrl+C.
[[nodiscard]] Console processConsole(std::ostream &out, std::ostream &err);

/// The exit code after the last flush: a reader that went away is no news to anyone, a full disk is an error.
[[nodiscard]] int codeAfterWriting(int code, Console &console);

} // namespace bottega::cli
