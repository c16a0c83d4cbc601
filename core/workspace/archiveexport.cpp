// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/archiveexport.h"

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/folderwalk.h"
#include "core/base/redact.h"
#include "core/base/safename.h"
#include "core/formats/npz/zipfile.h"
#include "core/run/runstatus.h"
#include "core/workspace/annotations.h"
#include "core/workspace/archivesource.h"
#include "core/workspace/modelstore.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <optional>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

namespace bottega {

namespace fs = std::filesystem;

namespace {

constexpr const char *nothingExported = "nothing was exported";

tl::unexpected<Error> notExported(Error error)
{
    error.kept = nothingExported;
    if (error.remedy.empty() && error.code != ErrorCode::Canceled)
        error.remedy = "Set that right and export again, or export to another folder";
    return fail(std::move(error));
}

/// A file without a name, which gets one when it is whole; under a hidden name where the file system can't do that.
class NewFile
{
public:
    explicit NewFile(fs::path target) : m_target(std::move(target)) {}
    ~NewFile()
    {
        if (!m_hidden.empty())
            ::unlink(m_hidden.c_str());
    }
    NewFile(const NewFile &) = delete;
    NewFile &operator=(const NewFile &) = delete;

    Result<int> open()
    {
        const fs::path folder = m_target.parent_path();
        m_fd.reset(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
        if (!m_fd && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
            m_hidden = hiddenName();
            m_fd.reset(::mkostemp(m_hidden.data(), O_CLOEXEC));
        }
        if (!m_fd) {
            m_hidden.clear();
            return notExported(systemError(errno, "The archive could not be created", folder.string()));
        }
        return m_fd.get();
    }

    Result<void> publish(bool overwrites)
    {
        if (::fsync(m_fd.get()) != 0)
            return notExported(systemError(errno, "The archive could not be synced to disk", m_target.string()));
        if (int reason = giveName(overwrites); reason != 0)
            return notExported(reason == EEXIST ? taken() : systemError(reason, "The archive could not be put in place", m_target.string()));
        m_hidden.clear();
        return syncFolder(m_target.parent_path());
    }

    [[nodiscard]] Error taken() const
    {
        return {ErrorCode::Exists, "There is a file of that name already", m_target.string(), nothingExported,
                "Choose another name, or allow overwriting"};
    }

private:
    [[nodiscard]] std::string hiddenName() const
    {
        return (m_target.parent_path() / ("." + m_target.filename().string() + ".XXXXXX")).string();
    }

    int giveName(bool overwrites)
    {
        const std::string self = "/proc/self/fd/" + std::to_string(m_fd.get());
        if (m_hidden.empty()) {
            if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, m_target.c_str(), AT_SYMLINK_FOLLOW) == 0)
                return 0;
            if (errno != EEXIST || !overwrites)
                return errno;
            m_hidden = hiddenName() + std::to_string(::getpid());
            if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, m_hidden.c_str(), AT_SYMLINK_FOLLOW) != 0)
                return errno;
        }
        if (overwrites)
            return ::rename(m_hidden.c_str(), m_target.c_str()) == 0 ? 0 : errno;
        if (::link(m_hidden.c_str(), m_target.c_str()) != 0)
            return errno;
        ::unlink(m_hidden.c_str());
        return 0;
    }

    fs::path m_target;
    UniqueFd m_fd;
    std::string m_hidden; // where a name had to be given at once
};

class Exporter
{
public:
    Exporter(const Workspace &workspace, const CopyProgress &progress) : m_workspace(workspace), m_progress(progress) {}

    Result<void> choose(const ExportRequest &request)
    {
        m_manifest.isWhole = request.runs.empty() && request.models.empty();
        if (auto chosen = m_manifest.isWhole ? chooseAll() : chooseNamed(request); !chosen)
            return chosen;
        for (const std::string &unit : m_units) {
            if (auto listed = listFiles(unit); !listed)
                return listed;
        }
        if (m_files.size() >= zip::Limits().members)
            return fail(ErrorCode::Unsupported, "These are " + std::to_string(m_files.size()) + " files; an archive holds 99,999",
                        m_workspace.root().string(), nothingExported, "Export fewer runs at a time");
        return {};
    }

