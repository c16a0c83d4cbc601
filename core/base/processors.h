// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>

namespace bottega {

/// Processors that this process may use, at least 1: those it may be scheduled on, and no more than its control groups
/// grant. Less than the machine has inside containers and batch jobs.
[[nodiscard]] int usableProcessors();

/// Processors that the control groups of a process grant, 0 where they set no limit. `groups` is its /proc/PID/cgroup,
/// `root` where the hierarchies are mounted. Versions 1 and 2; the smallest limit on the way up counts.
[[nodiscard]] double grantedProcessors(std::string_view groups, const std::filesystem::path &root);

} // namespace bottega
