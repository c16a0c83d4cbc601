// SPDX-License-Identifier: Apache-2.0
#include "app/cli/rundelete.h"

#include "app/cli/lookup.h"
#include "app/cli/output.h"
#include "core/compute/submit.h"

namespace bottega::cli {

RunDelete::RunDelete()
    : Command({"run", "delete", "Remove an ended run with all its files; models registered from it stay.",
               {{"RUN", runHelp}}})
{}

Result<int> RunDelete::execute(const Invocation &invocation, Console &console) const
{
    const auto folder = findRun(invocation);
    if (!folder)
        return fail(folder.error());
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
