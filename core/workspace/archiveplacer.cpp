// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/archiveplacer.h"

#include "core/base/atomicsave.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/folderwalk.h"
#include "core/base/redact.h"
#include "core/base/safename.h"
#include "core/run/journal.h"
#include "core/workspace/annotations.h"
#include "core/workspace/archivesource.h"
#include "core/workspace/models.h"
#include "core/workspace/modelstore.h"

#include <QCryptographicHash>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <set>
#include <unistd.h>

namespace bottega {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t modelFactsLimit = std::uint64_t{16} << 20;
constexpr const char *runFolders[] = {"work",      "work/outputs", "work/logs",  "system-logs",
                                      "metrics",   "telemetry",    "checkpoints"};

bool isThere(const fs::path &path)
{
    std::error_code ignored;
    return fs::exists(fs::symlink_status(path, ignored));
}

} // namespace

ArchivePlacer::ArchivePlacer(const ArchiveReader &archive, const CopyProgress &progress)
    : m_archive(archive), m_progress(progress)
{
    std::map<std::string, std::vector<const ArchivedFile *>> files;
    for (const ArchivedFile &file : archive.manifest().files)
        files[archiveUnitOf(file.path)].push_back(&file);
    const auto add = [&](const char *kind, const std::string &name, const std::string &folder) {
        m_units.push_back({{kind, name, name}, folder, folder, files[folder]});
    };
    for (const ArchivedRun &run : archive.manifest().runs)
        add("run", run.id, "runs/" + run.id);
    for (const std::string &model : archive.manifest().models) {
        std::string path = model;
        std::replace(path.begin(), path.end(), ':', '/');
        add("model", model, "models/" + path);
    }
    for (const std::string &dataset : archive.manifest().datasets)
        add("dataset", dataset, "datasets/" + dataset);
}

Result<void> ArchivePlacer::compareWith(const Workspace &workspace)
{
    for (Unit &unit : m_units) {
        auto decided = unit.item.kind == "model" ? placeModel(unit, workspace) : compareFolder(unit, workspace);
        if (!decided)
            return notImported(decided.error());
    }
    return {};
}

Result<void> ArchivePlacer::checkUnits() const
{
    for (const Unit &unit : m_units) {
        const char *needed = unit.item.kind == "run" ? "run.json" : unit.item.kind == "model" ? "model.json" : "dataset.json";
        if (archiveUnitOf(unit.from + "/" + needed) != unit.from || !m_archive.contains(unit.from + "/" + needed))
            return damagedArchive("The archive's " + unit.item.kind + " “" + printable(unit.item.name, 100) + "” has no " + needed,
                           unit.from);
    }
    return {};
}

std::uint64_t ArchivePlacer::bytesToWrite() const
{
    std::uint64_t bytes = 0;
    for (const Unit &unit : m_units) {
        for (const ArchivedFile *file : unit.item.wasThere ? std::vector<const ArchivedFile *>() : unit.files)
            bytes += file->size + 4096;
    }
    return bytes;
}

