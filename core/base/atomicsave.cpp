// SPDX-License-Identifier: Apache-2.0
#include "core/base/atomicsave.h"

#include "core/base/file.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

namespace bottega {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view temporaryPrefix = ".saving-";
constexpr time_t freshSeconds = 60; // covers the moment between a file's making and its locking

fs::path folderOf(const fs::path &path)
{
    return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

/// Locked while it is alive. Removed unless it has been renamed to its final name.
class TemporaryFile
{
public:
    explicit TemporaryFile(const fs::path &target)
        : m_path((folderOf(target) / temporaryPrefix).string() + "XXXXXX")
    {
        m_fd = UniqueFd(::mkostemp(m_path.data(), O_CLOEXEC));
        if (m_fd)
            (void)::flock(m_fd.get(), LOCK_EX | LOCK_NB);
    }
    ~TemporaryFile()
    {
        if (m_fd && !m_renamed)
            ::unlink(m_path.c_str());
    }
    TemporaryFile(const TemporaryFile &) = delete;
    TemporaryFile &operator=(const TemporaryFile &) = delete;

    [[nodiscard]] int fd() const { return m_fd.get(); }
    [[nodiscard]] bool renameTo(const fs::path &target)
    {
        m_renamed = ::rename(m_path.c_str(), target.c_str()) == 0;
        return m_renamed;
    }

private:
    std::string m_path;
    UniqueFd m_fd;
    bool m_renamed = false;
};

/// Removes what killed processes left in the folder.
void sweep(const fs::path &folder)
{
    std::error_code failure;
    for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end; entry.increment(failure)) {
        if (!entry->path().filename().string().starts_with(temporaryPrefix))
            continue;
        const UniqueFd fd(::open(entry->path().c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
        struct stat info = {};
        if (fd && ::fstat(fd.get(), &info) == 0 && S_ISREG(info.st_mode) && info.st_mtime < ::time(nullptr) - freshSeconds &&
            ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0)
            ::unlink(entry->path().c_str());
    }
}

tl::unexpected<Error> notSaved(Error error)
{
    error.kept = "the file's former content is untouched";
    return fail(std::move(error));
}

} // namespace

Result<void> saveAtomically(const fs::path &path, std::string_view bytes, unsigned mode)
{
    return saveAtomically(path, [bytes](const WriteBytes &write) { return write(bytes); }, mode);
}

Result<void> saveAtomically(const fs::path &path, const std::function<Result<void>(const WriteBytes &)> &content,
                            unsigned mode)
{
    sweep(folderOf(path));
    TemporaryFile temporary(path);
    if (temporary.fd() < 0)
        return notSaved(systemError(errno, "The file could not be created", path.string()));
    if (auto written = content([&](std::string_view bytes) { return writeAll(temporary.fd(), bytes, path); }); !written)
        return notSaved(written.error());
    if (::fchmod(temporary.fd(), mode) != 0 || ::fsync(temporary.fd()) != 0)
        return notSaved(systemError(errno, "The file could not be synced to disk", path.string()));
    if (!temporary.renameTo(path))
        return notSaved(systemError(errno, "The file could not be put in place", path.string()));
    return syncFolder(folderOf(path));
}

} // namespace bottega
