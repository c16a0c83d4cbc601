// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/artifactcopy.h"

#include "core/base/file.h"
#include "core/base/safename.h"
#include "core/workspace/filecopy.h"
#include "core/base/staging.h"

#include <QByteArray>
#include <QCryptographicHash>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

namespace bottega {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t blockBytes = std::size_t{1} << 20;
constexpr const char *nothingCopied = "nothing was copied; the folder is as it was";

tl::unexpected<Error> notCopied(Error error)
{
    error.kept = nothingCopied;
    return fail(std::move(error));
}

/// Puts staged files under their final names and takes all of it back unless committed.
class Placement
{
public:
    Placement() = default;
    ~Placement()
    {
        for (; !m_done.empty(); m_done.pop_back()) {
            const Placed &last = m_done.back();
            ::renameat2(AT_FDCWD, last.target.c_str(), AT_FDCWD, last.staged.c_str(),
                        last.exchanged ? RENAME_EXCHANGE : 0);
        }
    }
    Placement(const Placement &) = delete;
    Placement &operator=(const Placement &) = delete;

    /// 0, or errno; EEXIST where the name is taken and may not be replaced.
    int place(const fs::path &staged, const fs::path &target, bool replace)
    {
        if (rename(staged, target, RENAME_NOREPLACE)) {
            m_done.push_back({staged, target, false});
            return 0;
        }
        if (errno != EEXIST || !replace)
            return errno;
        std::error_code ignored;
        if (fs::is_directory(fs::symlink_status(target, ignored)))
            return EISDIR;
        if (rename(staged, target, RENAME_EXCHANGE)) {
            m_done.push_back({staged, target, true});
            return 0;
        }
        return ::rename(staged.c_str(), target.c_str()) == 0 ? 0 : errno;
    }
    void commit() { m_done.clear(); }

private:
    struct Placed
    {
        fs::path staged;
        fs::path target;
        bool exchanged = false;
    };

    static bool rename(const fs::path &from, const fs::path &to, unsigned flags)
    {
        if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags) == 0)
            return true;
        if (errno != EINVAL || flags != RENAME_NOREPLACE)
            return false;
        // A file system without the flag (NFS): link() refuses a taken name just the same.
        if (::link(from.c_str(), to.c_str()) != 0)
            return false;
        ::unlink(from.c_str());
        return true;
    }

    std::vector<Placed> m_done;
};

/// The user's own folder: as the umask says, not our private 0700.
Result<void> makeUserFolder(const fs::path &path)
{
    std::error_code failure;
    fs::create_directories(path, failure);
    const int reason = failure.value();
    if (failure && !fs::is_directory(path, failure))
        return fail(systemError(reason, "The folder could not be made", path.string()));
    return {};
}

fs::path stagedFile(const StagingFolder &staging, std::size_t index)
{
    return staging.path() / std::to_string(index);
}

/// The copying of one set of files: sources opened beforehand, so that what is copied is what was measured.
class FileCopy
{
public:
    FileCopy(const fs::path &source, const CopyProgress &progress) : m_source(source), m_progress(progress) {}

    Result<void> open(const std::vector<CopyItem> &items)
    {
        for (const CopyItem &item : items) {
            auto fd = openBeneath(m_source, item.source);
            if (!fd)
                return notCopied(fd.error());
            const auto size = fileSize(fd->get(), m_source / item.source);
            if (!size)
                return notCopied(size.error());
            m_files.push_back({std::move(*fd), *size, item});
            m_total += *size;
        }
        return {};
    }

    Result<void> stage(const StagingFolder &staging)
    {
        for (std::size_t i = 0; i < m_files.size(); ++i)
            if (auto copied = copy(m_files[i], stagedFile(staging, i)); !copied)
                return notCopied(copied.error());
        return {};
    }

    [[nodiscard]] std::uint64_t totalBytes() const { return m_total; }

private:
    struct File
    {
        UniqueFd fd;
        std::uint64_t size = 0;
        CopyItem item;
    };

