// SPDX-License-Identifier: Apache-2.0
#include "app/cli/workspacecommands.h"

#include "app/cli/archivecommands.h"
#include "app/cli/lookup.h"
#include "app/cli/output.h"
#include "core/base/safename.h"
#include "core/workspace/datasets.h"
#include "core/workspace/index.h"
#include "core/workspace/models.h"
#include "core/workspace/verify.h"
#include "core/workspace/trust.h"

#include <algorithm>
#include <charconv>
#include <map>

namespace bottega::cli {

namespace {

struct Contents
{
    std::size_t runs = 0;
    std::map<std::string, std::int64_t> experiments; // with the number of their runs
    std::size_t models = 0;
    std::vector<std::string> datasets; // ready ones
};

Result<Contents> contentsOf(const Workspace &workspace)
{
    const auto runs = listRuns(workspace);
    if (!runs)
        return fail(runs.error());
    const auto models = Models(workspace).list();
    if (!models)
        return fail(models.error());
    const auto datasets = Datasets(workspace).list();
    if (!datasets)
        return fail(datasets.error());
    Contents contents;
    contents.runs = runs->size();
    for (const RunRecord &run : *runs)
        ++contents.experiments[run.job.experiment];
    contents.models = models->size();
    for (const Dataset &dataset : *datasets) {
        if (dataset.state == DatasetState::Ready)
            contents.datasets.push_back(dataset.name);
    }
    return contents;
}

Json workspaceJson(const Workspace &workspace, const Contents &contents)
{
    Json experiments = Json::array();
    for (const auto &[name, runs] : contents.experiments)
        experiments.push_back({{"name", name}, {"runs", runs}});
    return {{"id", workspace.id()},
            {"name", workspace.name()},
            {"path", workspace.root().string()},
            {"cache", workspace.cacheFolder().string()},
            {"trusted", isTrusted(workspace)},
            {"runs", contents.runs},
            {"experiments", experiments},
            {"models", contents.models},
            {"datasets", contents.datasets}};
}

class WorkspaceInit final : public Command
{
public:
    WorkspaceInit()
        : Command({"workspace",
                   "init",
                   "Make a workspace.",
                   {{"DIR", "folder to make it in; may exist, but hold no workspace yet"}},
                   {{"--name", "NAME", "2 to 32 characters; else the folder's name"}}})
    {}

    Result<int> execute(const Invocation &invocation, Console &console) const override
    {
        const auto workspace = Workspace::init(invocation.argument(0), invocation.value("--name"));
        if (!workspace)
            return fail(workspace.error());
        if (invocation.wantsJson())
            printJson(console.out, workspaceJson(*workspace, {}));
        else
            console.out << "Made workspace " << workspace->name() << " in " << printableLines(workspace->root().string())
                        << '\n';
        return Done;
    }
};

class WorkspaceShow final : public Command
{
public:
    WorkspaceShow() : Command({"workspace", "show", "Say which workspace is used and what is in it."}) {}

    Result<int> execute(const Invocation &invocation, Console &console) const override
    {
        const auto workspace = openWorkspace(invocation);
        if (!workspace)
            return fail(workspace.error());
        const auto contents = contentsOf(*workspace);
        if (!contents)
            return fail(contents.error());
        const std::string reason = memoryReason(*workspace);
        if (invocation.wantsJson()) {
            Json document = workspaceJson(*workspace, *contents);
            document["readOnly"] = workspace->isReadOnly();
            document["indexInMemory"] = reason.empty() ? Json() : Json(reason);
            printJson(console.out, document);
        } else {
            print(*workspace, *contents, reason, console.out);
        }
        return Done;
    }

private:
    /// Why every start reads all runs again; empty where it doesn't.
    static std::string memoryReason(const Workspace &workspace)
    {
        const auto index = Index::open(workspace);
        return index ? index->memoryReason() : describe(index.error());
    }

    static void print(const Workspace &workspace, const Contents &contents, const std::string &reason, std::ostream &out)
    {
        std::string datasets;
        for (const std::string &name : contents.datasets)
            datasets += (datasets.empty() ? "" : ", ") + name;
        printFacts(out, {{"Name", workspace.name()},
                         {"Folder", workspace.root().string()},
                         {"Id", workspace.id()},
                         {"Trusted", isTrusted(workspace) ? "yes" : "no: browsing only; bottega-cli workspace trust says more"},
                         {"Runs", countText(static_cast<std::int64_t>(contents.runs))},
                         {"Models", countText(static_cast<std::int64_t>(contents.models))},
                         {"Data sets", datasets.empty() ? "none ready" : datasets},
                         {"Index", reason.empty() ? "" : "in memory only: " + reason}});
        if (contents.experiments.empty())
            return;
        out << '\n';
        Table table({{"EXPERIMENT"}, {"RUNS", Align::Right}});
        for (const auto &[name, runs] : contents.experiments)
            table.add({name, countText(runs)});
        table.print(out);
    }
};

Result<Share> shareFrom(const std::string &text)
{
    Share share;
    const char *end = text.data() + text.size();
    const auto part = std::from_chars(text.data(), end, share.part);
    const bool hasSlash = part.ec == std::errc() && part.ptr != end && *part.ptr == '/';
    const auto of = std::from_chars(hasSlash ? part.ptr + 1 : end, end, share.of);
    if (of.ec != std::errc() || of.ptr != end || share.part < 1 || share.part > share.of)
        return fail(ErrorCode::Usage, "--share " + printable(text, 40) + ": two numbers N/T with N from 1 to T are needed",
                    {}, "nothing was checked", "For example --share 1/7 on Mondays, 2/7 on Tuesdays");
    return share;
}

class WorkspaceVerify final : public Command
{
public:
    WorkspaceVerify()
        : Command({"workspace",
                   "verify",
                   "Compare the index with the files of all runs; exit code 1 where something is wrong.",
                   {},
                   {{"--data", "", "also read all models, objects, data sets, checkpoints and records against their sums"},
                    {"--share", "N/T", "only the N-th of T parts of that data"}}})
    {}

