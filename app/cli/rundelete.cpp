// SPDX-License-Identifier: Apache-2.0
#include "app/cli/rundelete.h"

#include "app/cli/lookup.h"
#include "app/cli/output.h"
#include "app/cli/trashcommands.h"
#include "core/compute/submit.h"

namespace bottega::cli {

RunDelete::RunDelete()
    : Command({"run",
               "delete",
               "Move an ended run to the trash; models registered from it stay.",
               {{"RUN", runHelp}},
               {{"--permanently", "", "remove it with all its files at once, past the trash"}}})
{}

Result<int> RunDelete::execute(const Invocation &invocation, Console &console) const
{
    const auto workspace = openWorkspace(invocation);
    if (!workspace)
        return fail(workspace.error());
    const auto folder = findRun(*workspace, invocation.argument(0));
    if (!folder)
        return fail(folder.error());
    if (!invocation.has("--permanently")) {
        const auto item = trashRun(*workspace, *folder);
        if (!item)
            return fail(item.error());
        printTrashed(*item, invocation.wantsJson(), console.out);
        return Done;
    }
    const auto freed = deleteRun(*folder);
    if (!freed)
        return fail(freed.error());
    if (invocation.wantsJson())
        printJson(console.out, {{"id", folder->id()}, {"deleted", true}, {"freedBytes", *freed}});
    else
        console.out << "Deleted run " << folder->id() << "; " << bytesText(*freed) << " are free again.\n";
    return Done;
}

} // namespace bottega::cli
