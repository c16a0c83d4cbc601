// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/verify.h"

#include "core/base/crc32c.h"
#include "core/base/folderwalk.h"
#include "core/base/safename.h"
#include "core/engine/checkpoint.h"
#include "core/workspace/catalogue.h"
#include "core/workspace/datasets.h"
#include "core/workspace/modelstore.h"
#include "core/workspace/runtracker.h"
#include "core/workspace/trash.h"

#include <algorithm>
#include <set>

namespace bottega {

namespace fs = std::filesystem;

namespace {

/// One walk through the workspace.
class Check
{
public:
    Check(const Workspace &workspace, const Share &share, const std::function<bool(const std::string &)> &progress)
        : m_workspace(workspace)
        , m_share(share)
        , m_progress(progress)
    {
    }

    Result<DataCheck> run()
    {
        for (const auto step : {&Check::models, &Check::objects, &Check::datasets, &Check::runs}) {
            if (auto done = (this->*step)(); !done)
                return fail(done.error());
        }
        return std::move(m_result);
    }

private:
    /// True where it is this share's turn; counted and told.
    Result<bool> begins(const std::string &subject)
    {
        if (!m_share.holds(subject))
            return false;
        if (m_progress && !m_progress(subject))
            return fail(ErrorCode::Canceled, "The check was canceled", {}, "nothing was changed");
        ++m_result.items;
        return true;
    }

    void found(const char *kind, const std::string &subject, Error error)
    {
        m_result.findings.push_back({kind, subject, std::move(error)});
    }

    Result<void> models();
    void modelFiles(const Model &model);
    Result<void> objects();
    Result<void> datasets();
    Result<void> runs();
    void checkpoints(const RunFolder &run);
    void records(const RunFolder &run);

