// SPDX-License-Identifier: Apache-2.0
#include "app/cli/rundownload.h"

#include "app/cli/lookup.h"
#include "app/cli/output.h"
#include "core/workspace/artifactcopy.h"

namespace bottega::cli {

RunDownload::RunDownload()
    : Command({"run",
               "download",
               "Copy artifacts of a run into a folder: all of them or none.",
               {{"RUN", runHelp}, {"PATH", "artifact, or folder of artifacts, as run files lists them", Count::OneOrMore}},
               {{"--to", "DIR", "folder to copy into; made where missing", true},
                {"--overwrite", "", "replace files that are there already"}}})
{}

Result<int> RunDownload::execute(const Invocation &invocation, Console &console) const
{
    const auto folder = findRun(invocation);
    if (!folder)
        return fail(folder.error());
    const auto items = artifactItems(*folder, invocation.argumentsFrom(1));
    if (!items)
        return fail(items.error());
    const auto ifExists = invocation.has("--overwrite") ? IfExists::Overwrite : IfExists::Refuse;
    const auto written = copyFiles(folder->work(), *items, invocation.value("--to"), ifExists);
    if (!written)
        return fail(written.error());
    printWritten(*written, invocation.wantsJson(), console.out);
    return Done;
}

} // namespace bottega::cli
