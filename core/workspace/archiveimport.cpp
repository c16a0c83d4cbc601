// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/archiveimport.h"

#include "core/base/atomicsave.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/folderwalk.h"
#include "core/base/redact.h"
#include "core/base/safename.h"
#include "core/base/staging.h"
#include "core/formats/npz/zip.h"
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
#include <map>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

namespace bottega {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t manifestLimit = std::uint64_t{64} << 20;
constexpr std::uint64_t modelFactsLimit = std::uint64_t{16} << 20;
constexpr const char *nothingImported = "nothing was imported";
constexpr const char *runFolders[] = {"work",      "work/outputs", "work/logs",  "system-logs",
                                      "metrics",   "telemetry",    "checkpoints"};

tl::unexpected<Error> notImported(Error error)
{
    error.kept = nothingImported;
    if (error.remedy.empty() && error.code != ErrorCode::Canceled)
        error.remedy = "Set that right and import again, or import elsewhere with --to DIR";
    return fail(std::move(error));
}

tl::unexpected<Error> damaged(const std::string &what, const std::string &where)
{
    return fail(ErrorCode::Corrupt, what, where, nothingImported, "Get the archive again from where it came from");
}

/// An archive and its table of contents, which agree.
class OpenArchive
{
public:
    static Result<OpenArchive> open(const fs::path &file)
    {
        zip::Limits limits;
        limits.producedBytes = std::uint64_t{1} << 62; // what the disk has free is the limit
        auto zip = zip::Archive::open(file, limits);
        if (!zip)
            return notImported(zip.error());
        OpenArchive archive(file, std::move(*zip));
        if (auto read = archive.readManifest(); !read)
            return fail(read.error());
        return archive;
    }

    [[nodiscard]] const ArchiveManifest &manifest() const { return m_manifest; }
    [[nodiscard]] const zip::Archive &zip() const { return m_zip; }
    [[nodiscard]] const zip::Entry &entry(const std::string &path) const { return m_zip.entries()[m_byName.at(path)]; }
    [[nodiscard]] bool contains(const std::string &path) const { return m_byName.contains(path); }
    [[nodiscard]] std::string placeOf(const std::string &path) const { return m_zip.placeOf(entry(path)); }

private:
    OpenArchive(fs::path file, zip::Archive zip) : m_file(std::move(file)), m_zip(std::move(zip))
    {
        for (std::size_t i = 0; i < m_zip.entries().size(); ++i)
            m_byName.emplace(m_zip.entries()[i].name, i);
    }

    Result<void> readManifest()
    {
        if (!contains(archiveManifestName))
            return damaged("This zip is not an archive of Bottega: it has no bottega.json", m_file.string());
        const zip::Entry &entry = this->entry(archiveManifestName);
        if (entry.size > manifestLimit)
            return damaged("The archive's table of contents has " + std::to_string(entry.size) + " bytes", m_zip.placeOf(entry));
        const auto text = m_zip.extract(entry);
        if (!text)
            return notImported(text.error());
        const auto json = parseJson(*text, m_zip.placeOf(entry));
        if (!json)
            return notImported(json.error());
        auto manifest = manifestFromJson(*json, m_zip.placeOf(entry));
        if (!manifest)
            return fail(manifest.error());
        m_manifest = std::move(*manifest);
        return compare();
    }

    [[nodiscard]] Result<void> compare() const
    {
        for (const ArchivedFile &file : m_manifest.files) {
            if (!contains(file.path))
                return damaged("The archive lacks “" + printable(file.path, 100) + "”, which its table of contents names", m_file.string());
            if (entry(file.path).size != file.size)
                return damaged("The archive's table of contents gives another size", placeOf(file.path));
        }
        if (m_manifest.files.size() + 1 != m_byName.size())
            return damaged("The archive holds " + std::to_string(m_byName.size() - m_manifest.files.size() - 1) +
                               " files that its table of contents does not name", m_file.string());
        return {};
    }

    fs::path m_file;
    zip::Archive m_zip;
    ArchiveManifest m_manifest;
    std::map<std::string, std::size_t> m_byName;
};

/// One run, model or data set on its way.
struct Unit
{
    ImportedItem item;
    std::string from; // its folder in the archive, "models/digits/1"
    std::string to;   // and in the workspace
    std::vector<const ArchivedFile *> files;
};

bool isThere(const fs::path &path)
{
    std::error_code ignored;
    return fs::exists(fs::symlink_status(path, ignored));
}

class Importer
{
public:
    Importer(const OpenArchive &archive, const CopyProgress &progress) : m_archive(archive), m_progress(progress)
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