    Result<int> execute(const Invocation &invocation, Console &console) const override
    {
        const auto share = shareFrom(invocation.value("--share", "1/1"));
        if (!share)
            return fail(share.error());
        const auto workspace = openWorkspace(invocation);
        if (!workspace)
            return fail(workspace.error());
        auto index = Index::open(*workspace);
        if (!index)
            return fail(index.error());
        const auto differences = index->verify();
        if (!differences)
            return fail(differences.error());
        const bool withData = invocation.has("--data") || invocation.has("--share");
        const auto data = withData ? verifyData(*workspace, *share) : Result<DataCheck>();
        if (!data)
            return fail(data.error());
        if (invocation.wantsJson())
            printJson(console.out, toJson(*differences, withData, *data));
        else
            print(*differences, withData, *data, console.out);
        return differences->empty() && data->findings.empty() ? Done : Failed;
    }

private:
    static Json toJson(const std::vector<std::string> &differences, bool withData, const DataCheck &data)
    {
        Json document = {{"ok", differences.empty() && data.findings.empty()}, {"differences", differences}};
        if (!withData)
            return document;
        document["findings"] = Json::array();
        for (const Finding &finding : data.findings)
            document["findings"].push_back(findingToJson(finding));
        document["checked"] = data.items;
        document["bytes"] = data.bytes;
        return document;
    }

    static void print(const std::vector<std::string> &differences, bool withData, const DataCheck &data, std::ostream &out)
    {
        for (const std::string &difference : differences)
            out << printableLines(difference) << '\n';
        if (differences.empty())
            out << "Index and files agree.\n";
        else
            out << countOf(static_cast<std::int64_t>(differences.size()), "difference", "differences")
                << ". The files are the truth: bottega-cli workspace rebuild makes the index anew from them.\n";
        for (const Finding &finding : data.findings)
            out << printableLines(finding.kind + " " + finding.subject + ": " + describe(finding.error)) << '\n';
        if (withData)
            out << "Read " << countOf(static_cast<std::int64_t>(data.items), "item", "items") << ", "
                << bytesText(data.bytes) << ": "
                << (data.findings.empty() ? "all as recorded"
                                          : countOf(static_cast<std::int64_t>(data.findings.size()), "finding", "findings"))
                << ".\n";
    }
};

class WorkspaceCollect final : public Command
{
public:
    WorkspaceCollect()
        : Command({"workspace",
                   "gc",
                   "Remove stored objects that no run or model refers to any more; those of the last hour stay.",
                   {},
                   {{"--dry-run", "", "only say what would be removed"}}})
    {}

    Result<int> execute(const Invocation &invocation, Console &console) const override
    {
        const auto workspace = openWorkspace(invocation);
        if (!workspace)
            return fail(workspace.error());
        const bool isDry = invocation.has("--dry-run");
        const auto collected = collectObjects(*workspace, isDry);
        if (!collected)
            return fail(collected.error());
        if (invocation.wantsJson())
            printJson(console.out, {{"removed", isDry ? 0 : collected->objects},
                                    {"unreferenced", collected->objects},
                                    {"kept", collected->kept},
                                    {"freedBytes", isDry ? 0 : collected->bytes},
                                    {"bytes", collected->bytes}});
        else
            console.out << (isDry ? "Would remove " : "Removed ")
                        << countOf(static_cast<std::int64_t>(collected->objects), "object", "objects") << ", "
                        << bytesText(collected->bytes) << "; "
                        << countText(static_cast<std::int64_t>(collected->kept)) << " stay.\n";
        return Done;
    }
};

class WorkspaceRebuild final : public Command
{
public:
    WorkspaceRebuild() : Command({"workspace", "rebuild", "Forget the index and make it anew from the files of all runs."}) {}

    Result<int> execute(const Invocation &invocation, Console &console) const override
    {
        const auto workspace = openWorkspace(invocation);
        if (!workspace)
            return fail(workspace.error());
        auto index = Index::open(*workspace);
        if (!index)
            return fail(index.error());
        const auto runs = index->rebuild();
        if (!runs)
            return fail(runs.error());
        if (invocation.wantsJson())
            printJson(console.out, {{"runs", *runs}});
        else
            console.out << "Read " << countOf(*runs, "run", "runs") << " again from the files.\n";
        return Done;
    }
};

} // namespace

CommandList workspaceCommands()
{
    CommandList commands;
    commands.push_back(std::make_unique<WorkspaceInit>());
    commands.push_back(std::make_unique<WorkspaceShow>());
    commands.push_back(std::make_unique<WorkspaceVerify>());
    commands.push_back(std::make_unique<WorkspaceRebuild>());
    commands.push_back(std::make_unique<WorkspaceCollect>());
    commands.push_back(std::make_unique<WorkspaceExport>());
    commands.push_back(std::make_unique<WorkspaceImport>());
    commands.push_back(std::make_unique<WorkspaceTrust>());
    return commands;
}

} // namespace bottega::cli
