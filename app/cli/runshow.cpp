// SPDX-License-Identifier: Apache-2.0
#include "app/cli/runshow.h"

#include "app/cli/lookup.h"
#include "app/cli/output.h"
#include "app/cli/runwait.h"
#include "core/base/clock.h"

namespace bottega::cli {

namespace {

std::string stateCell(const RunStatus &status)
{
    std::string text(runStateName(status.state));
    if (!status.evidence.empty())
        text += ": " + status.evidence;
    if (status.since > 0)
        text += ", " + agoText(wallTime() - status.since);
    return text;
}

std::string paramsCell(const Job &job)
{
    std::string text;
    for (const auto &[name, value] : job.params)
        text += (text.empty() ? "" : " ") + name + "=" + value;
    return text;
}

std::string dataCell(const JobData &data)
{
    return data.name + " (" + countText(data.trainCount) + " training, " + countText(data.testCount) + " test)";
}

void printOverview(const RunRecord &run, std::uint64_t bytes, std::ostream &out)
{
    const RunStatus &status = run.status;
    printFacts(out, {{"Run", run.id},
                     {"Experiment", run.job.experiment},
                     {"State", stateCell(status)},
                     {"Recipe", run.job.recipe},
                     {"Parameters", paramsCell(run.job)},
                     {"Data", dataCell(run.job.data)},
                     {"Target", run.job.target + ", device " + run.job.device +
                                    (run.job.threads > 0 ? ", " + countOf(run.job.threads, "thread", "threads") : "")},
                     {"Time limit", run.job.maxDurationSeconds > 0 ? durationText(run.job.maxDurationSeconds) : ""},
                     {"Memory limit", run.job.maxMemoryBytes > 0 ? bytesText(run.job.maxMemoryBytes) : ""},
                     {"Disk limit", run.job.maxDiskBytes > 0 ? bytesText(run.job.maxDiskBytes) : ""},
                     {"Resumed from", run.job.resumeFrom},
                     {"Submitted", timeText(run.job.createdAt)},
                     {"Started", timeText(status.started)},
                     {"Ended", timeText(status.ended)},
                     {"Duration", status.started > 0 ? durationText(run.durationSeconds(wallTime())) : "-"},
                     {"Attempts", std::to_string(status.attempts)},
                     {"Model", run.model},
                     {"On disk", bytesText(bytes)},
                     {"Damaged", status.damagedJournalLines > 0
                                     ? countOf(status.damagedJournalLines, "line of the journal", "lines of the journal")
                                     : ""}});
}

void printMetrics(const RunRecord &run, std::ostream &out)
{
    if (run.metrics.empty())
        return;
    Table table({{"METRIC"}, {"LAST", Align::Right}, {"BEST", Align::Right}, {"BEST STEP", Align::Right},
                 {"POINTS", Align::Right}});
    for (const auto &[name, metric] : run.metrics)
        table.add({name, numberText(metric.last, 6), numberText(metric.best, 6), countText(metric.bestStep),
                   countText(static_cast<std::int64_t>(metric.count))});
    out << '\n';
    table.print(out);
}

void printArtifacts(const RunRecord &run, std::ostream &out)
{
    if (run.artifacts.empty())
        return;
    Table table({{"ARTIFACT"}, {"SIZE", Align::Right}});
    for (const Artifact &artifact : run.artifacts)
        table.add({artifact.path, bytesText(artifact.size)});
    out << '\n';
    table.print(out);
}

} // namespace

RunShow::RunShow() : Command({"run", "show", "Show a run's state, job, metrics and artifacts.", {{"RUN", runHelp}}}) {}

Result<int> RunShow::execute(const Invocation &invocation, Console &console) const
{
    const auto folder = findRun(invocation);
    if (!folder)
        return fail(folder.error());
    adoptIfOrphaned(*folder, console.err);
    if (invocation.wantsJson())
        return printRunDocument(*folder, console.out);
    const auto run = readRunRecord(*folder);
    if (!run)
        return fail(run.error());
    printOverview(*run, folder->diskUsage(), console.out);
    printMetrics(*run, console.out);
    printArtifacts(*run, console.out);
    return Done;
}

} // namespace bottega::cli
