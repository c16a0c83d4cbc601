// SPDX-License-Identifier: Apache-2.0
#include "core/base/file.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bottega {

namespace fs = std::filesystem;

Result<UniqueFd> openRegularFile(const fs::path &path, bool followLinks)
{
    // O_NONBLOCK: opening a FIFO without a writer must not hang before fstat can refuse it.
    const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | (followLinks ? 0 : O_NOFOLLOW);
    UniqueFd fd(::open(path.c_str(), flags));
    if (!fd)
        return fail(systemError(errno, "The file could not be opened", path.string()));
    struct stat info = {};
    if (::fstat(fd.get(), &info) != 0)
        return fail(systemError(errno, "The file could not be examined", path.string()));
    if (!S_ISREG(info.st_mode))
        return fail(ErrorCode::Corrupt, "This is not a regular file", path.string(), "nothing was read");
    return fd;
}

Result<UniqueFd> createFile(const fs::path &path, unsigned mode)
{
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
    if (!fd)
        return fail(systemError(errno, "The file could not be created", path.string()));
    return fd;
}

Result<std::uint64_t> fileSize(int fd, const fs::path &path)
{
    struct stat info = {};
    if (::fstat(fd, &info) != 0)
        return fail(systemError(errno, "The file could not be examined", path.string()));
    return static_cast<std::uint64_t>(info.st_size);
}

Result<std::uint64_t> sizeWithin(std::uint64_t limit, int fd, const fs::path &path)
{
    const auto size = fileSize(fd, path);
    if (!size || *size <= limit)
        return size;
    return fail(ErrorCode::Corrupt,
                "The file has " + std::to_string(*size) + " bytes, more than the " + std::to_string(limit) +
                    " that can be right",
                path.string(), "nothing was read");
}

Result<std::string> readFile(const FilePlace &place, std::uint64_t limit)
{
    const auto fd = place.open();
    if (!fd)
        return fail(fd.error());
    const auto size = sizeWithin(limit, fd->get(), place.path());
    if (!size)
        return fail(size.error());
    std::string bytes(*size, '\0');
    const auto count = readAt(fd->get(), std::as_writable_bytes(std::span(bytes)), 0, place.path());
    if (!count)
        return fail(count.error());
    bytes.resize(*count); // shorter where somebody truncated it meanwhile
    return bytes;
}

Result<std::size_t> readAt(int fd, std::span<std::byte> buffer, std::uint64_t offset, const fs::path &path)
{
    std::size_t done = 0;
    while (done < buffer.size()) {
        const ssize_t count =
            ::pread(fd, buffer.data() + done, buffer.size() - done, static_cast<off_t>(offset + done));
        if (count == 0)
            break;
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail(systemError(errno, "The file could not be read",
                                    path.string() + " at byte " + std::to_string(offset + done)));
        done += static_cast<std::size_t>(count);
    }
    return done;
}

Result<void> writeAll(int fd, std::string_view bytes, const fs::path &path)
{
    while (!bytes.empty()) {
        const ssize_t count = ::write(fd, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail(systemError(errno, "The file could not be written", path.string()));
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

Result<void> makeFolder(const fs::path &path)
{
    if (path.empty())
        return {};
    const fs::path parent = path.has_parent_path() ? path.parent_path() : fs::path(".");
    if (::mkdir(path.c_str(), 0700) == 0)
        return syncFolder(parent);
    if (errno == ENOENT && parent != path) {
        if (auto made = makeFolder(parent); !made)
            return made;
        if (::mkdir(path.c_str(), 0700) == 0)
            return syncFolder(parent);
    }
    const int reason = errno;
    std::error_code ignored;
    if (reason == EEXIST && fs::is_directory(path, ignored))
        return {};
    return fail(systemError(reason, "The folder could not be made", path.string()));
}

Result<void> removeTree(const fs::path &path)
{
    std::error_code failure;
    fs::remove_all(path, failure); // removes links themselves, never what they point to
    if (failure)
        return fail(systemError(failure.value(), "The folder could not be removed whole", path.string()));
    return {};
}

Result<void> syncFolder(const fs::path &path)
{
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd)
        return fail(systemError(errno, "The folder could not be opened", path.string()));
    if (::fsync(fd.get()) != 0 && errno != EINVAL) // EINVAL: a file system without folder sync
        return fail(systemError(errno, "The folder could not be synced to disk", path.string()));
    return {};
}

} // namespace bottega
