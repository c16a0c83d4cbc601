// SPDX-License-Identifier: Apache-2.0
#include "app/cli/lookup.h"

#include "core/base/safename.h"
#include "core/compute/adoption.h"
#include "core/workspace/index.h"

#include <cstdlib>
#include <iostream>
#include <ostream>
#include <system_error>

namespace bottega::cli {

namespace fs = std::filesystem;

namespace {

Result<std::vector<RunRecord>> readRunFolders(const Workspace &workspace)
{
    const auto ids = workspace.runIds();
    if (!ids)
        return fail(ids.error());
    std::vector<RunRecord> records;
    for (const std::string &id : *ids) {
        if (auto record = readRunRecord(RunFolder(workspace.runsFolder() / id)))
            records.push_back(std::move(*record));
    }
    sortNewestFirst(records);
    return records;
}

/// "<experiment>_<unix seconds>_<8 hex>" without its last part.
std::string secondOf(const std::string &id)
{
    const std::size_t end = id.rfind('_');
    const std::size_t begin = end == 0 || end == std::string::npos ? end : id.rfind('_', end - 1);
    return begin == std::string::npos ? std::string() : id.substr(begin, end - begin);
}

/// Ids tell seconds only: among those of the last one, the job says which was submitted last.
const std::string &newestOf(const std::vector<std::string> &newestFirst, const fs::path &runs)
{
    const std::string *newest = &newestFirst.front();
    double newestTime = -1;
    for (const std::string &id : newestFirst) {
        if (secondOf(id) != secondOf(newestFirst.front()))
            break;
        const auto job = RunFolder(runs / id).readJob();
        if (job && job->createdAt > newestTime) {
            newest = &id;
            newestTime = job->createdAt;
        }
    }
    return *newest;
}

/// A hint beside the answer, so never on standard output; it is there before whatever follows from it.
Result<Workspace> withProblemTold(Result<Workspace> workspace)
{
    if (workspace && !workspace->problem().empty())
        std::cerr << "Note: " << printable(workspace->problem(), 2000) << std::endl;
    return workspace;
}

Result<Workspace> locateWorkspace(const Invocation &invocation)
{
    if (invocation.has("--workspace"))
        return Workspace::open(invocation.value("--workspace"));
    std::error_code error;
    const fs::path here = fs::current_path(error);
    if (error)
        return fail(systemError(error.value(), "The current folder cannot be read", "."));
    auto found = Workspace::find(here);
    const char *named = std::getenv("BOTTEGA_WORKSPACE");
    if (!found && found.error().code == ErrorCode::NotFound && named && *named)
        return Workspace::open(named);
    return found;
}

} // namespace

Result<Workspace> openWorkspace(const Invocation &invocation)
{
    return withProblemTold(locateWorkspace(invocation));
}

Result<RunFolder> findRun(const Workspace &workspace, const std::string &text)
{
    if (text != "latest")
        return workspace.run(text);
    const auto ids = workspace.runIds();
    if (!ids)
        return fail(ids.error());
    if (ids->empty())
        return fail(ErrorCode::NotFound, "The workspace has no run yet", workspace.root().string(), {},
                    "Make one with bottega-cli run submit");
    return workspace.run(newestOf(*ids, workspace.runsFolder()));
}

Result<RunFolder> findRun(const Invocation &invocation, std::size_t index)
{
    const auto workspace = openWorkspace(invocation);
    if (!workspace)
        return fail(workspace.error());
    return findRun(*workspace, invocation.argument(index));
}

Result<FoundModel> findModel(const Invocation &invocation)
{
    auto workspace = openWorkspace(invocation);
    if (!workspace)
        return fail(workspace.error());
    Models models(*workspace);
    auto model = models.find(invocation.argument(0));
    if (!model)
        return fail(model.error());
    return FoundModel{std::move(*workspace), std::move(models), std::move(*model)};
}

void adoptIfOrphaned(const RunFolder &folder, std::ostream &notes)
{
    const auto status = readRunStatus(folder);
    if (!status || !status->needsAgent)
        return;
    if (const auto adopted = adoptOrphans({folder}); !adopted)
        notes << "note: the run has no agent: " << describe(adopted.error()) << '\n';
}

Result<std::vector<RunRecord>> listRuns(const Workspace &workspace)
{
    auto index = Index::open(workspace);
    if (!index)
        return readRunFolders(workspace);
    if (const auto refreshed = index->refresh(); !refreshed)
        return readRunFolders(workspace);
    static_cast<void>(adoptOrphans(index->orphans())); // the list says of each whether its agent is gone
    return index->runs();
}

Result<std::pair<std::string, std::string>> splitPair(const std::string &option, const std::string &text)
{
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
        return fail(ErrorCode::Usage, option + " " + printable(text, 80) + ": a name, '=' and a value are needed", {}, {},
                    "For example " + option + " epochs=10");
    return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

} // namespace bottega::cli
