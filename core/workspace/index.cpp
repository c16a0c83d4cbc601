// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/index.h"

#include "core/base/crc32c.h"
#include "core/workspace/modelstore.h"
#include "core/workspace/runmetrics.h"
#include "core/workspace/runtable.h"
#include "core/workspace/runtracker.h"
#include "core/workspace/storedrecord.h"

#include <algorithm>
#include <optional>
#include <set>
#include <sys/stat.h>
#include <unordered_map>
#include <unordered_set>

namespace bottega {

namespace {

/// One run as this object last saw it. An ended one is told by its signature alone, a live one has a tracker.
struct Entry
{
    std::string signature;
    std::unique_ptr<RunTracker> tracker;
    RunRecord unreadable; // stands for a run whose own files cannot be read
    bool isUnreadable = false;
};

std::string timeText(const struct stat &info)
{
    return std::to_string(info.st_mtim.tv_sec) + "." + std::to_string(info.st_mtim.tv_nsec);
}

/// Says what an ended run was read from: it changes when the journal grows or an event file is added.
std::string signatureOf(const RunFolder &folder, const std::string &workspace)
{
    struct stat journal = {}, metrics = {};
    if (::stat(folder.journal().c_str(), &journal) != 0)
        return {};
    (void)::stat(folder.metrics().c_str(), &metrics);
    return workspace + " " + std::to_string(journal.st_size) + " " + timeText(journal) + " " + timeText(metrics);
}

RunRecord unreadableRecord(const std::string &id, const Error &error)
{
    RunRecord record;
    record.id = id;
    const std::size_t random = id.rfind('_');
    record.job.experiment = id.substr(0, id.rfind('_', random - 1));
    record.job.runId = id;
    record.status.state = RunState::NotResponding;
    record.status.evidence = record.status.error = describe(error);
    return record;
}

std::string differingParts(const RunRecord &a, const RunRecord &b)
{
    std::string names;
    const Json one = storedRecordToJson(a), other = storedRecordToJson(b);
    for (const auto &[key, value] : one.items()) {
        if (other.at(key) != value)
            names += (names.empty() ? "" : ", ") + key;
    }
    return names;
}

} // namespace

struct Index::State
{
    State(Workspace place, RunTable runs)
        : workspace(std::move(place))
        , table(std::move(runs))
        , models(workspace.modelsFolder())
        , mark(std::to_string(crc32c(workspace.root().string())))
    {
    }

    Workspace workspace;
    RunTable table;
    ModelLookup models;
    std::string mark; // a copy of the workspace has the same id, so that both share a table
    std::unordered_map<std::string, Entry> entries;
    std::unordered_map<std::string, RunRecord> stored; // only until the first refresh has used them

    std::vector<RunTable::Row> toStore; // of the refresh under way
    std::vector<std::string> toForget;

    std::string listed; // when the folder of runs had changed last, as of the last whole refresh

