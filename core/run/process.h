// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace bottega {

/// What the kernel tells of a process in /proc/PID/stat.
struct ProcessStat
{
    char state = '?';                // 'Z' and 'X' have ended
    int parent = 0;
    int group = 0;
    int session = 0;
    std::uint64_t cpuTicks = 0;      // user and system time, its own and its waited-for children's
    std::uint64_t residentPages = 0;
    std::uint64_t start = 0;         // clock ticks since boot

    [[nodiscard]] bool hasEnded() const { return state == 'Z' || state == 'X'; }
};

[[nodiscard]] std::optional<ProcessStat> readProcessStat(int pid);

/// Start time of a process in clock ticks since boot (field 22 of /proc/PID/stat). Nothing for none and for zombies.
[[nodiscard]] std::optional<std::uint64_t> processStart(int pid);

/// True where `pid` lives and is the very process that started at `start`.
[[nodiscard]] bool isAlive(int pid, std::uint64_t start);

[[nodiscard]] std::string bootId();       // of the running kernel
[[nodiscard]] std::string machineId();    // of the installed system; empty where it has none
[[nodiscard]] std::string pidNamespace(); // in which process ids mean what they mean to us; empty where the kernel hides it
[[nodiscard]] std::string hostName();
[[nodiscard]] double bootTime();          // seconds since 1970, by today's wall clock

/// Seconds on the steady clock at which a process with this start time began; earlier by the time suspended since.
[[nodiscard]] double steadyStart(std::uint64_t start);

/// "signal 9 (Killed)"
[[nodiscard]] std::string signalText(int signal);

} // namespace bottega
