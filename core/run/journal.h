// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/run/runstate.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bottega {

/// One line of journal.jsonl: a change of state with its evidence.
struct JournalEntry
{
    double time = 0; // seconds since 1970
    int attempt = 1;
    RunState state = RunState::NotStarted;
    std::string evidence;              // "pid 4121 started", "exit status 0", "signal 9 (Killed)"
    std::optional<int> agentPid;
    std::optional<std::uint64_t> agentStart; // start time in clock ticks since boot: tells a reused pid
    std::optional<int> pid;            // of the work; also its process group
    std::optional<std::uint64_t> pidStart;
    std::optional<int> exitStatus;
    std::optional<int> signal;
    std::optional<double> steady;      // the steady clock when it was written: comparable within one boot
    std::string bootId;
    std::string machineId;
    std::string pidNamespace;          // in which the ids above hold
    std::string host;
    std::string by;                    // who asked, for requests
    std::string limit;                 // the limit that was reached, in words
};

/// Appends one line with a CRC of its own in a single write, then syncs. A torn last line of an earlier writer is closed
/// off first, so that it costs itself only. Several processes may append to one journal.
[[nodiscard]] Result<void> appendJournal(const std::filesystem::path &path, const JournalEntry &entry);

/// An entry or any other object that is not empty as a line of a journal, its sum and the line's end included.
[[nodiscard]] std::string sealJournalLine(const Json &entry);
[[nodiscard]] std::string journalLine(const JournalEntry &entry);
/// The object in a line (without its end); nothing where its sum or form is not right.
[[nodiscard]] std::optional<Json> openJournalLine(std::string_view line);

struct JournalContent
{
    std::vector<JournalEntry> entries;
    std::uint64_t bytes = 0;      // length read
    int damagedLines = 0;         // stretches of bytes that are no entry. A torn last line is not counted: wait
};

/// Reads the whole journal, up to 1 GiB; a missing file is an empty one. Damage costs the entries that it touches and is
/// counted: also where two entries run together or one stands inside another. An entry that stands twice, because its
/// sync failed, counts once.
[[nodiscard]] Result<JournalContent> readJournal(const FilePlace &place);

} // namespace bottega
