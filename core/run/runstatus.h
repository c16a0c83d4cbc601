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
    double durationSeconds = 0; // of all attempts, up to `readAt` or their last sign, by the steady clock where it is known
    double readAt = 0;       // on the steady clock, while the time goes on; else 0
    int attempts = 0;
    int damagedJournalLines = 0;
    bool needsAgent = false; // of this machine, and its agent is gone: `bottega-agent adopt` goes on with it, or writes its end
    std::string error;       // for Failed: the evidence in words, else empty
};

/// From the journal, and for a run that has not ended, from the processes: alive where agent or work with the recorded
/// start time lives on this machine in this boot; a stopped one is told as such. Agent and work both gone without an end,
/// or by a restart of the machine: the work's own end record (end.json) decides, else Failed (Canceled where that was
/// asked for) with that as evidence, since the run's last sign of life. Where its processes can't be looked at:
/// NotResponding since the last sign; a new one is seen at the next call.
[[nodiscard]] Result<RunStatus> readRunStatus(const RunFolder &folder);

} // namespace bottega
