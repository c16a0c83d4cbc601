// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/filelock.h"

#include "core/base/clock.h"

#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <unistd.h>

namespace bottega {

namespace {

constexpr double longestWait = 10; // seconds
constexpr int pollInterval = 5;    // milliseconds

} // namespace

Result<FileLock> FileLock::take(const std::filesystem::path &path, Kind kind)
{
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
    if (!fd)
        return fail(systemError(errno, "The lock could not be opened", path.string()));
    const int operation = (kind == Kind::Shared ? LOCK_SH : LOCK_EX) | LOCK_NB;
    for (const double end = steadyTime() + longestWait; ::flock(fd.get(), operation) != 0;) {
        if (errno == ENOLCK || errno == EOPNOTSUPP || errno == ENOSYS)
            break;
        if (errno != EWOULDBLOCK && errno != EINTR)
            return fail(systemError(errno, "The lock could not be taken", path.string()));
        if (steadyTime() > end)
            return fail(ErrorCode::Io, "Another program has been changing the workspace for more than 10 s", path.string(),
                        "nothing was changed", "Try again, or end the program that hangs");
        ::poll(nullptr, 0, pollInterval);
    }
    return FileLock(std::move(fd));
}

} // namespace bottega
