// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/crash/scene.h"

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace bottega::crash {

/// What was done and what was found.
struct Tally
{
    explicit Tally(std::string operation) : what(std::move(operation)) {}

    std::string what;
    std::int64_t kills = 0;
    std::int64_t injections = 0;
    std::int64_t replays = 0;
    std::int64_t missed = 0;    // of kills and injections: the call did not come
    std::int64_t acknowledged = 0;
    std::vector<std::string> findings; // with what to type to see each again

    void add(const Tally &other);
};

/// How much is tried. Counts are per operation.
struct Effort
{
    std::uint64_t seed = 1;
    double share = 0.1;         // of all N-th calls
    std::int64_t kills = 30;    // at random
    std::int64_t replays = 500; // of loss of power
    std::size_t findings = 20;  // so many are enough
    std::function<bool()> isOver = [] { return false; };
};

[[nodiscard]] const std::vector<std::string> &operationNames();

/// Kills at random moments, each run going on where the last one was killed.
[[nodiscard]] Tally killAtRandom(Stage &stage, const std::string &operation, const Effort &effort);

/// Kills at the entry of each system call of the operation, in turn.
[[nodiscard]] Tally killAtEveryCall(Stage &stage, const std::string &operation, const Effort &effort);

/// Makes each system call fail in turn, once and from then on, with every error that it can have: ENOSPC EIO EINTR EMFILE;
/// and cuts each write short.
[[nodiscard]] Tally failEveryCall(Stage &stage, const std::string &operation, const Effort &effort);

/// Makes each allocation fail in turn.
[[nodiscard]] Tally failEveryAllocation(Stage &stage, const std::string &operation, const Effort &effort);

/// One fault alone, to see a finding again: "kill:fsync:3", "ENOSPC:write:2", "ENOSPC:write:2+", "short:write:1", "new:17".
[[nodiscard]] Tally replayFault(Stage &stage, const std::string &operation, const std::string &fault);

/// False where strace cannot trace here.
[[nodiscard]] bool canTrace();

} // namespace bottega::crash