    [[nodiscard]] Result<void> load();
    [[nodiscard]] std::string folderTime() const;
    void endRefresh(const std::map<std::string, std::string> &modelsBefore, bool hasModelNews, Changes &changes);
    void look(const std::string &id, Changes &changes);
    void read(const std::string &id, Entry &entry, std::string signature, Changes &changes);
    void markUnreadable(const std::string &id, Entry &entry, const Error &error, Changes &changes);
    void store();
    void forgetMissing(const std::vector<std::string> &ids, Changes &changes);
    void addModelChanges(const std::map<std::string, std::string> &before, Changes &changes);
    [[nodiscard]] bool isTracked(const std::string &id) const;
    [[nodiscard]] std::optional<RunRecord> recordOf(const std::string &id) const;
};

Result<void> Index::State::load()
{
    return table.forEach([this](const RunTable::RowView &row) {
        std::string id(row.id);
        entries[id].signature = row.signature;
        if (auto record = unpackRecord(id, row.record))
            stored.emplace(std::move(id), std::move(*record));
        else
            entries[id].signature.clear();
    });
}

std::string Index::State::folderTime() const
{
    struct stat info = {};
    return ::stat(workspace.runsFolder().c_str(), &info) == 0 ? timeText(info) : std::string();
}

void Index::State::endRefresh(const std::map<std::string, std::string> &modelsBefore, bool hasModelNews, Changes &changes)
{
    store();
    if (hasModelNews)
        addModelChanges(modelsBefore, changes);
    for (RunRecord &record : changes.changed)
        record.model = models.of(record.id);
}

void Index::State::look(const std::string &id, Changes &changes)
{
    Entry &entry = entries[id];
    const RunFolder folder(workspace.runsFolder() / id);
    std::string signature = signatureOf(folder, mark);
    if (entry.signature.empty() || entry.signature != signature) {
        read(id, entry, std::move(signature), changes);
        return;
    }
    const auto row = stored.find(id);
    if (row == stored.end())
        return; // told already
    changes.changed.push_back(std::move(row->second));
}

void Index::State::read(const std::string &id, Entry &entry, std::string signature, Changes &changes)
{
    if (!entry.tracker)
        entry.tracker = std::make_unique<RunTracker>(RunFolder(workspace.runsFolder() / id),
                                                     columnCacheOf(workspace, id), RunTracker::Caching::LiveRuns);
    entry.signature.clear();
    constexpr std::uint64_t portion = std::uint64_t{32} << 20; // of the metrics: only their summary is kept
    bool isNews = entry.isUnreadable;
    do {
        const auto news = entry.tracker->poll(portion);
        if (!news) {
            markUnreadable(id, entry, news.error(), changes);
            return;
        }
        isNews = isNews || news->recordChanged;
    } while (entry.tracker->hasMore());
    if (isNews)
        changes.changed.push_back(entry.tracker->record());
    entry.isUnreadable = false;
    const RunStatus &status = entry.tracker->record().status;
    if (!isTerminal(status.state) || status.needsAgent) // its last line is still to be written
        return;
    if (!entry.tracker->poll())
        return; // some of its files cannot be read now: what is stored must be all of it
    toStore.push_back({id, std::move(signature), packRecord(entry.tracker->record())});
}

/// What could not be stored keeps its tracker and is tried again at the next refresh.
void Index::State::store()
{
    if (table.apply(toStore, toForget)) {
        for (const RunTable::Row &row : toStore) {
            entries[row.id].signature = row.signature;
            entries[row.id].tracker.reset();
        }
    }
    toStore.clear();
    toForget.clear();
}

void Index::State::markUnreadable(const std::string &id, Entry &entry, const Error &error, Changes &changes)
{
    RunRecord record = unreadableRecord(id, error);
    const bool isNews = !entry.isUnreadable || entry.unreadable.status.evidence != record.status.evidence;
    entry.isUnreadable = true;
    entry.unreadable = std::move(record);
    if (isNews)
        changes.changed.push_back(entry.unreadable);
}

void Index::State::forgetMissing(const std::vector<std::string> &ids, Changes &changes)
{
    const std::set<std::string_view> there(ids.begin(), ids.end());
    for (auto entry = entries.begin(); entry != entries.end();) {
        if (there.contains(entry->first)) {
            ++entry;
            continue;
        }
        toForget.push_back(entry->first);
        if (!stored.contains(entry->first)) // else nobody has heard of it from us
            changes.removed.push_back(entry->first);
        entry = entries.erase(entry);
    }
}

void Index::State::addModelChanges(const std::map<std::string, std::string> &before, Changes &changes)
{
    std::set<std::string> different;
    for (const auto &[run, model] : before) {
        if (models.of(run) != model)
            different.insert(run);
    }
    for (const auto &[run, model] : models.all()) {
        if (!before.contains(run))
            different.insert(run);
    }
    for (const RunRecord &record : changes.changed)
        different.erase(record.id);
    for (const std::string &id : different) {
        if (auto record = recordOf(id))
            changes.changed.push_back(std::move(*record));
    }
}

std::optional<RunRecord> Index::State::recordOf(const std::string &id) const
{
    const auto found = entries.find(id);
    if (found == entries.end())
        return {};
    if (found->second.isUnreadable)
        return found->second.unreadable;
    if (found->second.tracker)
        return found->second.tracker->record();
    const auto row = table.row(id);
    return row && *row ? unpackRecord(id, (*row)->record) : std::nullopt;
}

bool Index::State::isTracked(const std::string &id) const
{
    const auto found = entries.find(id);
    return found != entries.end() && (found->second.tracker || found->second.isUnreadable);
}

Index::Index(std::unique_ptr<State> state) : m_state(std::move(state)) {}
Index::Index(Index &&) noexcept = default;
Index &Index::operator=(Index &&) noexcept = default;
Index::~Index() = default;

Result<Index> Index::open(const Workspace &workspace)
{
    auto table = RunTable::open(workspace.cacheFolder() / "index.sqlite");
    if (!table)
        return fail(table.error());
    auto state = std::make_unique<State>(workspace, std::move(*table));
    if (auto loaded = state->load(); !loaded)
        return fail(loaded.error());
    return Index(std::move(state));
}

Result<Index::Changes> Index::refresh()
{
    State &state = *m_state;
    std::string listed = state.folderTime(); // before: what comes in meanwhile is seen the next time
    const auto ids = state.workspace.runIds();
    if (!ids)
        return fail(ids.error());
    state.listed = std::move(listed);
    Changes changes;
    const auto modelsBefore = state.models.all();
    const bool hasModelNews = state.models.refresh();
    for (const std::string &id : *ids)
        state.look(id, changes);
    state.forgetMissing(*ids, changes);
    state.stored.clear();
    state.endRefresh(modelsBefore, hasModelNews, changes);
    return changes;
}

Result<Index::Changes> Index::refreshLive()
{
    State &state = *m_state;
    if (state.listed.empty() || state.folderTime() != state.listed)
        return refresh();
    Changes changes;
    const auto modelsBefore = state.models.all();
    const bool hasModelNews = state.models.refresh();
    std::vector<std::string> living;
    for (const auto &[id, entry] : state.entries) {
        if (entry.signature.empty())
            living.push_back(id);
    }
    for (const std::string &id : living)
        state.look(id, changes);
    state.endRefresh(modelsBefore, hasModelNews, changes);
    return changes;
}

Result<std::vector<RunRecord>> Index::runs() const
{
    const State &state = *m_state;
    const auto ids = state.workspace.runIds();
    if (!ids)
        return fail(ids.error());
    std::unordered_set<std::string> missing(ids->begin(), ids->end());
    std::vector<RunRecord> records;
    records.reserve(ids->size());
    const auto visited = state.table.forEach([&](const RunTable::RowView &row) {
        const auto place = missing.find(std::string(row.id));
        auto record = place == missing.end() || state.isTracked(*place) ? std::nullopt : unpackRecord(*place, row.record);
        if (!record)
            return;
        records.push_back(std::move(*record));
        missing.erase(place);
    });
    if (!visited)
        return fail(visited.error());
    for (const std::string &id : missing) {
        if (auto record = state.recordOf(id))
            records.push_back(std::move(*record));
    }
    for (RunRecord &record : records)
        record.model = state.models.of(record.id);
    sortNewestFirst(records);
    return records;
}

bool Index::hasLiveRuns() const
{
    return std::any_of(m_state->entries.begin(), m_state->entries.end(), [](const auto &pair) {
        const Entry &entry = pair.second;
        if (!entry.tracker || entry.isUnreadable)
            return false;
        const RunState state = entry.tracker->record().status.state;
        return !isTerminal(state) && state != RunState::NotResponding;
    });
}

std::vector<RunFolder> Index::orphans() const
{
    std::vector<RunFolder> folders;
    for (const auto &[id, entry] : m_state->entries) {
        if (entry.tracker && !entry.isUnreadable && entry.tracker->record().status.needsAgent)
            folders.push_back(entry.tracker->folder());
    }
    return folders;
}

const std::string &Index::memoryReason() const
{
    return m_state->table.memoryReason();
}

Result<int> Index::rebuild()
{
    if (auto cleared = m_state->table.clear(); !cleared)
        return fail(cleared.error());
    m_state->entries.clear();
    m_state->stored.clear();
    const auto changes = refresh();
    if (!changes)
        return fail(changes.error());
    return static_cast<int>(changes->changed.size());
}

Result<std::vector<std::string>> Index::verify()
{
    if (const auto refreshed = refresh(); !refreshed)
        return fail(refreshed.error());
    std::map<std::string, std::string> indexed;
    if (auto visited = m_state->table.forEach([&](const RunTable::RowView &row) { indexed.emplace(row.id, row.record); });
        !visited)
        return fail(visited.error());
    std::vector<std::string> differences;
    for (const auto &[id, entry] : m_state->entries) {
        const auto row = indexed.find(id);
        if (entry.signature.empty())
            continue; // live or unreadable: never stored
        if (row == indexed.end()) {
            differences.push_back("run " + id + " is not in the index");
            continue;
        }
        RunTracker tracker(RunFolder(m_state->workspace.runsFolder() / id));
        const auto read = tracker.poll();
        const auto known = unpackRecord(id, row->second);
        const std::string parts = read && known ? differingParts(tracker.record(), *known) : "record";
        if (!parts.empty())
            differences.push_back("run " + id + ": the index differs from the files in: " + parts);
    }
    for (const auto &[id, record] : indexed) {
        if (!m_state->entries.contains(id))
            differences.push_back("run " + id + " is in the index, but not in the workspace");
    }
    std::sort(differences.begin(), differences.end());
    return differences;
}

} // namespace bottega
