// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/clock.h"
#include "core/formats/tfevents/eventwriter.h"
#include "core/run/journal.h"
#include "core/workspace/index.h"
#include "core/workspace/runfeed.h"
#include "core/workspace/runmetrics.h"
#include "ui/charts/chartexport.h"
#include "ui/charts/chartpanel.h"
#include "ui/charts/chartsview.h"

#include <QApplication>
#include <QTemporaryDir>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <functional>
#include <sys/resource.h>
#include <sys/wait.h>
#include <tuple>
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

/// As the studio's page of a run: all points, drawn again and again while they come, in a shown window. `work` then does
/// more with the view.
std::int64_t chart(const RunFolder &run, std::int64_t points, const std::function<void(ChartsView &)> &work)
{
    int count = 1;
    char name[] = "bench";
    char *arguments[] = {name, nullptr};
    QApplication application(count, arguments);
    ChartsView view;
    view.setPagePool(makePagePool(orStop(Workspace::open(run.root().parent_path().parent_path()))));
    view.resize(1100, 420);
    view.show();
    RunFeed feed(run);
    std::int64_t seen = 0;
    double longest = 0;
    QObject::connect(&feed, &RunFeed::pointsArrived, &view, [&](const QList<MetricBatch> &batches) {
        const double start = steadyTime();
        view.addPoints(batches);
        longest = std::max(longest, steadyTime() - start);
        for (const MetricBatch &batch : batches)
            seen += static_cast<std::int64_t>(batch.points.size());
        if (seen >= points)
            QCoreApplication::quit();
    });
    QCoreApplication::exec();
    std::printf("taking a portion: %.0f ms at most\n", longest * 1000);
    view.showFamily(QStringLiteral("group/metric0"), true);
    work(view);
    return seen;
}

void drawWholeAndPart(ChartsView &view)
{
    MetricChart *chart = view.panel(QStringLiteral("group/metric0"))->chart();
    const MetricSeries *series = view.series("group/metric0");
    const double end = static_cast<double>(series->points().back().step);
    for (const auto &[what, from, to] : {std::tuple("all", 0.0, end), {"a half", end / 4, 3 * end / 4}, {"a 1000th", 0.4 * end, 0.401 * end}}) {
        const double start = steadyTime();
        chart->setVisibleRange(MetricChart::Range{from, to});
        chart->grab();
        std::printf("drawing %s of %zu points: %.1f ms\n", what, series->size(), (steadyTime() - start) * 1000);
    }
}

std::int64_t runCli(const RunFolder &run, const std::vector<std::string> &options)
{
    std::vector<std::string> words = {BOTTEGA_BIN_DIR "/bottega-cli", "run"};
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), {run.id(), "--workspace", run.root().parent_path().parent_path().string()});
    std::vector<char *> arguments;
    for (std::string &word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const int nowhere = ::open("/dev/null", O_WRONLY);
    ::dup2(nowhere, STDOUT_FILENO);
    ::execv(arguments.front(), arguments.data());
    return -1;
}

/// In a process of its own, so that its greatest memory is its own.
void phase(const char *what, const std::function<std::int64_t()> &work)
{
    std::fflush(stdout);
    const double start = steadyTime();
    const pid_t child = ::fork();
    if (child == 0) {
        const std::int64_t count = work();
        std::fflush(stdout);
        std::_Exit(count > 0 ? 0 : 1);
    }
    int status = 0;
    rusage usage = {};
    ::wait4(child, &status, 0, &usage);
    if (status != 0)
        std::exit(1);
    std::printf("%-50s %8.2f s %8.1f MiB resident at most\n", what, steadyTime() - start,
                static_cast<double>(usage.ru_maxrss) / 1024);
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
/// the event files and then from the column cache, keeps it for the charts, draws it, saves it as CSV, and reads it as the
/// command line does.
int main(int argc, char **argv)
{
    ::setenv("QT_QPA_PLATFORM", "offscreen", 0);
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
    phase("kept for the charts and drawn", [&] { return chart(run, whole, drawWholeAndPart); });
    phase("kept for the charts and smoothed", [&] {
        return chart(run, whole, [](ChartsView &view) {
            const MetricSeries *series = view.series("group/metric0");
            double longest = 0;
            view.panel(QStringLiteral("group/metric0"))->setSmoothing(0.97);
            while (series->smoothed(0.97, 0).size() < series->size()) {
                const double start = steadyTime();
                QCoreApplication::processEvents();
                longest = std::max(longest, steadyTime() - start);
            }
            std::printf("smoothing a portion and drawing: %.0f ms at most\n", longest * 1000);
        });
    });
    phase("kept for the charts, one metric saved as CSV", [&] {
        return chart(run, whole, [&](ChartsView &view) {
            const MetricSeries *series = view.series("group/metric0");
            orStop(saveCsv({{series->name(), series->points()}}, root / "points.csv"));
        });
    });
    phase("bottega-cli run show", [&] { return runCli(run, {"show"}); });
    phase("bottega-cli run metrics --json", [&] { return runCli(run, {"metrics", "--json"}); });
    phase("bottega-cli run metrics --name group/metric0", [&] { return runCli(run, {"metrics", "--name", "group/metric0"}); });
    return 0;
}
