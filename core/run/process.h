// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace bottega {

/// Start time of a process in clock ticks since boot (field 22 of /proc/PID/stat). Nothing for none and for zombies.
[[nodiscard]] std::optional<std::uint64_t> processStart(int pid);

/// True where `pid` lives and is the very process that started at `start`.
[[nodiscard]] bool isAlive(int pid, std::uint64_t start);

[[nodiscard]] std::string bootId();   // of the running kernel
[[nodiscard]] std::string hostName();

/// "signal 9 (Killed)"
[[nodiscard]] std::string signalText(int signal);

} // namespace bottega