    Result<void> copy(const File &file, const fs::path &staged)
    {
        const UniqueFd out(::open(staged.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
        if (!out)
            return fail(systemError(errno, "The copy could not be created", staged.parent_path().string()));
        const auto hash = transfer(file, out.get(), staged);
        if (!hash)
            return fail(hash.error());
        if (::fsync(out.get()) != 0)
            return fail(systemError(errno, "The copy could not be synced to disk", staged.parent_path().string()));
        return check(file.item, *hash, staged);
    }

    Result<std::string> transfer(const File &file, int out, const fs::path &staged)
    {
        const fs::path path = m_source / file.item.source;
        QCryptographicHash hash(QCryptographicHash::Sha256);
        QByteArray buffer(blockBytes, Qt::Uninitialized);
        // A log that is still being written is copied up to where it was when the copy began.
        for (std::uint64_t offset = 0; offset < file.size;) {
            const std::size_t wanted = std::min<std::uint64_t>(blockBytes, file.size - offset);
            const auto count = readAt(file.fd.get(), std::as_writable_bytes(std::span(buffer.data(), wanted)), offset, path);
            if (!count)
                return fail(count.error());
            if (*count == 0)
                return fail(ErrorCode::Corrupt, "The file became shorter while it was copied", path.string(), {},
                            "Try again when nothing writes to it");
            const std::string_view bytes(buffer.constData(), *count);
            if (auto written = writeAll(out, bytes, staged.parent_path()); !written)
                return fail(written.error());
            hash.addData(QByteArrayView(bytes.data(), static_cast<qsizetype>(bytes.size())));
            offset += *count;
            m_done += *count;
            if (m_progress && !m_progress(m_done, m_total))
                return fail(ErrorCode::Canceled, "The copying was canceled");
        }
        return hash.result().toHex().toStdString();
    }

    Result<void> check(const CopyItem &item, const std::string &hash, const fs::path &staged) const
    {
        const auto fd = openRegularFile(staged, false);
        if (!fd)
            return fail(fd.error());
        const auto written = hashFile(fd->get(), staged);
        if (!written)
            return fail(written.error());
        if (written->sha256 != hash)
            return fail(ErrorCode::Corrupt, "The copy reads back differently from what was written",
                        staged.parent_path().string(), {}, "Check that disk, and copy to another one");
        if (!item.sha256.empty() && hash != item.sha256)
            return fail(ErrorCode::Corrupt, "The file is not what was recorded: its SHA-256 differs",
                        (m_source / item.source).string(), {}, "It was changed or damaged; restore it from a copy");
        return {};
    }

    fs::path m_source;
    const CopyProgress &m_progress;
    std::vector<File> m_files;
    std::uint64_t m_done = 0;
    std::uint64_t m_total = 0;
};

fs::path numbered(const fs::path &target, int number)
{
    return number == 1 ? target
                       : target.parent_path() / (target.stem().string() + " (" + std::to_string(number) + ")" +
                                                 target.extension().string());
}

Result<void> refuseTaken(const std::vector<CopyItem> &items, const fs::path &folder)
{
    std::string taken;
    std::error_code ignored;
    for (const CopyItem &item : items)
        if (fs::exists(fs::symlink_status(folder / item.name, ignored)))
            taken += (taken.empty() ? "" : ", ") + printable(item.name);
    if (taken.empty())
        return {};
    return fail(ErrorCode::Exists, taken + " is there already", folder.string(), nothingCopied,
                "Choose another folder, or allow overwriting");
}

Result<fs::path> placeOne(Placement &placement, const fs::path &staged, const fs::path &target, IfExists ifExists)
{
    if (auto made = makeUserFolder(target.parent_path()); !made)
        return fail(made.error());
    constexpr int mostCopies = 1000;
    for (int number = 1; number <= mostCopies; ++number) {
        const fs::path candidate = numbered(target, number);
        const int reason = placement.place(staged, candidate, ifExists == IfExists::Overwrite);
        if (reason == 0)
            return candidate;
        if (reason != EEXIST || ifExists != IfExists::KeepBoth)
            return fail(systemError(reason, "The file could not be put in place", candidate.string()));
    }
    return fail(ErrorCode::Exists, "There are too many copies already", target.string());
}

/// The length of the deepest folder that all paths share, its slash included.
std::size_t commonFolder(const std::set<std::string> &paths)
{
    const std::string &first = *paths.begin();
    const std::string &last = *paths.rbegin();
    const auto end = std::mismatch(first.begin(), first.end(), last.begin(), last.end()).first;
    const std::size_t slash = std::string_view(first.data(), static_cast<std::size_t>(end - first.begin())).rfind('/');
    return slash == std::string_view::npos ? 0 : slash + 1;
}

tl::unexpected<Error> noArtifact(const std::string &path, const std::vector<Artifact> &artifacts, const RunFolder &run)
{
    std::string list;
    for (const Artifact &artifact : artifacts)
        list += (list.empty() ? "" : ", ") + printable(artifact.path);
    return fail(ErrorCode::NotFound, "The run has no artifact “" + printable(path) + "”", run.id(), "nothing was copied",
                list.empty() ? "It has no artifacts yet" : "It has: " + list);
}

} // namespace

Result<std::vector<fs::path>> copyFiles(const fs::path &source, const std::vector<CopyItem> &items, const fs::path &folder,
                                        IfExists ifExists, const CopyProgress &progress)
{
    for (const CopyItem &item : items)
        if (auto valid = checkRelativePath(item.name); !valid)
            return notCopied(valid.error());
    if (ifExists == IfExists::Refuse)
        if (auto free = refuseTaken(items, folder); !free)
            return fail(free.error());
    FileCopy copy(source, progress);
    if (auto opened = copy.open(items); !opened)
        return fail(opened.error());
    if (auto space = checkFreeSpace(folder, copy.totalBytes()); !space)
        return notCopied(space.error());
    if (auto made = makeUserFolder(folder); !made)
        return notCopied(made.error());
    const auto staging = StagingFolder::create(folder);
    if (!staging)
        return notCopied(staging.error());
    if (auto staged = copy.stage(*staging); !staged)
        return fail(staged.error());
    Placement placement;
    std::vector<fs::path> written;
    std::set<fs::path> folders{folder};
    for (std::size_t i = 0; i < items.size(); ++i) {
        auto placed = placeOne(placement, stagedFile(*staging, i), folder / items[i].name, ifExists);
        if (!placed)
            return notCopied(placed.error());
        folders.insert(placed->parent_path());
        written.push_back(std::move(*placed));
    }
    for (const fs::path &touched : folders)
        if (auto synced = syncFolder(touched); !synced)
            return notCopied(synced.error());
    placement.commit();
    return written;
}

Result<std::vector<CopyItem>> artifactItems(const RunFolder &run, const std::vector<std::string> &paths)
{
    const auto artifacts = run.artifacts();
    if (!artifacts)
        return fail(artifacts.error());
    std::set<std::string> found;
    for (const std::string &path : paths) {
        const std::string prefix = path.ends_with('/') ? path : path + '/';
        bool isKnown = false;
        for (const Artifact &artifact : *artifacts) {
            if (artifact.path != path && !artifact.path.starts_with(prefix))
                continue;
            found.insert(artifact.path);
            isKnown = true;
        }
        if (!isKnown)
            return noArtifact(path, *artifacts, run);
    }
    std::vector<CopyItem> items;
    const std::size_t common = found.empty() ? 0 : commonFolder(found);
    for (const std::string &path : found)
        items.push_back({path, path.substr(common), {}});
    return items;
}

std::vector<CopyItem> modelItems(const Model &model)
{
    std::vector<CopyItem> items;
    for (const ModelFile &file : model.files)
        items.push_back({file.path, file.path, file.sha256});
    return items;
}

} // namespace bottega