    const Workspace &m_workspace;
    const Share &m_share;
    const std::function<bool(const std::string &)> &m_progress;
    DataCheck m_result;
};

Result<void> Check::models()
{
    for (const std::string &name : modelNames(m_workspace.modelsFolder())) {
        for (const int version : versionNumbers(m_workspace.modelsFolder() / name)) {
            const std::string id = name + ":" + std::to_string(version);
            const auto isOurs = begins(id);
            if (!isOurs)
                return fail(isOurs.error());
            if (!*isOurs)
                continue;
            const auto model = loadModel(m_workspace.modelsFolder(), name, version);
            if (model)
                modelFiles(*model);
            else
                found("model", id, model.error());
        }
    }
    return {};
}

void Check::modelFiles(const Model &model)
{
    const fs::path folder = Models(m_workspace).filesFolder(model);
    for (const ModelFile &file : model.files) {
        const auto fd = openBeneath(folder, file.path);
        const auto content = fd ? hashFile(fd->get(), folder / file.path) : Result<CopiedFile>(fail(fd.error()));
        if (!content) {
            found("model", model.id(), content.error());
            continue;
        }
        m_result.bytes += content->size;
        auto same = checkHash(model, file, *content);
        if (same)
            continue;
        same.error().where = (folder / file.path).string();
        if (content->size != file.size) {
            same.error().what += ": it has " + std::to_string(content->size) + " bytes instead of " + std::to_string(file.size);
            same.error().where += " at byte " + std::to_string(std::min(content->size, file.size));
        }
        found("model", model.id(), same.error());
    }
}

Result<void> Check::objects()
{
    const ObjectStore store(m_workspace.objectsFolder());
    const auto hashes = store.list();
    if (!hashes)
        return fail(hashes.error());
    for (const std::string &hash : *hashes) {
        const auto isOurs = begins(hash);
        if (!isOurs)
            return fail(isOurs.error());
        if (!*isOurs)
            continue;
        const auto size = store.verify(hash);
        m_result.bytes += size.value_or(0);
        if (!size)
            found("object", hash, size.error());
    }
    const auto isThere = [&hashes](const std::string &hash) {
        return std::binary_search(hashes->begin(), hashes->end(), hash);
    };
    const auto missing = [&](const std::string &hash, const std::string &who) {
        found("object", hash, {ErrorCode::NotFound, "The object " + hash + " is missing; " + who + " needs it",
                               (m_workspace.objectsFolder() / hash).string(), "the others are not touched",
                               "Restore the file from a copy of the workspace"});
    };
    for (const std::string &id : m_workspace.runIds().value_or(std::vector<std::string>())) {
        const auto job = readJsonObject(RunFolder(m_workspace.runsFolder() / id).file("run.json"));
        const std::string snapshot = job ? stringMember(*job, "snapshot") : std::string();
        if (snapshot.empty() || !m_share.holds(id))
            continue;
        if (!isThere(snapshot)) {
            missing(snapshot, "the run " + id);
            continue;
        }
        for (const std::string &hash : store.contents(snapshot).value_or(std::vector<std::string>())) {
            if (!isThere(hash))
                missing(hash, "the run " + id);
        }
    }
    return {};
}

Result<void> Check::datasets()
{
    const Datasets datasets(m_workspace);
    std::error_code failure;
    for (fs::directory_iterator item(m_workspace.datasetsFolder(), failure), end; !failure && item != end;
         item.increment(failure)) {
        const std::string name = item->path().filename().string();
        if (!checkName("a data set", name, 1, 64))
            continue;
        const auto isOurs = begins("datasets/" + name);
        if (!isOurs)
            return fail(isOurs.error());
        if (!*isOurs)
            continue;
        const auto verified = datasets.verify(name);
        if (verified)
            m_result.bytes += verified->bytes;
        else
            found("dataset", name, verified.error());
    }
    return {};
}

Result<void> Check::runs()
{
    const auto ids = m_workspace.runIds();
    if (!ids)
        return fail(ids.error());
    for (const std::string &id : *ids) {
        const auto isOurs = begins(id);
        if (!isOurs)
            return fail(isOurs.error());
        if (!*isOurs)
            continue;
        const RunFolder run(m_workspace.runsFolder() / id);
        checkpoints(run);
        records(run);
    }
    return {};
}

void Check::checkpoints(const RunFolder &run)
{
    const auto check = [&](const Walked &item) {
        if (item.kind != WalkedKind::File || !item.path.ends_with(".npz") || item.path.find('/') != std::string::npos)
            return;
        const auto checkpoint = engine::readCheckpoint(run.file("checkpoints/" + item.path));
        m_result.bytes += checkpoint ? item.size : 0;
        if (!checkpoint && checkpoint.error().code != ErrorCode::NotFound) // its trainer may just have removed it
            found("checkpoint", run.id(), checkpoint.error());
    };
    (void)walkBeneath(run.root(), "checkpoints", check, Unreadable::PassOver); // no folder: no checkpoint
}

void Check::records(const RunFolder &run)
{
    RunTracker tracker(run);
    const auto news = tracker.poll();
    if (!news && news.error().code != ErrorCode::NotFound)
        return found("run", run.id(), news.error());
    if (const std::uint64_t damaged = tracker.damagedRecords(); damaged > 0)
        found("run", run.id(),
              {ErrorCode::Corrupt, std::to_string(damaged) + " records of its journal and metrics are damaged",
               run.root().string(), "all others are read", "What is lost is lost; the run itself can be used"});
}

/// `json` is a run.json or a model.json.
void addReferences(std::map<std::string, std::string> &references, const Json &json, const std::string &who)
{
    if (const std::string snapshot = stringMember(json, "snapshot"); isObjectHash(snapshot))
        references.emplace(snapshot, who);
    for (const Json &file : json.value("files", Json::array())) {
        const std::string hash = file.is_object() ? stringMember(file, "sha256") : std::string();
        if (isObjectHash(hash))
            references.emplace(hash, who);
    }
}

Result<void> addFrom(std::map<std::string, std::string> &references, const FilePlace &file, const std::string &who)
{
    const auto json = readJsonObject(file);
    std::error_code ignored;
    if (!json && json.error().code == ErrorCode::NotFound && !fs::exists(file.path().parent_path(), ignored))
        return {}; // deleted or restored meanwhile: it is met where it went, or nobody needs it
    if (!json) {
        Error error = json.error();
        error.what = "What " + who + " refers to can't be told. " + error.what;
        error.kept = "nothing was removed";
        error.remedy = "Restore the file from a copy, or delete " + who + " for good";
        return fail(std::move(error));
    }
    addReferences(references, *json, who);
    return {};
}

/// Runs and models in their places, but for those in `read` already.
Result<void> addPlaced(const Workspace &workspace, std::map<std::string, std::string> &references, std::set<std::string> &read)
{
    const auto ids = workspace.runIds();
    if (!ids)
        return fail(ids.error());
    for (const std::string &id : *ids) {
        if (!read.insert(id).second)
            continue;
        if (auto added = addFrom(references, RunFolder(workspace.runsFolder() / id).file("run.json"), "the run " + id); !added)
            return added;
    }
    for (const std::string &name : modelNames(workspace.modelsFolder())) {
        for (const int version : versionNumbers(workspace.modelsFolder() / name)) {
            const std::string id = name + ":" + std::to_string(version);
            const FilePlace file(workspace.modelsFolder(), name + '/' + std::to_string(version) + "/model.json");
            if (!read.insert(id).second)
                continue;
            if (auto added = addFrom(references, file, "the model " + id); !added)
                return added;
        }
    }
    return {};
}

Result<void> addTrashed(const Workspace &workspace, std::map<std::string, std::string> &references, std::set<std::string> &)
{
    const auto items = Trash(workspace).list();
    if (!items)
        return fail(items.error());
    for (const TrashItem &item : *items) {
        const FilePlace file(workspace.trashFolder(), item.entry + "/it/" + (item.isRun() ? "run.json" : "model.json"));
        if (auto added = addFrom(references, file, item.name + " in the trash"); !added)
            return added;
    }
    return {};
}

} // namespace

Json findingToJson(const Finding &finding)
{
    return {{"kind", finding.kind},
            {"subject", finding.subject},
            {"code", errorCodeName(finding.error.code)},
            {"what", finding.error.what},
            {"where", finding.error.where},
            {"remedy", finding.error.remedy}};
}

bool Share::holds(const std::string &name) const
{
    return of <= 1 || crc32c(name) % of == part - 1;
}

Result<DataCheck> verifyData(const Workspace &workspace, const Share &share,
                             const std::function<bool(const std::string &subject)> &progress)
{
    return Check(workspace, share, progress).run();
}

Result<std::map<std::string, std::string>> objectReferences(const Workspace &workspace)
{
    std::map<std::string, std::string> references;
    std::set<std::string> read;
    // What moves between its place and the trash meanwhile is met in one of them: places, trash, places again.
    for (const auto step : {addPlaced, addTrashed, addPlaced}) {
        if (auto added = step(workspace, references, read); !added)
            return fail(added.error());
    }
    return references;
}

Result<ObjectStore::Collected> collectObjects(const Workspace &workspace, bool dryRun)
{
    if (auto writable = workspace.checkWritable(); !writable)
        return fail(writable.error());
    const auto references = objectReferences(workspace);
    if (!references)
        return fail(references.error());
    return ObjectStore(workspace.objectsFolder()).collect(*references, ObjectStore::graceSeconds, dryRun);
}

} // namespace bottega
