// SPDX-License-Identifier: Apache-2.0
// What the crash bench kills, in one process each:
//   crash-operations prepare OPERATION FOLDER                       makes the folder as it is before
//   crash-operations perform OPERATION FOLDER ROUND COUNT PAUSE     does it COUNT times; notes go to descriptor 3
//   crash-operations inspect                                        reads "OPERATION FOLDER" from stdin, tells what is there
// BOTTEGA_FAIL_ALLOCATION=N makes the N-th allocation of perform throw.
#include "tests/crash/operations/allocations.h"
#include "tests/crash/operations/operation.h"

#include <QByteArray>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <new>
#include <sstream>

using namespace bottega::crash;

namespace {

constexpr int notesFd = 3;
constexpr int outOfMemory = 71;

const Operation *const operations[] = {
    &journalOperation,    &annotationOperation, &eventOperation,   &saveOperation, &configOperation,
    &checkpointOperation, &registryOperation,   &datasetOperation, &runOperation,  &indexOperation,
};

const Operation &find(const std::string &name)
{
    for (const Operation *operation : operations) {
        if (name == operation->name)
            return *operation;
    }
    require(false, "no such operation");
    std::abort();
}

void useCacheOf(const std::filesystem::path &folder)
{
    ::setenv("XDG_CACHE_HOME", (folder / "cache").c_str(), 1);
}

int perform(const Operation &operation, const Plan &plan)
{
    const Notebook notebook(notesFd);
    notebook.begin();
    failAllocation(qgetenv("BOTTEGA_FAIL_ALLOCATION").toLongLong());
    try {
        operation.perform(plan, notebook);
    } catch (const std::bad_alloc &) {
        return outOfMemory;
    }
    const std::int64_t count = allocations();
    failAllocation(0);
    notebook.attempt("allocations", std::to_string(count));
    return 0;
}

void tell(const Inventory &inventory)
{
    for (const Inventory::Item &item : inventory.items)
        std::cout << "item " << item.key << ' ' << item.value << '\n';
    for (const std::string &problem : inventory.problems)
        std::cout << "problem " << problem << '\n';
    std::cout << "shown " << inventory.shown << "\nend" << std::endl;
}

int inspect()
{
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        std::string name, folder;
        words >> name >> folder;
        useCacheOf(folder);
        Inventory inventory;
        find(name).inspect(folder, inventory);
        tell(inventory);
    }
    return 0;
}

} // namespace

int main(int argc, char **argv)
{
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() == 1 && arguments[0] == "inspect")
        return inspect();
    require(arguments.size() >= 3, "see the head of main.cpp");
    const Operation &operation = find(arguments[1]);
    Plan plan;
    plan.folder = arguments[2];
    useCacheOf(plan.folder);
    if (arguments[0] == "prepare") {
        operation.prepare(plan, Notebook(notesFd));
        return 0;
    }
    require(arguments[0] == "perform" && arguments.size() == 6, "see the head of main.cpp");
    plan.round = std::stoi(arguments[3]);
    plan.count = std::stoll(arguments[4]);
    plan.pause = std::stod(arguments[5]);
    return perform(operation, plan);
}
