// SPDX-License-Identifier: Apache-2.0
#include "app/cli/datacommands.h"

#include "app/cli/dataget.h"
#include "app/cli/lookup.h"
#include "app/cli/output.h"
#include "core/workspace/datasets.h"

namespace bottega::cli {

namespace {

std::string stateText(DatasetState state)
{
    switch (state) {
    case DatasetState::Ready: return "ready";
    case DatasetState::Offered: return "at hand";
    case DatasetState::Download: return "to download";
    }
    return {};
}

class DataList final : public Command
{
public:
    DataList()
        : Command({"data", "list", "List the data sets that are ready, and those that could be.", {}, {},
                   "ready: in the workspace and proved. at hand: data get brings it without a network.\n"
                   "to download: data get loads it."})
    {}

    Result<int> execute(const Invocation &invocation, Console &console) const override
    {
        const auto workspace = openWorkspace(invocation);
        if (!workspace)
            return fail(workspace.error());
        const auto datasets = Datasets(*workspace).list();
        if (!datasets)
            return fail(datasets.error());
        Json items = Json::array();
        Table table({{"NAME"}, {"STATE"}, {"TRAINING", Align::Right}, {"TEST", Align::Right}, {"SIZE", Align::Right},
                     {"ORIGIN"}});
        for (const Dataset &dataset : *datasets) {
            items.push_back(datasetToJson(dataset));
            table.add({dataset.name, stateText(dataset.state), countText(dataset.trainCount),
                       countText(dataset.testCount), bytesText(dataset.bytes), dataset.origin});
        }
        if (invocation.wantsJson())
            printJson(console.out, {{"items", items}});
        else
            table.print(console.out);
        return Done;
    }
};

class DataImport final : public Command
{
public:
    DataImport()
        : Command({"data", "import", "Import a data set: four IDX files, plain or .gz, or a folder of pictures.",
                   {{"NAME", "mnist and other known names must have the known content; or a name of your own"},
                    {"PATH", "folder with the four files, the files themselves, or a folder of pictures", Count::OneOrMore}},
                   {},
                   "Pictures (PNG, JPEG, PGM, PPM, all of one size, grey or RGB) lie in FOLDER/train/CLASS/ and\n"
                   "FOLDER/test/CLASS/. Without a test folder, or with the classes in FOLDER itself, every fifth picture of\n"
                   "each class becomes a test picture. Beside IDX files, classes.txt may name the classes, one a line."})
    {}

    Result<int> execute(const Invocation &invocation, Console &console) const override
    {
        const auto workspace = openWorkspace(invocation);
        if (!workspace)
            return fail(workspace.error());
        std::vector<std::filesystem::path> sources;
        for (const std::string &path : invocation.argumentsFrom(1))
            sources.emplace_back(path);
        const auto dataset = Datasets(*workspace).import(invocation.argument(0), sources);
        if (!dataset)
            return fail(dataset.error());
        if (invocation.wantsJson())
            printJson(console.out, datasetToJson(*dataset));
        else
            console.out << "Imported " << dataset->name << ": " << countText(dataset->trainCount) << " training and "
                        << countText(dataset->testCount) << " test images of " << dataset->rows << " x "
                        << dataset->columns << (dataset->channels == 3 ? " in colour, " : ", ") << dataset->classes
                        << " classes.\n";
        return Done;
    }
};

class DataVerify final : public Command
{
public:
    DataVerify()
        : Command({"data", "verify", "Read a data set's files again and hold them against their hashes.",
                   {{"NAME", "a data set that is ready"}}})
    {}

    Result<int> execute(const Invocation &invocation, Console &console) const override
    {
        const auto workspace = openWorkspace(invocation);
        if (!workspace)
            return fail(workspace.error());
        const auto dataset = Datasets(*workspace).verify(invocation.argument(0));
        if (!dataset)
            return fail(dataset.error());
        if (invocation.wantsJson())
            printJson(console.out, datasetToJson(*dataset));
        else
            console.out << "Data set " << dataset->name << " is sound: all four files have their recorded SHA-256.\n";
        return Done;
    }
};

} // namespace

CommandList dataCommands()
{
    CommandList commands;
    commands.push_back(std::make_unique<DataList>());
    commands.push_back(std::make_unique<DataGet>());
    commands.push_back(std::make_unique<DataImport>());
    commands.push_back(std::make_unique<DataVerify>());
    return commands;
}

} // namespace bottega::cli