    /// Decides for each unit what is to become of it, before anything is written.
    Result<void> compareWith(const Workspace &workspace)
    {
        for (Unit &unit : m_units) {
            auto decided = unit.item.kind == "model" ? placeModel(unit, workspace) : compareFolder(unit, workspace);
            if (!decided)
                return notImported(decided.error());
        }
        return {};
    }

    Result<void> checkUnits() const
    {
        for (const Unit &unit : m_units) {
            const char *needed = unit.item.kind == "run" ? "run.json" : unit.item.kind == "model" ? "model.json" : "dataset.json";
            if (archiveUnitOf(unit.from + "/" + needed) != unit.from || !m_archive.contains(unit.from + "/" + needed))
                return damaged("The archive's " + unit.item.kind + " “" + printable(unit.item.name, 100) + "” has no " + needed,
                               unit.from);
        }
        return {};
    }

    [[nodiscard]] std::uint64_t bytesToWrite() const
    {
        std::uint64_t bytes = 0;
        for (const Unit &unit : m_units) {
            for (const ArchivedFile *file : unit.item.wasThere ? std::vector<const ArchivedFile *>() : unit.files)
                bytes += file->size + 4096;
        }
        return bytes;
    }

    Result<void> stage(const fs::path &staging)
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

    Result<void> publish(const fs::path &staging, const fs::path &root)
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

    /// What people said of what is imported; of what was there already they said it here.
    Result<void> annotate(const fs::path &annotations) const
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

    [[nodiscard]] ImportReport report(const fs::path &workspace) const
    {
        ImportReport report{workspace, {}, m_archive.manifest().leftOut, m_written};
        for (const Unit &unit : m_units)
            report.items.push_back(unit.item);
        return report;
    }

private:
    static tl::unexpected<Error> partly(Error error, std::size_t done)
    {
        error.kept = std::to_string(done) + " of the archive's parts were imported whole, nothing of the others";
        error.remedy = "Import the archive again: what is there already is left alone";
        return fail(std::move(error));
    }

    Result<void> advance(std::uint64_t bytes)
    {
        m_done += bytes;
        if (m_progress && !m_progress(std::min(m_done, m_total), m_total))
            return fail(ErrorCode::Canceled, "The import was canceled");
        return {};
    }

    /// A run or data set of that name: identical or in the way.
    Result<void> compareFolder(Unit &unit, const Workspace &workspace)
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

    /// As it would be exported now, file by file.
    Result<bool> isSame(const Unit &unit, const Workspace &workspace)
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

    Result<Json> modelFacts(const Unit &unit) const
    {
        const zip::Entry &entry = m_archive.entry(unit.from + "/model.json");
        if (entry.size > modelFactsLimit)
            return damaged("The description of a model has " + std::to_string(entry.size) + " bytes", m_archive.zip().placeOf(entry));
        const auto text = m_archive.zip().extract(entry);
        if (!text)
            return fail(text.error());
        auto json = parseJson(*text, m_archive.zip().placeOf(entry));
        if (json && !json->is_object())
            return damaged("The description of a model is no object", m_archive.zip().placeOf(entry));
        if (json)
            json->erase("version");
        return json;
    }

    /// The version that is the same, else the wanted one where it is free, else the next.
    Result<void> placeModel(Unit &unit, const Workspace &workspace)
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

    Result<void> stageUnit(const Unit &unit, const fs::path &staging)
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

