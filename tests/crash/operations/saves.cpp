// SPDX-License-Identifier: Apache-2.0
// Files that are replaced whole: any small one, the workspace's configuration, checkpoints.
#include "core/base/atomicsave.h"
#include "core/base/file.h"
#include "core/engine/checkpoint.h"
#include "core/workspace/workspace.h"
#include "tests/crash/operations/operation.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace bottega::crash {

namespace fs = std::filesystem;

namespace {

constexpr const char *cell = "cell";

/// Long enough to be torn: three pages, whose first word is the value.
std::string bulk(const std::string &value)
{
    std::string bytes;
    while (bytes.size() < 3 * 4096)
        bytes += value + ' ';
    return bytes;
}

Result<void> saveInPlace(const fs::path &path, const std::string &bytes)
{
    const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (auto written = writeAll(fd.get(), bytes, path); !written)
        return written;
    return ::fsync(fd.get()) == 0 ? Result<void>() : fail(systemError(errno, "Not synced", path.string()));
}

void prepareSave(const Plan &plan, const Notebook &notebook)
{
    require(makeFolder(plan.folder).has_value(), "no folder");
    notebook.attempt(cell, "former");
    require(saveAtomically(plan.folder / "file", bulk("former")).has_value(), "not saved");
    notebook.acknowledge(cell);
}

void performSave(const Plan &plan, const Notebook &notebook)
{
    for (std::int64_t item = 0; item < plan.count; ++item) {
        notebook.attempt(cell, plan.value(item));
        const auto save = [&](const std::string &bytes) {
            return isMutant("save-in-place") ? saveInPlace(plan.folder / "file", bytes)
                                             : saveAtomically(plan.folder / "file", bytes);
        };
        notebook.settle(cell, save(bulk(plan.value(item))));
    }
}

void inspectSave(const fs::path &folder, Inventory &inventory)
{
    const auto bytes = readFile(folder / "file");
    if (!bytes)
        return inventory.problem(bytes.error());
    const std::string value = bytes->substr(0, bytes->find(' '));
    inventory.add(cell, *bytes == bulk(value) ? value : "torn");
}

void prepareConfig(const Plan &plan, const Notebook &notebook)
{
    require(Workspace::init(plan.folder, "crash").has_value(), "no workspace");
    notebook.attempt(cell, "-");
    notebook.acknowledge(cell);
}

void performConfig(const Plan &plan, const Notebook &notebook)
{
    const auto workspace = Workspace::open(plan.folder);
    if (!workspace)
        return notebook.refuse("open", workspace.error());
    for (std::int64_t item = 0; item < plan.count; ++item) {
        notebook.attempt(cell, plan.value(item));
        notebook.settle(cell, workspace->setDefaults({plan.value(item), {}, {}}));
    }
}

void inspectConfig(const fs::path &folder, Inventory &inventory)
{
    const auto workspace = Workspace::open(folder);
    if (!workspace)
        return inventory.problem(workspace.error());
    const std::string value = workspace->defaults().experiment;
    inventory.add(cell, value.empty() ? "-" : value);
}

engine::Checkpoint checkpointOf(std::int64_t number)
{
    engine::Checkpoint checkpoint;
    checkpoint.recipe = "mnist-mlp";
    checkpoint.params = {{"batchsize", "4"}};
    checkpoint.step = number;
    checkpoint.epoch = number;
    checkpoint.sampler.order = {3, 1, 0, 2};
    checkpoint.sampler.random = {1, 2, 3, static_cast<std::uint64_t>(number)};
    const std::string weight = hashOf(std::to_string(number));
    std::string bytes;
    while (bytes.size() < 4 * 1024)
        bytes += weight;
    checkpoint.arrays["l1/W"] = {NpyType::UInt8, {bytes.size()}, bytes};
    return checkpoint;
}

std::int64_t checkpointNumber(const Plan &plan, std::int64_t item)
{
    return (plan.round + std::int64_t{100}) * 100000 + item; // of one length: names sort as numbers
}

void prepareCheckpoints(const Plan &plan, const Notebook &)
{
    require(makeFolder(plan.folder / "checkpoints").has_value(), "no folder");
}

void performCheckpoints(const Plan &plan, const Notebook &notebook)
{
    for (std::int64_t item = 0; item < plan.count; ++item) {
        const std::int64_t number = checkpointNumber(plan, item);
        const fs::path path = plan.folder / "checkpoints" / ("epoch-" + std::to_string(number) + ".npz");
        notebook.attempt(path.filename().string(), hashOf(std::to_string(number)));
        notebook.settle(path.filename().string(), saveCheckpoint(path, checkpointOf(number)));
    }
}

/// Every file under a checkpoint's name must load.
void inspectCheckpoints(const fs::path &folder, Inventory &inventory)
{
    std::vector<fs::path> paths;
    std::error_code error;
    for (fs::directory_iterator entry(folder / "checkpoints", error), end; !error && entry != end; entry.increment(error)) {
        if (entry->path().extension() == ".npz")
            paths.push_back(entry->path());
    }
    std::sort(paths.begin(), paths.end());
    for (const fs::path &path : paths) {
        const auto checkpoint = engine::readCheckpoint(path);
        if (!checkpoint)
            inventory.problem(checkpoint.error());
        else
            inventory.add(path.filename().string(), checkpoint->arrays.at("l1/W").bytes.substr(0, 8));
    }
}

} // namespace

const Operation saveOperation{"save", prepareSave, performSave, inspectSave};
const Operation configOperation{"config", prepareConfig, performConfig, inspectConfig};
const Operation checkpointOperation{"checkpoint", prepareCheckpoints, performCheckpoints, inspectCheckpoints};

} // namespace bottega::crash