    Result<ExportReport> write(int fd, const fs::path &file)
    {
        zip::FileWriter zip(fd, file);
        for (const std::string &path : m_files) {
            if (auto added = addFile(zip, path); !added)
                return notExported(added.error());
        }
        if (auto described = addManifest(zip); !described)
            return notExported(described.error());
        if (auto finished = zip.finish(); !finished)
            return notExported(finished.error());
        const auto size = fileSize(fd, file);
        if (!size)
            return notExported(size.error());
        return ExportReport{std::move(m_manifest), *size};
    }

    [[nodiscard]] std::uint64_t totalBytes() const { return m_total; }

private:
    Result<void> chooseAll()
    {
        auto runs = m_workspace.runIds();
        if (!runs)
            return fail(runs.error());
        std::sort(runs->begin(), runs->end());
        for (const std::string &run : *runs) {
            if (auto added = addRun(run); !added)
                return added;
        }
        for (const std::string &name : modelNames(m_workspace.modelsFolder()))
            addVersions(name);
        std::error_code failure;
        std::set<std::string> datasets;
        for (fs::directory_iterator entry(m_workspace.datasetsFolder(), failure), end; !failure && entry != end; entry.increment(failure)) {
            std::error_code ignored;
            const std::string name = entry->path().filename().string();
            if (checkName("a data set", name, 1, 64) && entry->symlink_status(ignored).type() == fs::file_type::directory)
                datasets.insert(name);
        }
        for (const std::string &name : datasets) {
            m_manifest.datasets.push_back(name);
            m_units.push_back("datasets/" + name);
        }
        return {};
    }

    Result<void> chooseNamed(const ExportRequest &request)
    {
        std::set<std::string> runs;
        for (const std::string &name : request.runs) {
            const auto run = m_workspace.run(name);
            if (!run)
                return fail(run.error());
            runs.insert(run->id());
        }
        for (const std::string &run : runs) {
            if (auto added = addRun(run); !added)
                return added;
        }
        for (const std::string &reference : std::set<std::string>(request.models.begin(), request.models.end())) {
            const auto model = Models(m_workspace).find(reference);
            if (!model)
                return fail(model.error());
            if (reference.find(':') == std::string::npos)
                addVersions(model->name);
            else
                addModel(model->name, model->version);
        }
        return {};
    }

    Result<void> addRun(const std::string &id)
    {
        const auto status = readRunStatus(RunFolder(m_workspace.runsFolder() / id));
        if (!status)
            return fail(status.error());
        const bool isLive = !isTerminal(status->state);
        m_manifest.runs.push_back({id, std::string(runStateName(isLive ? RunState::Canceled : status->state)), isLive});
        m_units.push_back("runs/" + id);
        return {};
    }

    void addVersions(const std::string &name)
    {
        std::vector<int> versions = versionNumbers(m_workspace.modelsFolder() / name);
        std::reverse(versions.begin(), versions.end());
        for (const int version : versions)
            addModel(name, version);
    }

    void addModel(const std::string &name, int version)
    {
        const std::string unit = "models/" + name + "/" + std::to_string(version);
        if (std::find(m_units.begin(), m_units.end(), unit) != m_units.end())
            return;
        m_manifest.models.push_back(name + ":" + std::to_string(version));
        m_units.push_back(unit);
    }

    Result<void> listFiles(const std::string &unit)
    {
        return walkBeneath(m_workspace.root() / unit, [&](const Walked &walked) {
            if (walked.kind == WalkedKind::Folder)
                return;
            const std::string path = unit + "/" + walked.path;
            if (const std::string why = whyLeftOut(walked, path); !why.empty()) {
                m_manifest.leftOut.push_back({printable(path, 300), why});
                return;
            }
            m_files.push_back(path);
            m_total += walked.size;
        });
    }

    std::string whyLeftOut(const Walked &walked, const std::string &path)
    {
        if (walked.kind == WalkedKind::Link)
            return "a link";
        if (walked.kind == WalkedKind::Other)
            return "not a regular file";
        if (!checkRelativePath(path))
            return "its name can't be stored";
        return m_folded.insert(foldedPath(path)).second ? "" : "its name differs only by case or Unicode form from another's";
    }

