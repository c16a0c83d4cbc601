// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace bottega {

/// What ends this user's processes at logout, in words ("KillUserProcesses=yes in /etc/systemd/logind.conf"): logind where it
/// is told to, or the user's service manager where it has us. Empty where a run outlives the login: lingering is on, there
/// is no logind, or neither holds. `root` stands before /etc, /proc, /run, /usr and /var.
[[nodiscard]] std::string endOfLogin(const std::filesystem::path &root = "/");

/// The words that put a program in a scope of its own, out of the session that logind ends: systemd-run and its options,
/// or nothing where that does not work here. Tries it once; blocks up to three seconds.
[[nodiscard]] const std::vector<std::string> &scopeCommand();

} // namespace bottega
