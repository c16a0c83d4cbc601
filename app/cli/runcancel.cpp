// SPDX-License-Identifier: Apache-2.0
#include "app/cli/runcancel.h"

#include "app/cli/lookup.h"
#include "app/cli/output.h"
#include "app/cli/runwait.h"
#include "core/compute/submit.h"

namespace bottega::cli {

RunCancel::RunCancel()
    : Command({"run", "cancel", "Ask a run to stop; its files stay.", {{"RUN", runHelp}},
               {{"--wait", "", "wait until it has ended"}},
               "With --wait the exit code is 0 where the run has ended as Canceled or Completed, 1 as Failed."})
{}

Result<int> RunCancel::execute(const Invocation &invocation, Console &console) const
{
    const auto folder = findRun(invocation);
    if (!folder)
        return fail(folder.error());
    auto follower = RunFollower::openAtEnd(*folder);
    if (!follower)
        return fail(follower.error());
    if (auto asked = requestCancel(*folder); !asked)
        return fail(asked.error());
    if (invocation.has("--wait")) {
        const auto end = waitForRun(*follower, invocation, console);
        if (!end)
            return fail(end.error());
        const auto code = reportRun(*folder, *end, invocation, console);
        return code && follower->record().status.state == RunState::Canceled ? Result<int>(Done) : code;
    }
    if (invocation.wantsJson())
        return printRunDocument(*folder, console.out);
    console.out << "Asked run " << folder->id() << " to stop.\n";
    return Done;
}

} // namespace bottega::cli
