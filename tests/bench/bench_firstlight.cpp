// SPDX-License-Identifier: GPL-3.0-or-later
// How long a person waits: submit to first metric, point to chart, start to usable window; and what the agent takes.
// Prints one table: minimum, median, maximum of the runs. Needs the programs in the build's bin folder.

#include "core/base/clock.h"
#include "core/compute/submit.h"
#include "core/formats/tfevents/eventwriter.h"
#include "core/run/journal.h"
#include "core/run/metricstream.h"
#include "core/run/runstatus.h"
#include "core/workspace/datasets.h"
#include "core/workspace/runfeed.h"
#include "ui/charts/chartsview.h"

#include <QApplication>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QThread>

#include <algorithm>
#include <cstdio>
#include <vector>

using namespace Qt::StringLiterals;
using namespace bottega;

namespace {

template <class T>
    requires(!std::is_void_v<T>)
T orStop(Result<T> result)
{
    if (result)
        return std::move(*result);
    std::fprintf(stderr, "%s\n", describe(result.error()).c_str());
    std::exit(1);
}

void orStop(const Result<void> &result)
{
    if (!result) {
        std::fprintf(stderr, "%s\n", describe(result.error()).c_str());
        std::exit(1);
    }
}

void printRow(const char *what, std::vector<double> values, const char *unit)
{
    std::sort(values.begin(), values.end());
    std::printf("%-44s %9.1f %9.1f %9.1f  %s\n", what, values.front(), values[values.size() / 2], values.back(), unit);
}

JobRequest shortJob(const char *epochs)
{
    JobRequest request;
    request.experiment = "bench";
    request.recipe = "mnist-mlp";
    request.params = {{"epochs", epochs}};
    return request;
}

/// Milliseconds from the call of submitRun to the first point that a reader of the run folder sees.
double submitToFirstMetric(const Workspace &workspace)
{
    const double start = steadyTime();
    const RunFolder run = orStop(submitRun(workspace, shortJob("1")));
    MetricStream stream(run.metrics());
    while (true) {
        for (const MetricBatch &batch : orStop(stream.poll())) {
            if (batch.name == "train/loss")
                return (steadyTime() - start) * 1000;
        }
        QThread::usleep(200);
    }
}

void waitForEnd(const RunFolder &run)
{
    while (!isTerminal(orStop(readRunStatus(run)).state))
        QThread::msleep(20);
}

double residentMiB(int pid)
{
    QFile status(u"/proc/%1/status"_s.arg(pid));
    if (!status.open(QIODevice::ReadOnly))
        return 0;
    for (const QByteArray &line : status.readAll().split('\n')) {
        if (line.startsWith("VmHWM:"))
            return line.mid(6).trimmed().split(' ').first().toDouble() / 1024;
    }
    return 0;
}

/// Highest resident memory of an agent that supervises a run of a few seconds.
double agentMemory(const Workspace &workspace)
{
    const RunFolder run = orStop(submitRun(workspace, shortJob("40")));
    double highest = 0;
    while (!isTerminal(orStop(readRunStatus(run)).state)) {
        for (const JournalEntry &entry : orStop(readJournal(run.journal())).entries) {
            if (entry.agentPid)
                highest = std::max(highest, residentMiB(*entry.agentPid));
        }
        QThread::msleep(20);
    }
    return highest;
}

/// Milliseconds from the return of append() to the chart's model holding the point, for `count` points.
std::vector<double> pointToChart(const RunFolder &run, int count)
{
    EventWriter writer = orStop(EventWriter::create(run.metrics(), 2, "bench"));
    RunFeed feed(run);
    ChartsView chart(nullptr);
    double written = 0;
    std::vector<double> delays;
    QObject::connect(&feed, &RunFeed::pointsArrived, &chart, [&](const QList<MetricBatch> &batches) {
        chart.addPoints(batches);
        for (const MetricBatch &batch : batches) {
            if (batch.name == "bench/point")
                delays.push_back((steadyTime() - written) * 1000);
        }
    });
    for (int i = 0; i < count; ++i) {
        const std::size_t before = delays.size();
        orStop(writer.append(i, {{"bench/point", double(i)}}));
        written = steadyTime();
        while (delays.size() == before)
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents, 5);
        QThread::msleep(static_cast<unsigned long>(i * 7 % 50)); // meets the feed at every phase of its interval
    }
    return delays;
}

/// Milliseconds from fork to the window having been drawn and the event loop idle, on a workspace with runs.
double startToWindow(const Workspace &workspace)
{
    QProcess studio;
    studio.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    const double start = steadyTime();
    studio.start(QStringLiteral(BOTTEGA_BIN_DIR "/bottega"),
                 {QString::fromStdString(workspace.root().string()), u"--exit-when-ready"_s});
    studio.waitForFinished(30'000);
    return (steadyTime() - start) * 1000;
}

} // namespace

int main(int argc, char **argv)
{
    const QTemporaryDir home;
    for (const char *folder : {"XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"})
        qputenv(folder, home.path().toUtf8());
    qputenv("BOTTEGA_LIBEXEC", BOTTEGA_BIN_DIR);
    QApplication application(argc, argv);
    const Workspace workspace = orStop(Workspace::init(home.filePath(u"bench"_s).toStdString()));
    orStop(Datasets(workspace).resolve({})); // the small data set is unpacked once, before anything is measured

    std::printf("%-44s %9s %9s %9s\n", "", "min", "median", "max");
    std::vector<double> first, start, memory;
    for (int i = 0; i < 10; ++i)
        first.push_back(submitToFirstMetric(workspace));
    printRow("submit -> first metric readable", first, "ms  (goal < 300)");

    const RunFolder run = orStop(workspace.run(orStop(workspace.runIds()).front()));
    waitForEnd(run);
    memory.push_back(agentMemory(workspace));
    printRow("agent, resident at most", memory, "MiB (goal <= 8)");

    // A run that stays live for the reader: its feed polls fast only while the run has not ended.
    const RunFolder live = orStop(submitRun(workspace, shortJob("100000")));
    printRow("point written -> in the chart's model", pointToChart(live, 100), "ms  (goal < 100)");
    orStop(requestCancel(live));
    waitForEnd(live);

    for (int i = 0; i < 10; ++i)
        start.push_back(startToWindow(workspace));
    printRow("start -> usable window, process gone again", start, "ms  (goal < 500)");
    return 0;
}
