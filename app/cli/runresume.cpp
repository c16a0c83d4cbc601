// SPDX-License-Identifier: Apache-2.0
#include "app/cli/runresume.h"

#include "app/cli/lookup.h"
#include "app/cli/output.h"
#include "app/cli/runwait.h"
#include "core/compute/submit.h"

namespace bottega::cli {

RunResume::RunResume()
    : Command({"run", "resume", "Go on with a run that did not complete, as its next attempt.", {{"RUN", runHelp}},
               {{"--wait", "", "follow the run to its end"}},
               "It goes on from the newest of its checkpoints that loads, and anew where it has none. A completed run is\n"
               "refused: run submit --resume-from makes a new run of it, with more epochs.\n"
               "With --wait the exit code tells how the run ended: 0 Completed, 1 Failed or Canceled."})
{}

Result<int> RunResume::execute(const Invocation &invocation, Console &console) const
{
    const auto folder = findRun(invocation);
    if (!folder)
        return fail(folder.error());
    auto follower = RunFollower::openAtEnd(*folder);
    if (!follower)
        return fail(follower.error());
    const bool waits = invocation.has("--wait");
    if (waits)
        (void)console.pause({}); // so that Ctrl+C from now on only ends the waiting
    if (auto resumed = resumeRun(*folder); !resumed)
        return fail(resumed.error());
    if (waits) {
        const auto end = waitForRun(*follower, invocation, console);
        if (!end)
            return fail(end.error());
        return reportRun(*folder, *end, invocation, console);
    }
    if (invocation.wantsJson())
        return printRunDocument(*folder, console.out);
    console.out << "Run " << folder->id() << " goes on.\n";
    return Done;
}

} // namespace bottega::cli