    Result<void> addFile(zip::FileWriter &zip, const std::string &path)
    {
        auto source = ArchiveSource::open(m_workspace.root(), path);
        if (!source && source.error().code == ErrorCode::NotFound) { // a live run tidies up meanwhile
            m_manifest.leftOut.push_back({path, "gone when its turn came"});
            return {};
        }
        if (!source)
            return fail(source.error());
        const std::uint64_t before = m_done;
        const auto size = zip.add(path, source->expectedSize(), [&](std::span<std::byte> buffer, std::uint64_t offset) -> Result<std::size_t> {
            const auto count = source->read(buffer, offset);
            m_done = before + offset + count.value_or(0);
            if (count && m_progress && !m_progress(std::min(m_done, m_total), m_total))
                return fail(ErrorCode::Canceled, "The export was canceled");
            return count;
        });
        if (!size)
            return fail(size.error());
        m_manifest.files.push_back({path, *size, source->given().sha256, source->isRedacted()});
        return {};
    }

    Result<void> addManifest(zip::FileWriter &zip)
    {
        const WorkspaceDefaults defaults = m_workspace.defaults();
        m_manifest.program = "bottega " BOTTEGA_VERSION;
        m_manifest.created = isoTime(wallTime());
        m_manifest.workspaceId = m_workspace.id();
        m_manifest.workspaceName = m_workspace.name();
        m_manifest.experiment = defaults.experiment;
        m_manifest.dataset = defaults.dataset;
        if (auto annotated = addAnnotations(); !annotated)
            return annotated;
        const std::string text = dumpJson(manifestToJson(m_manifest), 1) + "\n";
        const auto added = zip.add(archiveManifestName, text.size(), [&](std::span<std::byte> buffer, std::uint64_t offset) -> Result<std::size_t> {
            return text.copy(reinterpret_cast<char *>(buffer.data()), buffer.size(), std::min<std::size_t>(offset, text.size()));
        });
        return added ? Result<void>() : fail(added.error());
    }

    Result<void> addAnnotations()
    {
        const auto annotations = readAnnotations(m_workspace.annotations());
        if (!annotations)
            return fail(annotations.error());
        const std::set<std::string> units(m_units.begin(), m_units.end());
        for (const Annotation &one : *annotations) {
            if (units.contains(one.subject))
                m_manifest.annotations.push_back(redactJson(
                    {{"time", one.time}, {"subject", one.subject}, {"key", one.key}, {"value", one.value}}));
        }
        return {};
    }

    const Workspace &m_workspace;
    const CopyProgress &m_progress;
    ArchiveManifest m_manifest;
    std::vector<std::string> m_units;
    std::vector<std::string> m_files;
    std::set<std::string> m_folded;
    std::uint64_t m_total = 0;
    std::uint64_t m_done = 0;
};

Result<fs::path> targetOf(const fs::path &file)
{
    if (file.extension() != archiveSuffix || file.stem().empty())
        return fail(ErrorCode::Usage, "An archive's name ends in .bottega", file.string(), nothingExported,
                    "Write for example: --to " + file.stem().string() + archiveSuffix);
    std::error_code failure;
    const fs::path target = fs::absolute(file, failure);
    if (!fs::is_directory(target.parent_path(), failure))
        return fail(ErrorCode::NotFound, "The folder does not exist", target.parent_path().string(), nothingExported,
                    "Make it, or choose another one");
    return target;
}

} // namespace

Result<ExportReport> exportArchive(const Workspace &workspace, const ExportRequest &request, const fs::path &file,
                                   const CopyProgress &progress)
{
    const auto target = targetOf(file);
    if (!target)
        return fail(target.error());
    NewFile archive(*target);
    std::error_code ignored;
    if (!request.overwrites && fs::exists(fs::symlink_status(*target, ignored)))
        return fail(archive.taken());
    Exporter exporter(workspace, progress);
    if (auto chosen = exporter.choose(request); !chosen)
        return notExported(chosen.error());
    // Packed it will hardly ever come to as much, but then it would at the very end.
    if (auto space = checkFreeSpace(target->parent_path(), exporter.totalBytes()); !space)
        return notExported(space.error());
    const auto fd = archive.open();
    if (!fd)
        return fail(fd.error());
    auto report = exporter.write(*fd, *target);
    if (!report)
        return report;
    if (auto published = archive.publish(request.overwrites); !published)
        return fail(published.error());
    return report;
}

} // namespace bottega
