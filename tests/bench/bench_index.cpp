// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/formats/tfevents/eventwriter.h"
#include "core/run/journal.h"
#include "core/workspace/index.h"
#include "ui/runs/runsmodel.h"
#include "ui/runs/runspanel.h"

#include <QApplication>
#include <QLineEdit>
#include <QTemporaryDir>
#include <QTreeView>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>

using namespace bottega;
namespace fs = std::filesystem;

namespace {

template <class T>
T orStop(Result<T> result)
{
    if (!result) {
        std::fprintf(stderr, "%s\n", describe(result.error()).c_str());
        std::exit(1);
    }
    return std::move(*result);
}

void orStop(const Result<void> &result)
{
    if (!result) {
        std::fprintf(stderr, "%s\n", describe(result.error()).c_str());
        std::exit(1);
    }
}

std::string contentOf(const fs::path &path)
{
    return orStop(readFile(path));
}

void write(const fs::path &path, const std::string &bytes)
{
    std::ofstream(path, std::ios::binary) << bytes;
}

/// One ended run, made as agent and trainer make it; the others are its copies under other names.
RunFolder firstRun(const Workspace &workspace, int metrics)
{
    Job job;
    job.experiment = "bench";
    job.runId = "bench_1700000000_00000000";
    job.recipe = "mnist-mlp";
    const RunFolder run = orStop(RunFolder::create(workspace.runsFolder(), job));
    JournalEntry entry;
    for (const RunState state : {RunState::Queued, RunState::Running, RunState::Completed}) {
        entry.time += 1.7e9;
        entry.state = state;
        entry.evidence = "bench";
        orStop(appendJournal(run.journal(), entry));
    }
    EventWriter writer = orStop(EventWriter::create(run.metrics(), 1, "bench"));
    std::vector<std::string> names;
    for (int i = 0; i < metrics; ++i)
        names.push_back(i == 0 ? "val/accuracy" : "group" + std::to_string(i % 10) + "/metric" + std::to_string(i));
    for (int step = 0; step < 3; ++step) {
        std::vector<ScalarValue> values;
        for (const std::string &name : names)
            values.push_back({name, 1.0 / (step + 3)});
        orStop(writer.append(step, values));
    }
    orStop(writer.sync());
    return run;
}

void makeRuns(const Workspace &workspace, int runs, int metrics)
{
    const RunFolder first = firstRun(workspace, metrics);
    const std::string id = first.id();
    const std::string job = contentOf(first.runJson());
    const std::string journal = contentOf(first.journal());
    const fs::path events = fs::directory_iterator(first.metrics())->path();
    const std::string points = contentOf(events);
    for (int i = 1; i < runs; ++i) {
        char name[64];
        std::snprintf(name, sizeof name, "bench_%d_%08x", 1700000000 + i, static_cast<unsigned>(i));
        const RunFolder run(workspace.runsFolder() / name);
        fs::create_directories(run.metrics());
        std::string own = job;
        own.replace(own.find(id), id.size(), name);
        write(run.runJson(), own);
        write(run.journal(), journal);
        write(run.metrics() / events.filename(), points);
    }
}

/// As different as those of a year: twenty experiments, and nothing in the order in which it is listed.
QList<RunRecord> spread(const std::vector<RunRecord> &records)
{
    QList<RunRecord> all(records.begin(), records.end());
    for (qsizetype i = 0; i < all.size(); ++i) {
        const qsizetype lot = i * 7919 % all.size();
        all[i].job.experiment = "experiment-" + std::to_string(lot % 20);
        all[i].job.createdAt = 1.7e9 + static_cast<double>(lot) * 3600;
        all[i].status.ended += static_cast<double>(lot);
        all[i].status.state = lot % 10 == 0 ? RunState::Failed : RunState::Completed;
        all[i].metrics["val/accuracy"].best = static_cast<double>(lot * 31 % all.size()) / static_cast<double>(all.size());
    }
    return all;
}

/// Prints the milliseconds of the best of `repeats` calls, each after `prepare`.
template <class Work>
void measure(const char *what, int repeats, const Work &work, const std::function<void()> &prepare = [] {})
{
    double best = 1e9;
    for (int i = 0; i < repeats; ++i) {
        prepare();
        const double start = steadyTime();
        work();
        best = std::min(best, steadyTime() - start);
    }
    std::printf("%-46s %9.1f ms\n", what, 1e3 * best);
    std::fflush(stdout);
}

/// Filters and sorts as a person does, and paints what is then to be seen: milliseconds from the key to the picture.
void measureList(const QList<RunRecord> &records)
{
    RunsModel model;
    RunsPanel panel(&model);
    panel.resize(420, 900);
    panel.show();
    auto *words = panel.findChild<QLineEdit *>();
    auto *tree = panel.findChild<QTreeView *>();
    const auto paint = [&panel] {
        QCoreApplication::processEvents();
        panel.grab();
    };
    measure("list: filled and painted", 3, [&] {
        model.setRecords(records);
        paint();
    });
    const auto filter = [&](const QString &text) {
        words->setText(text);
        paint();
    };
    const std::pair<const char *, QString> filters[] = {
        {"list: filter, one letter", QStringLiteral("e")},
        {"list: filter, a word of a tenth", QStringLiteral("failed")},
        {"list: filter, words of few", QStringLiteral("mnist 00001")},
        {"list: filter, no match", QStringLiteral("nothing like it")},
    };
    for (const auto &[what, text] : filters)
        measure(what, 3, [&, wanted = text] { filter(wanted); }, [&] { filter({}); });
    measure("list: filter taken away", 3, [&] { filter({}); }, [&] { filter(QStringLiteral("failed")); });
    const std::pair<const char *, int> columns[] = {{"list: sorted by time of making", RunsModel::Name},
                                                    {"list: sorted by state", RunsModel::State},
                                                    {"list: sorted by best accuracy", RunsModel::Best},
                                                    {"list: sorted by duration", RunsModel::Time}};
    for (const auto &[what, column] : columns) {
        bool isDescending = false;
        measure(what, 4, [&, at = column] {
            isDescending = !isDescending;
            tree->sortByColumn(at, isDescending ? Qt::DescendingOrder : Qt::AscendingOrder);
            paint();
        });
    }
}

} // namespace

