// SPDX-License-Identifier: Apache-2.0
#include "core/base/staging.h"

#include "core/base/clock.h"
#include "core/base/file.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bottega {

namespace fs = std::filesystem;

namespace {

constexpr double freshSeconds = 60; // covers the moment between a folder's making and its locking

Result<fs::path> makeHidden(const fs::path &parent, const char *prefix)
{
    if (auto made = makeFolder(parent); !made)
        return fail(made.error());
    std::string path = (parent / prefix).string() + "XXXXXX";
    if (!::mkdtemp(path.data()) || ::chmod(path.c_str(), 0700) != 0) // a strict umask would lock us out of it
        return fail(systemError(errno, "A folder could not be made", parent.string()));
    return fs::path(path);
}

UniqueFd lockFolder(const fs::path &path)
{
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    return fd && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0 ? std::move(fd) : UniqueFd();
}

bool isLeftover(const fs::path &path)
{
    const std::string name = path.filename().string();
    if (!name.starts_with(".new-") && !name.starts_with(".deleted-"))
        return false;
    struct stat info = {};
    return ::lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode) &&
           static_cast<double>(info.st_mtim.tv_sec) < wallTime() - freshSeconds;
}

/// rename(2) would quietly replace an empty folder of that name.
int renameToNew(const fs::path &from, const fs::path &to)
{
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    struct stat info = {};
    if (::lstat(to.c_str(), &info) == 0) {
        errno = EEXIST;
        return -1;
    }
    return ::rename(from.c_str(), to.c_str());
}

/// The names in the folder and in all below it; what the files hold was synced by who wrote them.
Result<void> syncFolders(const fs::path &path)
{
    std::error_code failure;
    for (fs::recursive_directory_iterator entry(path, failure), end; !failure && entry != end; entry.increment(failure)) {
        std::error_code unknown;
        const fs::file_type type = entry->symlink_status(unknown).type();
        if (type == fs::file_type::none)
            return fail(systemError(unknown.value(), "The folder could not be examined", entry->path().string()));
        if (type != fs::file_type::directory)
            continue;
        if (auto synced = syncFolder(entry->path()); !synced)
            return synced;
    }
    if (failure)
        return fail(systemError(failure.value(), "The folder could not be listed", path.string()));
    return syncFolder(path);
}

} // namespace

StagingFolder::StagingFolder(fs::path path, UniqueFd lock)
    : m_path(std::move(path))
    , m_lock(std::move(lock))
{
}

StagingFolder::StagingFolder(StagingFolder &&other) noexcept
    : m_path(std::exchange(other.m_path, {}))
    , m_lock(std::move(other.m_lock))
{
}

StagingFolder::~StagingFolder()
{
    if (!m_path.empty())
        (void)removeTree(m_path); // what stays is swept later
}

Result<StagingFolder> StagingFolder::create(const fs::path &parent)
{
    auto path = makeHidden(parent, ".new-");
    if (!path)
        return fail(path.error());
    UniqueFd lock = lockFolder(*path);
    return StagingFolder(std::move(*path), std::move(lock));
}

Result<void> StagingFolder::publish(const fs::path &target)
{
    if (auto synced = syncFolders(m_path); !synced)
        return synced;
    if (renameToNew(m_path, target) != 0)
        return fail(systemError(errno, "The folder could not be put in place", target.string()));
    m_path.clear();
    return syncFolder(target.parent_path());
}

Result<void> StagingFolder::discard(const fs::path &victim)
{
    const fs::path parent = victim.parent_path();
    auto hidden = makeHidden(parent, ".deleted-");
    if (!hidden)
        return fail(hidden.error());
    if (::rename(victim.c_str(), (*hidden / "it").c_str()) != 0) {
        const int reason = errno;
        ::rmdir(hidden->c_str());
        return fail(systemError(reason, "The folder could not be removed", victim.string()));
    }
    if (auto synced = syncFolder(parent); !synced)
        return synced;
    return removeTree(*hidden);
}

void StagingFolder::sweep(const fs::path &parent)
{
    std::error_code failure;
    for (fs::directory_iterator entry(parent, failure), end; !failure && entry != end; entry.increment(failure)) {
        if (!isLeftover(entry->path()))
            continue;
        if (const UniqueFd lock = lockFolder(entry->path()))
            (void)removeTree(entry->path());
    }
}

} // namespace bottega