    Result<void> writeFile(const ArchivedFile &file, const fs::path &target)
    {
        if (auto made = makeFolder(target.parent_path()); !made)
            return made;
        const UniqueFd fd(::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (!fd)
            return fail(systemError(errno, "The file could not be created", target.string()));
        QCryptographicHash hash(QCryptographicHash::Sha256);
        const auto written = m_archive.zip().extractTo(m_archive.entry(file.path), [&](std::string_view block) -> Result<void> {
            hash.addData(QByteArrayView(block.data(), static_cast<qsizetype>(block.size())));
            if (auto done = writeAll(fd.get(), block, target); !done)
                return done;
            m_written += block.size();
            return advance(block.size());
        });
        if (!written)
            return written;
        if (hash.result().toHex().toStdString() != file.sha256)
            return damaged("The content is not what the archive's table of contents says: its SHA-256 differs",
                           m_archive.placeOf(file.path));
        return advance(4096);
    }

    Result<void> finishRun(const Unit &unit, const RunFolder &run)
    {
        for (const char *name : runFolders) {
            if (auto made = makeFolder(run.root() / name); !made)
                return made;
        }
        const auto job = run.readJob();
        if (!job)
            return fail(job.error());
        if (job->runId != unit.item.name)
            return damaged("The run's description is of another run: “" + printable(job->runId, 100) + "”",
                           m_archive.placeOf(unit.from + "/run.json"));
        const auto journal = readJournal(run.journal());
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

    static Result<void> renumber(const Unit &unit, const fs::path &folder)
    {
        auto json = readJsonObject(folder / "model.json");
        if (!json)
            return fail(json.error());
        (*json)["version"] = versionNumber(unit.to.substr(unit.to.rfind('/') + 1));
        return saveAtomically(folder / "model.json", dumpJson(*json, 2) + "\n");
    }

    const OpenArchive &m_archive;
    const CopyProgress &m_progress;
    std::vector<Unit> m_units;
    std::map<std::string, int> m_nextVersions;
    std::uint64_t m_done = 0;
    std::uint64_t m_total = 0;
    std::uint64_t m_written = 0;
};

Result<void> checkIsFree(const fs::path &folder)
{
    std::error_code failure;
    if (!isThere(folder) || (fs::is_directory(fs::symlink_status(folder, failure)) && fs::is_empty(folder, failure)))
        return {};
    return fail(ErrorCode::Exists, "The folder is not empty", folder.string(), nothingImported,
                isThere(folder / "config.json") ? "To import into that workspace, use --workspace " + folder.string()
                                                : "Choose a new folder");
}

Result<Workspace> makeWorkspace(const fs::path &staging, const fs::path &folder, const ArchiveManifest &manifest)
{
    const bool isNamed = checkName("a workspace", manifest.workspaceName, 2, 32).has_value();
    const auto workspace = Workspace::make(staging, isNamed ? manifest.workspaceName : workspaceNameFor(folder));
    if (!workspace)
        return workspace;
    WorkspaceDefaults defaults = workspace->defaults();
    if (checkName("an experiment", manifest.experiment, 3, 36))
        defaults.experiment = manifest.experiment;
    if (checkName("a data set", manifest.dataset, 1, 64))
        defaults.dataset = manifest.dataset;
    if (auto saved = workspace->setDefaults(defaults); !saved)
        return fail(saved.error());
    return workspace;
}

} // namespace

Result<ArchiveManifest> readArchiveManifest(const fs::path &file)
{
    const auto archive = OpenArchive::open(file);
    if (!archive)
        return fail(archive.error());
    return archive->manifest();
}

Result<ImportReport> importArchive(const fs::path &file, const Workspace &workspace, const CopyProgress &progress)
{
    const auto archive = OpenArchive::open(file);
    if (!archive)
        return fail(archive.error());
    Importer importer(*archive, progress);
    if (auto whole = importer.checkUnits(); !whole)
        return fail(whole.error());
    if (auto compared = importer.compareWith(workspace); !compared)
        return fail(compared.error());
    if (auto space = checkFreeSpace(workspace.root(), importer.bytesToWrite()); !space)
        return notImported(space.error());
    StagingFolder::sweep(workspace.root());
    const auto staging = StagingFolder::create(workspace.root());
    if (!staging)
        return notImported(staging.error());
    if (auto staged = importer.stage(staging->path()); !staged)
        return fail(staged.error());
    if (auto published = importer.publish(staging->path(), workspace.root()); !published)
        return fail(published.error());
    if (auto annotated = importer.annotate(workspace.annotations()); !annotated)
        return fail(annotated.error());
    return importer.report(workspace.root());
}

Result<ImportReport> importArchiveTo(const fs::path &file, const fs::path &wanted, const CopyProgress &progress)
{
    std::error_code failure;
    const fs::path named = fs::absolute(wanted, failure).lexically_normal();
    const fs::path folder = named.has_filename() ? named : named.parent_path();
    if (auto free = checkIsFree(folder); !free)
        return fail(free.error());
    const auto archive = OpenArchive::open(file);
    if (!archive)
        return fail(archive.error());
    Importer importer(*archive, progress);
    if (auto whole = importer.checkUnits(); !whole)
        return fail(whole.error());
    if (auto space = checkFreeSpace(folder.parent_path(), importer.bytesToWrite()); !space)
        return notImported(space.error());
    auto staging = StagingFolder::create(folder.parent_path());
    if (!staging)
        return notImported(staging.error());
    const auto workspace = makeWorkspace(staging->path(), folder, archive->manifest());
    if (!workspace)
        return notImported(workspace.error());
    // In the new folder's own tree, so that one rename publishes it all.
    if (auto staged = importer.stage(workspace->root()); !staged)
        return fail(staged.error());
    if (auto annotated = importer.annotate(workspace->annotations()); !annotated)
        return notImported(annotated.error());
    ::rmdir(folder.c_str()); // an empty one gives way
    if (auto published = staging->publish(folder); !published)
        return notImported(published.error());
    return importer.report(folder);
}

} // namespace bottega