/// What a large workspace costs: bench_index [RUNS] [METRICS] [FOLDER]. Makes it, indexes it, opens it again, filters and
/// sorts the studio's list of it.
int main(int argc, char **argv)
{
    ::setenv("QT_QPA_PLATFORM", "offscreen", 0);
    const QApplication application(argc, argv);
    const int runs = argc > 1 ? std::atoi(argv[1]) : 10'000;
    const int metrics = argc > 2 ? std::atoi(argv[2]) : 100;
    const QTemporaryDir folder(QString::fromUtf8(argc > 3 ? argv[3] : "/tmp") + QStringLiteral("/bench-index"));
    const fs::path root = folder.path().toStdString();
    ::setenv("XDG_CACHE_HOME", (root / "cache").c_str(), 1);
    const Workspace workspace = orStop(Workspace::init(root / "workspace", "bench"));
    makeRuns(workspace, runs, metrics);
    std::printf("%d runs with %d metrics each\n", runs, metrics);

    measure("indexed for the first time", 1, [&] { orStop(orStop(Index::open(workspace)).refresh()); });
    std::size_t known = 0;
    measure("opened only", 3, [&] { orStop(Index::open(workspace)); });
    measure("opened: all runs known", 3, [&] {
        auto index = orStop(Index::open(workspace));
        auto changes = orStop(index.refresh());
        known = changes.changed.size();
    });
    std::printf("%zu runs known\n", known);
    measure("opened and listed, as bottega-cli run list does", 3, [&] {
        auto index = orStop(Index::open(workspace));
        orStop(index.refresh());
        known = orStop(index.runs()).size();
    });
    auto index = orStop(Index::open(workspace));
    orStop(index.refresh());
    measure("refresh of all, nothing new", 5, [&] { orStop(index.refresh()); });
    measure("refresh of what lives, nothing new", 5, [&] { orStop(index.refreshLive()); });
    measureList(spread(orStop(index.runs())));
    return 0;
}
