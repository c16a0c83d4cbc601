// SPDX-License-Identifier: Apache-2.0
// Folders that appear whole: registered models, data sets, runs; and the index, which is made from them.
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/formats/tfevents/eventwriter.h"
#include "core/workspace/datasets.h"
#include "core/workspace/index.h"
#include "core/workspace/models.h"
#include "tests/crash/operations/operation.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <optional>

namespace bottega::crash {

namespace fs = std::filesystem;

namespace {

constexpr const char *sourceRun = "digits_1700000000_00000001";

/// None where that fails: the fault that strikes there is one of no promise.
std::optional<Workspace> openWorkspace(const fs::path &folder, const Notebook &notebook)
{
    auto workspace = Workspace::open(folder);
    if (!workspace)
        notebook.refuse("open", workspace.error());
    return workspace ? std::optional(std::move(*workspace)) : std::nullopt;
}

std::optional<Workspace> openWorkspace(const fs::path &folder, Inventory &inventory)
{
    auto workspace = Workspace::open(folder);
    if (!workspace)
        inventory.problem(workspace.error());
    return workspace ? std::optional(std::move(*workspace)) : std::nullopt;
}

Job jobOf(const std::string &runId)
{
    Job job;
    job.runId = runId;
    job.experiment = "digits";
    job.recipe = "mnist-mlp";
    job.params = {{"epochs", "1"}};
    job.data = {"tiny", "/data/tiny", std::string(64, 'a'), 6, 3};
    return job;
}

void write(const fs::path &path, const std::string &bytes)
{
    require(makeFolder(path.parent_path()).has_value(), "no folder");
    std::ofstream file(path, std::ios::binary);
    file << bytes;
    require(file.flush().good(), "not written");
}

/// A completed run with a model of three pages.
void addRun(const Workspace &workspace, const std::string &id)
{
    const auto run = RunFolder::create(workspace.runsFolder(), jobOf(id));
    require(run.has_value(), "no run");
    write(run->work() / "outputs/model.npz", std::string(3 * 4096, 'w'));
    auto events = EventWriter::create(run->metrics(), 1, "trainer");
    require(events && events->append(1, {{"Accuracy", 0.5}}), "no event");
    for (const RunState state : {RunState::Running, RunState::Completed}) {
        JournalEntry entry;
        entry.time = 1700000000;
        entry.state = state;
        require(appendJournal(run->journal(), entry).has_value(), "no journal");
    }
}

void prepareWorkspace(const Plan &plan, const Notebook &)
{
    const auto workspace = Workspace::init(plan.folder, "crash");
    require(workspace.has_value(), "no workspace");
    addRun(*workspace, sourceRun);
}

void performRegistry(const Plan &plan, const Notebook &notebook)
{
    const auto workspace = openWorkspace(plan.folder, notebook);
    if (!workspace)
        return;
    const RunFolder run(workspace->runsFolder() / sourceRun);
    const Models models(*workspace);
    for (std::int64_t item = 0; item < plan.count; ++item) {
        notebook.attempt(plan.key(item), plan.value(item));
        const auto model = models.registerFromRun(run, {"digits", "outputs/model.npz", plan.key(item), {{"v", plan.value(item)}}});
        notebook.settle(plan.key(item), model ? Result<void>() : Result<void>(fail(model.error())));
    }
}

/// A version that is there is wholly there: its files have their hashes.
void inspectRegistry(const fs::path &folder, Inventory &inventory)
{
    const auto workspace = openWorkspace(folder, inventory);
    if (!workspace)
        return;
    const Models models(*workspace);
    auto list = models.list();
    if (!list)
        return inventory.problem(list.error());
    std::reverse(list->begin(), list->end()); // oldest first, as attempted
    for (const Model &model : *list) {
        if (const auto sound = models.verify(model); !sound)
            inventory.problem(sound.error());
        inventory.add(model.description, model.tags.count("v") ? model.tags.at("v") : "none");
    }
    std::error_code error;
    for (fs::directory_iterator entry(folder / "models/digits", error), end; !error && entry != end; entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        if (!name.starts_with('.') && !models.find("digits:" + name))
            inventory.problems.push_back("version " + name + " is there and cannot be read");
    }
}

void appendNumber(std::string &bytes, std::uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes.push_back(static_cast<char>((value >> shift) & 0xFF));
}

std::string idx(char dimensions, const std::vector<std::uint32_t> &shape, std::size_t length, char first)
{
    std::string bytes("\0\0\x08", 3);
    bytes.push_back(dimensions);
    for (const std::uint32_t extent : shape)
        appendNumber(bytes, extent);
    bytes.append(length, dimensions == 1 ? '\0' : first);
    if (dimensions == 1)
        bytes.back() = '\1';
    return bytes;
}

void prepareDatasets(const Plan &plan, const Notebook &)
{
    require(Workspace::init(plan.folder, "crash").has_value(), "no workspace");
    const fs::path source = plan.folder / "source";
    write(source / datasetFiles[0], idx(3, {6, 40, 40}, 6 * 1600, 'x'));
    write(source / datasetFiles[1], idx(1, {6}, 6, 0));
    write(source / datasetFiles[2], idx(3, {3, 40, 40}, 3 * 1600, 'y'));
    write(source / datasetFiles[3], idx(1, {3}, 3, 0));
}

void performDatasets(const Plan &plan, const Notebook &notebook)
{
    const auto workspace = openWorkspace(plan.folder, notebook);
    if (!workspace)
        return;
    const Datasets datasets(*workspace);
    for (std::int64_t item = 0; item < plan.count; ++item) {
        const std::string name = "set-" + plan.key(item);
        notebook.attempt(name, "6");
        const auto imported = datasets.import(name, {plan.folder / "source"});
        notebook.settle(name, imported ? Result<void>() : Result<void>(fail(imported.error())));
    }
}

void inspectDatasets(const fs::path &folder, Inventory &inventory)
{
    const auto workspace = openWorkspace(folder, inventory);
    if (!workspace)
        return;
    const Datasets datasets(*workspace);
    const auto list = datasets.list();
    if (!list)
        return inventory.problem(list.error());
    for (const Dataset &dataset : *list) {
        if (dataset.state != DatasetState::Ready)
            continue;
        if (const auto sound = datasets.verify(dataset.name); !sound)
            inventory.problem(sound.error());
        inventory.add(dataset.name, std::to_string(dataset.trainCount));
    }
    std::error_code error;
    for (fs::directory_iterator entry(folder / "datasets", error), end; !error && entry != end; entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        const auto found = datasets.find(name);
        if (!name.starts_with('.') && (!found || found->state != DatasetState::Ready))
            inventory.problems.push_back("data set " + name + " is there and cannot be used");
    }
}

std::string runIdOf(const Plan &plan, std::int64_t item)
{
    char text[48];
    std::snprintf(text, sizeof text, "digits_%d_%08llx", 1700000000 + plan.round, static_cast<unsigned long long>(item + 16));
    return text;
}

void performRuns(const Plan &plan, const Notebook &notebook)
{
    const auto workspace = openWorkspace(plan.folder, notebook);
    if (!workspace)
        return;
    for (std::int64_t item = 0; item < plan.count; ++item) {
        const std::string id = runIdOf(plan, item);
        notebook.attempt(id, "1");
        const auto run = RunFolder::create(workspace->runsFolder(), jobOf(id));
        notebook.settle(id, run ? Result<void>() : Result<void>(fail(run.error())));
    }
}

void inspectRuns(const fs::path &folder, Inventory &inventory)
{
    const auto workspace = openWorkspace(folder, inventory);
    if (!workspace)
        return;
    auto ids = workspace->runIds();
    if (!ids)
        return inventory.problem(ids.error());
    std::sort(ids->begin(), ids->end());
    for (const std::string &id : *ids) {
        if (id == sourceRun)
            continue;
        const auto job = RunFolder(workspace->runsFolder() / id).readJob();
        if (!job)
            inventory.problem(job.error());
        inventory.add(id, job ? job->params.front().second : "none");
    }
}

/// Nothing of the index is ever acknowledged: it must agree with the files whatever happened to it.
void performIndex(const Plan &plan, const Notebook &notebook)
{
    const auto workspace = openWorkspace(plan.folder, notebook);
    if (!workspace)
        return;
    auto index = Index::open(*workspace);
    if (!index)
        return notebook.refuse("open", index.error());
    for (std::int64_t item = 0; item < plan.count; ++item) {
        if (const auto rebuilt = index->rebuild(); !rebuilt)
            notebook.refuse("rebuild", rebuilt.error());
    }
}

void prepareIndex(const Plan &plan, const Notebook &notebook)
{
    prepareWorkspace(plan, notebook);
    const auto workspace = openWorkspace(plan.folder, notebook);
    require(workspace.has_value(), "the workspace does not open");
    for (int i = 2; i <= 5; ++i)
        addRun(*workspace, std::string("digits_1700000000_0000000") + std::to_string(i));
    auto index = Index::open(*workspace);
    require(index && index->refresh(), "no index");
    for (int i = 1; i <= 5; ++i) {
        const std::string id = std::string("digits_1700000000_0000000") + std::to_string(i);
        notebook.attempt(id, "1");
        notebook.acknowledge(id);
    }
}

void inspectIndex(const fs::path &folder, Inventory &inventory)
{
    const auto workspace = openWorkspace(folder, inventory);
    if (!workspace)
        return;
    auto index = Index::open(*workspace);
    if (!index)
        return inventory.problem(index.error());
    const auto differences = index->verify();
    if (!differences)
        return inventory.problem(differences.error());
    inventory.problems.insert(inventory.problems.end(), differences->begin(), differences->end());
    auto runs = index->runs();
    if (!runs)
        return inventory.problem(runs.error());
    std::sort(runs->begin(), runs->end(), [](const RunRecord &a, const RunRecord &b) { return a.id < b.id; });
    for (const RunRecord &run : *runs)
        inventory.add(run.id, run.metrics.contains("Accuracy") ? std::to_string(run.metrics.at("Accuracy").count) : "none");
}

} // namespace

const Operation registryOperation{"registry", prepareWorkspace, performRegistry, inspectRegistry};
const Operation datasetOperation{"dataset", prepareDatasets, performDatasets, inspectDatasets};
const Operation runOperation{"run", prepareWorkspace, performRuns, inspectRuns};
const Operation indexOperation{"index", prepareIndex, performIndex, inspectIndex};

} // namespace bottega::crash
