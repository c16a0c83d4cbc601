// SPDX-License-Identifier: Apache-2.0
#include "app/cli/runlist.h"

#include "app/cli/lookup.h"
#include "app/cli/output.h"
#include "app/cli/trashcommands.h"
#include "core/base/clock.h"
#include "core/base/safename.h"

#include <set>

namespace bottega::cli {

namespace {

std::string epochCell(const RunRecord &run)
{
    const auto epoch = run.metrics.find("epoch");
    const std::string done = epoch == run.metrics.end() ? "0" : numberText(epoch->second.last, 9);
    const std::string all = run.job.param("epochs");
    return all.empty() ? done : done + "/" + all;
}

void print(const std::vector<RunRecord> &runs, std::ostream &out)
{
    Table table({{"RUN"}, {"EXPERIMENT"}, {"STATE"}, {"ACCURACY", Align::Right}, {"EPOCH", Align::Right},
                 {"DURATION", Align::Right}});
    const double now = wallTime();
    for (const RunRecord &run : runs) {
        const auto accuracy = run.metrics.find("val/accuracy");
        table.add({run.id, run.job.experiment, std::string(runStateName(run.status.state)),
                   accuracy == run.metrics.end() ? "-" : shareText(accuracy->second.last), epochCell(run),
                   run.status.started > 0 ? durationText(run.durationSeconds(now)) : "-"});
    }
    table.print(out);
}

/// An empty list has a reason, and a slip in the name is the likeliest.
void explainNone(const std::vector<RunRecord> &all, const std::string &experiment, std::ostream &err)
{
    if (experiment.empty()) {
        err << "No runs yet. bottega-cli run submit makes one.\n";
        return;
    }
    std::set<std::string> names;
    for (const RunRecord &run : all)
        names.insert(run.job.experiment);
    err << "No runs in experiment “" << printable(experiment, 60) << "”.";
    const char *separator = " There are: ";
    for (const std::string &name : names) {
        err << separator << printable(name);
        separator = ", ";
    }
    err << '\n';
}

} // namespace

RunList::RunList()
    : Command({"run", "list", "List the runs, newest first.", {},
               {{"--experiment", "E", "only the runs of this experiment"},
                {"--trash", "", "the deleted runs that can be restored instead"}}})
{}

Result<int> RunList::execute(const Invocation &invocation, Console &console) const
{
    const auto workspace = openWorkspace(invocation);
    if (!workspace)
        return fail(workspace.error());
    if (invocation.has("--trash"))
        return listTrash(*workspace, true, invocation.wantsJson(), console);
    const auto all = listRuns(*workspace);
    if (!all)
        return fail(all.error());
    const std::string experiment = invocation.value("--experiment");
    std::vector<RunRecord> runs;
    for (const RunRecord &run : *all) {
        if (experiment.empty() || run.job.experiment == experiment)
            runs.push_back(run);
    }
    if (!invocation.wantsJson()) {
        if (runs.empty())
            explainNone(*all, experiment, console.err);
        else
            print(runs, console.out);
        return Done;
    }
    Json items = Json::array();
    for (RunRecord &run : runs) {
        // The index keeps no artifacts; the items are the same documents as run show gives.
        if (auto artifacts = RunFolder(workspace->runsFolder() / run.id).artifacts())
            run.artifacts = std::move(*artifacts);
        Json document = runRecordToJson(run);
        document["diskBytes"] = RunFolder(workspace->runsFolder() / run.id).diskUsage();
        items.push_back(std::move(document));
    }
    printJson(console.out, {{"items", items}});
    return Done;
}

} // namespace bottega::cli
