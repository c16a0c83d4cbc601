// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/shell/largeworkspace.h"

#include "core/base/file.h"
#include "core/formats/tfevents/eventwriter.h"
#include "core/run/journal.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace bottega::test {

namespace fs = std::filesystem;

namespace {

constexpr int experiments = 20;
constexpr std::int64_t firstSecond = 1'700'000'000;

int numberIn(const char *variable, int usual)
{
    const char *text = std::getenv(variable);
    return text ? std::atoi(text) : usual;
}

std::string numberedId(const std::string &experiment, int number)
{
    char tail[32];
    std::snprintf(tail, sizeof tail, "_%lld_%08x", static_cast<long long>(firstSecond + number), static_cast<unsigned>(number));
    return experiment + tail;
}

Result<void> write(const fs::path &path, const std::string &bytes)
{
    std::ofstream file(path, std::ios::binary);
    file << bytes;
    return file.flush() ? Result<void>() : fail(ErrorCode::Io, "The test's file was not written", path.string());
}

Result<RunFolder> makeRun(const Workspace &workspace, const std::string &experiment, int number, RunState last)
{
    Job job;
    job.experiment = experiment;
    job.runId = numberedId(experiment, number);
    job.recipe = "mnist-mlp";
    job.data.name = "mnist-small";
    job.data.trainCount = 10'000;
    job.params = {{"epochs", "10"}, {"batchsize", "128"}};
    job.createdAt = static_cast<double>(firstSecond + number);
    auto run = RunFolder::create(workspace.runsFolder(), job);
    if (!run)
        return run;
    JournalEntry entry;
    entry.host = "another-machine";
    entry.machineId = "another";
    entry.bootId = "another";
    for (const RunState state : {RunState::Queued, RunState::Running, last}) {
        entry.time = job.createdAt + (state == RunState::Completed ? 65 : 1);
        entry.state = state;
        entry.evidence = state == RunState::Completed ? "exit status 0" : "pid 4121 started";
        if (auto appended = appendJournal(run->journal(), entry); !appended)
            return fail(appended.error());
    }
    return run;
}

std::vector<std::string> metricNames(int count)
{
    std::vector<std::string> names{"train/loss", "val/loss", "val/accuracy"};
    for (int i = static_cast<int>(names.size()); i < count; ++i)
        names.push_back("group" + std::to_string(i % 10) + "/metric" + std::to_string(i));
    return names;
}

Result<void> writeMetrics(const RunFolder &run, int metrics, int steps)
{
    auto writer = EventWriter::create(run.metrics(), 1, "test");
    if (!writer)
        return fail(writer.error());
    const std::vector<std::string> names = metricNames(metrics);
    for (int step = 1; step <= steps; ++step) {
        std::vector<ScalarValue> values;
        for (std::size_t i = 0; i < names.size(); ++i)
            values.push_back({names[i], 1.0 / (1 + 0.01 * step) + 0.05 * std::sin(0.7 * step + static_cast<double>(i))});
        if (auto appended = writer->append(step, values); !appended)
            return appended;
    }
    return writer->sync();
}

/// `original` under another id and experiment.
Result<void> copyRun(const Workspace &workspace, const RunFolder &original, const std::string &originalExperiment, int number)
{
    const std::string experiment = "experiment-" + std::to_string(number % experiments);
    const RunFolder copy(workspace.runsFolder() / numberedId(experiment, number));
    // The folders that a view does not need are left out: making them is what takes the time.
    std::error_code error;
    fs::create_directories(copy.root(), error);
    if (!error)
        fs::copy(original.metrics(), copy.metrics(), fs::copy_options::recursive, error);
    if (!error)
        fs::copy_file(original.journal(), copy.journal(), error);
    if (error)
        return fail(ErrorCode::Io, error.message(), copy.root().string());
    auto text = readFile(original.runJson());
    if (!text)
        return fail(text.error());
    text->replace(text->find(original.id()), original.id().size(), copy.id());
    text->replace(text->find('"' + originalExperiment + '"'), originalExperiment.size() + 2, '"' + experiment + '"');
    const std::string created = std::to_string(firstSecond);
    if (const auto at = text->find(created + ".0"); at != std::string::npos)
        text->replace(at, created.size(), std::to_string(firstSecond + number));
    return write(copy.runJson(), *text);
}

} // namespace

WorkspaceSize WorkspaceSize::asked()
{
    const WorkspaceSize usual;
    return {numberIn("BOTTEGA_RUNS", usual.runs), numberIn("BOTTEGA_METRICS", usual.metrics)};
}

Result<void> makeEndedRuns(const Workspace &workspace, const WorkspaceSize &size)
{
    const std::string experiment = "experiment-0";
    const auto first = makeRun(workspace, experiment, 0, RunState::Completed);
    if (!first)
        return fail(first.error());
    if (auto written = writeMetrics(*first, size.metrics, 3); !written)
        return written;
    for (int number = 1; number < size.runs; ++number) {
        if (auto copied = copyRun(workspace, *first, experiment, number); !copied)
            return copied;
    }
    return {};
}

Result<RunFolder> makeLargeRun(const Workspace &workspace, int metrics, int points, int logBytes, int files)
{
    auto run = makeRun(workspace, "large", 900'000, RunState::Completed);
    if (!run)
        return run;
    if (auto written = writeMetrics(*run, metrics, points); !written)
        return fail(written.error());
    const std::string line = "epoch 3 iteration 1200 main/loss 0.0412 validation/main/accuracy 0.981 elapsed 12.4\n";
    std::string log;
    while (log.size() < static_cast<std::size_t>(logBytes))
        log += line;
    std::error_code ignored;
    fs::create_directories(run->systemLogs(), ignored);
    if (auto written = write(run->driverLog(), log); !written)
        return fail(written.error());
    for (int i = 0; i < files; ++i) {
        const fs::path folder = run->work() / "outputs" / ("part-" + std::to_string(i % 50));
        fs::create_directories(folder, ignored);
        if (auto written = write(folder / ("file-" + std::to_string(i) + ".txt"), line); !written)
            return fail(written.error());
    }
    return run;
}

Result<RunFolder> makeLiveRun(const Workspace &workspace)
{
    return makeRun(workspace, "live", 990'000, RunState::Running);
}

} // namespace bottega::test
