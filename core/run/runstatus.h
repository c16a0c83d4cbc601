// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/run/journal.h"
#include "core/run/runfolder.h"
#include "core/run/runstate.h"

#include <string>

namespace bottega {

/// What is known of a run: the last state with its evidence and when it was seen.
struct RunStatus
{
    RunState state = RunState::NotStarted;
    std::string evidence;    // "pid 4121 alive", "exit status 0", "signal 9 (Killed)"
    double since = 0;        // when the state was entered, seconds since 1970
    double started = 0;      // of the first attempt's Running (or Starting); 0: not yet
    double ended = 0;        // of the terminal state; 0: not yet
    int attempts = 0;
    int damagedJournalLines = 0;
    std::string error;       // for Failed: the evidence in words, else empty
};

/// From the journal, and for a run that has not ended, from the processes: alive where agent or work with the recorded
/// start time lives on this host in this boot. Agent and work both gone without an end: the work's own end record
/// (end.json) decides, else Failed with that as evidence. On another host or boot: NotResponding since the last line.
[[nodiscard]] Result<RunStatus> readRunStatus(const RunFolder &folder);

} // namespace bottega
