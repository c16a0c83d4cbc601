// SPDX-License-Identifier: Apache-2.0
#include "core/base/clock.h"
#include "core/formats/tfevents/eventwriter.h"
#include "core/run/journal.h"
#include "core/workspace/index.h"
#include "core/workspace/runfeed.h"
#include "core/workspace/runmetrics.h"

#include <QCoreApplication>
#include <QTemporaryDir>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace bottega;
namespace fs = std::filesystem;

namespace {

template <class T>
T orStop(Result<T> result)
{
    if (!result) {
        std::fprintf(stderr, "%s\n", describe(result.error()).c_str());
        std::_Exit(1);
    }
    if constexpr (!std::is_void_v<T>)
        return std::move(*result);
}

void write(const Workspace &workspace, std::int64_t points, int metrics)
{
    Job job;
    job.experiment = "bench";
    job.runId = "bench_1700000000_00000000";
    job.recipe = "mnist-mlp";
    const RunFolder run = orStop(RunFolder::create(workspace.runsFolder(), job));
    JournalEntry entry;
    for (const RunState state : {RunState::Running, RunState::Completed}) {
        entry.time += 1.7e9;
        entry.state = state;
        entry.evidence = "bench";
        orStop(appendJournal(run.journal(), entry));
    }
    EventWriter writer = orStop(EventWriter::create(run.metrics(), 1, "bench"));
    std::vector<ScalarValue> values;
    std::vector<std::string> names;
    for (int i = 0; i < metrics; ++i)
        names.push_back("group/metric" + std::to_string(i));
    for (const std::string &name : names)
        values.push_back({name, 0});
    for (std::int64_t step = 0; step < points / metrics; ++step) {
        for (ScalarValue &value : values)
            value.value = 1.0 / static_cast<double>(step + 3);
        orStop(writer.append(step, values));
    }
    orStop(writer.sync());
}

std::int64_t follow(const RunFolder &run, std::int64_t points)
{
    int count = 0;
    char name[] = "bench";
    char *arguments[] = {name, nullptr};
    QCoreApplication application(++count, arguments);
    RunFeed feed(run);
    std::int64_t seen = 0;
    QObject::connect(&feed, &RunFeed::pointsArrived, &application, [&](const QList<MetricBatch> &batches) {
        for (const MetricBatch &batch : batches)
            seen += static_cast<std::int64_t>(batch.points.size());
        if (seen >= points)
            QCoreApplication::quit();
    });
    QCoreApplication::exec();
    return seen;
}

/// In a process of its own, so that its greatest memory is its own.
void phase(const char *what, const std::function<std::int64_t()> &work)
{
    std::fflush(stdout);
    const double start = steadyTime();
    const pid_t child = ::fork();
    if (child == 0) {
        const std::int64_t count = work();
        std::printf("%-44s %12lld points", what, static_cast<long long>(count));
        std::fflush(stdout);
        std::_Exit(0);
    }
    int status = 0;
    rusage usage = {};
    ::wait4(child, &status, 0, &usage);
    if (status != 0)
        std::exit(1);
    std::printf(" %8.2f s %8.1f MiB resident at most\n", steadyTime() - start, static_cast<double>(usage.ru_maxrss) / 1024);
}

std::int64_t countOf(const MetricSummaries &metrics)
{
    std::uint64_t count = 0;
    for (const auto &[name, summary] : metrics)
        count += summary.count;
    return static_cast<std::int64_t>(count);
}

} // namespace

/// What a run with many points costs: bench_points [POINTS] [METRICS] [FOLDER]. Writes it, opens it as the studio does, from
/// the event files and then from the column cache, and reads it as the command line does.
int main(int argc, char **argv)
{
    const std::int64_t points = argc > 1 ? std::atoll(argv[1]) : 10'000'000;
    const int metrics = argc > 2 ? std::atoi(argv[2]) : 10;
    const QTemporaryDir folder(QString::fromUtf8(argc > 3 ? argv[3] : "/tmp") + QStringLiteral("/bench-points"));
    const fs::path root = folder.path().toStdString();
    ::setenv("XDG_CACHE_HOME", (root / "cache").c_str(), 1);
    const Workspace workspace = orStop(Workspace::init(root / "workspace", "bench"));
    const RunFolder run(workspace.runsFolder() / "bench_1700000000_00000000");
    const std::int64_t whole = points / metrics * metrics;

    phase("written", [&] { return write(workspace, points, metrics), whole; });
    phase("indexed for the first time", [&] {
        Index index = orStop(Index::open(workspace));
        return countOf(orStop(index.refresh()).changed.at(0).metrics);
    });
    phase("opened for a view, from the event files", [&] { return follow(run, whole); });
    std::printf("%.1f bytes a point in the event files, %.1f in the column cache\n",
                static_cast<double>(fs::file_size(fs::directory_iterator(run.metrics())->path())) / static_cast<double>(whole),
                static_cast<double>(fs::file_size(columnCacheOf(run))) / static_cast<double>(whole));
    phase("opened for a view, from the column cache", [&] { return follow(run, whole); });
    phase("in short, from the column cache", [&] { return countOf(orStop(readRunRecord(run)).metrics); });
    phase("indexed and known, opened again", [&] {
        Index index = orStop(Index::open(workspace));
        return countOf(orStop(index.refresh()).changed.at(0).metrics);
    });
    phase("all points at once, from the column cache", [&] {
        std::size_t count = 0;
        for (const auto &[name, all] : orStop(readRunMetrics(run)))
            count += all.size();
        return static_cast<std::int64_t>(count);
    });
    return 0;
}