Result<void> ArchivePlacer::stage(const fs::path &staging)
{
    m_total = bytesToWrite();
    for (const Unit &unit : m_units) {
        if (unit.item.wasThere)
            continue;
        if (auto staged = stageUnit(unit, staging); !staged)
            return notImported(staged.error());
    }
    const UniqueFd folder(::open(staging.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder || ::syncfs(folder.get()) != 0) // one for all: thousands of small files would each wait for the disk
        return notImported(systemError(errno, "The imported files could not be synced to disk", staging.string()));
    return {};
}

Result<void> ArchivePlacer::publish(const fs::path &staging, const fs::path &root)
{
    std::set<fs::path> parents;
    std::size_t done = 0;
    for (const Unit &unit : m_units) {
        if (unit.item.wasThere)
            continue;
        const fs::path target = root / unit.to;
        if (auto made = makeFolder(target.parent_path()); !made)
            return partly(made.error(), done);
        if (::renameat2(AT_FDCWD, (staging / unit.to).c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE) != 0 &&
            (errno != EINVAL || isThere(target) || ::rename((staging / unit.to).c_str(), target.c_str()) != 0))
            return partly(systemError(errno, "The import could not be put in place", target.string()), done);
        parents.insert(target.parent_path());
        ++done;
    }
    for (const fs::path &parent : parents) {
        if (auto synced = syncFolder(parent); !synced)
            return partly(synced.error(), done);
    }
    return {};
}

Result<void> ArchivePlacer::annotate(const fs::path &annotations) const
{
    std::map<std::string, const Unit *> units;
    for (const Unit &unit : m_units) {
        if (!unit.item.wasThere)
            units.emplace(unit.from, &unit);
    }
    for (const Json &json : m_archive.manifest().annotations) {
        const auto unit = json.is_object() ? units.find(stringMember(json, "subject")) : units.end();
        const std::string key = json.is_object() ? stringMember(json, "key") : std::string();
        if (unit == units.end() || key.empty() || key == "deleted")
            continue;
        const Annotation annotation{numberMember(json, "time"), unit->second->to, key, json.value("value", Json())};
        if (auto noted = appendAnnotation(annotations, annotation); !noted)
            return partly(noted.error(), units.size());
    }
    return {};
}

ImportReport ArchivePlacer::report(const fs::path &workspace) const
{
    ImportReport report{workspace, {}, m_archive.manifest().leftOut, m_written};
    for (const Unit &unit : m_units)
        report.items.push_back(unit.item);
    return report;
}

tl::unexpected<Error> ArchivePlacer::partly(Error error, std::size_t done)
{
    error.kept = std::to_string(done) + " of the archive's parts were imported whole, nothing of the others";
    error.remedy = "Import the archive again: what is there already is left alone";
    return fail(std::move(error));
}

Result<void> ArchivePlacer::advance(std::uint64_t bytes)
{
    m_done += bytes;
    if (m_progress && !m_progress(std::min(m_done, m_total), m_total))
        return fail(ErrorCode::Canceled, "The import was canceled");
    return {};
}

Result<void> ArchivePlacer::compareFolder(Unit &unit, const Workspace &workspace)
{
    if (!isThere(workspace.root() / unit.to))
        return {};
    const auto same = isSame(unit, workspace);
    if (!same)
        return fail(same.error());
    unit.item.wasThere = *same;
    if (*same)
        return {};
    const std::string what = unit.item.kind == "run" ? "a run" : "a data set";
    return fail(ErrorCode::Exists, "There is " + what + " “" + unit.item.name + "” with other content already",
                (workspace.root() / unit.to).string(), nothingImported,
                "Import the archive to a workspace of its own with --to DIR, or delete that one here first");
}

Result<bool> ArchivePlacer::isSame(const Unit &unit, const Workspace &workspace)
{
    std::size_t count = 0;
    std::uint64_t total = 0;
    const auto walked = walkBeneath(workspace.root() / unit.to, [&](const Walked &one) {
        count += one.kind == WalkedKind::Folder ? 0 : 1;
        total += one.kind == WalkedKind::File ? one.size : 0;
    });
    if (!walked)
        return fail(walked.error());
    if (count != unit.files.size())
        return false;
    std::vector<std::byte> block(std::size_t{256} << 10);
    for (const ArchivedFile *file : unit.files) {
        auto source = ArchiveSource::open(workspace.root(), file->path);
        if (!source)
            return false;
        for (std::uint64_t offset = 0;;) {
            const auto taken = source->read(block, offset);
            if (!taken)
                return fail(taken.error());
            offset += *taken;
            if (*taken < block.size() || offset > file->size)
                break;
        }
        if (source->given().sha256 != file->sha256)
            return false;
    }
    return true;
}

Result<Json> ArchivePlacer::modelFacts(const Unit &unit) const
{
    const zip::Entry &entry = m_archive.entry(unit.from + "/model.json");
    if (entry.size > modelFactsLimit)
        return damagedArchive("The description of a model has " + std::to_string(entry.size) + " bytes", m_archive.zip().placeOf(entry));
    const auto text = m_archive.zip().extract(entry);
    if (!text)
        return fail(text.error());
    auto json = parseJson(*text, m_archive.zip().placeOf(entry));
    if (json && !json->is_object())
        return damagedArchive("The description of a model is no object", m_archive.zip().placeOf(entry));
    if (json)
        json->erase("version");
    return json;
}

Result<void> ArchivePlacer::placeModel(Unit &unit, const Workspace &workspace)
{
    const std::size_t colon = unit.item.name.find(':');
    const std::string name = unit.item.name.substr(0, colon);
    const auto facts = modelFacts(unit);
    if (!facts)
        return fail(facts.error());
    for (const int version : versionNumbers(workspace.modelsFolder() / name)) {
        const auto local = loadModel(workspace.modelsFolder(), name, version);
        if (!local)
            continue;
        Json localFacts = redactJson(modelFactsToJson(*local));
        localFacts.erase("version");
        if (localFacts == *facts) {
            unit.item.wasThere = true;
            unit.item.as = local->id();
            return {};
        }
    }
    const auto next = Models(workspace).nextVersion(name);
    if (!next)
        return fail(next.error());
    int &free = m_nextVersions.emplace(name, *next).first->second;
    const int version = std::max(free, versionNumber(unit.item.name.substr(colon + 1)));
    free = version + 1;
    unit.item.as = name + ":" + std::to_string(version);
    unit.to = "models/" + name + "/" + std::to_string(version);
    return {};
}

Result<void> ArchivePlacer::stageUnit(const Unit &unit, const fs::path &staging)
{
    const fs::path folder = staging / unit.to;
    if (auto made = makeFolder(folder); !made)
        return made;
    for (const ArchivedFile *file : unit.files) {
        if (auto written = writeFile(*file, folder / file->path.substr(unit.from.size() + 1)); !written)
            return written;
    }
    if (unit.item.kind == "run")
        return finishRun(unit, RunFolder(folder));
    return unit.to == unit.from ? Result<void>() : renumber(unit, folder);
}

Result<void> ArchivePlacer::writeFile(const ArchivedFile &file, const fs::path &target)
{
    if (auto made = makeFolder(target.parent_path()); !made)
        return made;
    const auto fd = createFile(target);
    if (!fd)
        return fail(fd.error());
    QCryptographicHash hash(QCryptographicHash::Sha256);
    const auto written = m_archive.zip().extractTo(m_archive.entry(file.path), [&](std::string_view block) -> Result<void> {
        hash.addData(QByteArrayView(block.data(), static_cast<qsizetype>(block.size())));
        if (auto done = writeAll(fd->get(), block, target); !done)
            return done;
        m_written += block.size();
        return advance(block.size());
    });
    if (!written)
        return written;
    if (hash.result().toHex().toStdString() != file.sha256)
        return damagedArchive("The content is not what the archive's table of contents says: its SHA-256 differs",
                       m_archive.placeOf(file.path));
    return advance(4096);
}

Result<void> ArchivePlacer::finishRun(const Unit &unit, const RunFolder &run)
{
    for (const char *name : runFolders) {
        if (auto made = makeFolder(run.root() / name); !made)
            return made;
    }
    const auto job = run.readJob();
    if (!job)
        return fail(job.error());
    if (job->runId != unit.item.name)
        return damagedArchive("The run's description is of another run: “" + printable(job->runId, 100) + "”",
                       m_archive.placeOf(unit.from + "/run.json"));
    const auto journal = readJournal(run.file("journal.jsonl"));
    if (!journal)
        return fail(journal.error());
    if (!journal->entries.empty() && isTerminal(journal->entries.back().state))
        return {};
    JournalEntry end; // what it names of processes must never be taken for ours
    end.attempt = journal->entries.empty() ? 1 : journal->entries.back().attempt;
    end.state = RunState::Canceled;
    end.time = wallTime();
    end.evidence = "this copy ends here: it was imported from an archive in which the run has no end";
    return appendJournal(run.journal(), end);
}

Result<void> ArchivePlacer::renumber(const Unit &unit, const fs::path &folder)
{
    auto json = readJsonObject(FilePlace(folder, "model.json"));
    if (!json)
        return fail(json.error());
    (*json)["version"] = versionNumber(unit.to.substr(unit.to.rfind('/') + 1));
    return saveAtomically(folder / "model.json", dumpJson(*json, 2) + "\n");
}

} // namespace bottega
