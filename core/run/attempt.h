// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/run/journal.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bottega {

/// A process as a journal records it: the start time tells it from a later one with the same id.
struct ProcessIdentity
{
    int pid = 0;
    std::uint64_t start = 0;

    [[nodiscard]] bool isAlive() const;
};

/// Where the processes of an attempt are, seen from here.
enum class Place {
    Here,      // in this boot and among the processes that we can look at
    Restarted, // on this machine before it was restarted: they are gone
    Elsewhere, // on another machine, or out of sight on this one
};

/// What a journal says of the newest attempt, folded from its lines in order.
struct Attempt
{
    int number = 0;                         // 0: the journal is empty
    RunState state = RunState::NotStarted;  // nothing leaves a terminal state; only such a one ends CancelRequested
    std::string evidence;
    double since = 0;                       // when `state` was entered
    double lastWord = 0;                    // time of the last line
    std::optional<ProcessIdentity> agent;
    std::optional<ProcessIdentity> work;    // also the leader of its process group
    std::string bootId;                     // of the machine that the processes are on
    std::string machineId;
    std::string pidNamespace;
    std::string host;
    bool cancelRequested = false;
    std::string cancelRequestedBy;
    double firstRunning = 0;                // over all attempts: the first Running, or Starting where none came
    double ended = 0;
    std::string limit;                      // reached, in words; or empty
    double steadyRunning = 0;               // this attempt's Running (or Starting), on the steady clock of its boot
    double secondsBefore = 0;               // that earlier attempts took
    double seconds = 0;                     // that this one took up to its last line, never negative

    [[nodiscard]] Place place() const;
};

[[nodiscard]] Attempt newestAttempt(const std::vector<JournalEntry> &entries);

} // namespace bottega
