// SPDX-License-Identifier: Apache-2.0
#include "core/agent/runlock.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>

namespace bottega {

Result<RunFolder> openRunFolder(const std::filesystem::path &path)
{
    std::error_code error;
    const auto real = std::filesystem::canonical(path, error);
    if (error)
        return fail(systemError(error.value(), "The run folder could not be opened", path.string()));
    if (!std::filesystem::is_directory(real, error))
        return fail(ErrorCode::NotFound, "This is not a run folder", path.string());
    return RunFolder(real);
}

Result<UniqueFd> lockRun(const RunFolder &folder)
{
    const auto path = folder.root() / "agent.lock";
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
    if (!fd)
        return fail(systemError(errno, "The run's lock could not be opened", path.string()));
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0)
        return fd;
    if (errno == EWOULDBLOCK)
        return fail(ErrorCode::Exists, "Another agent has this run", folder.root().string(), "nothing was changed");
    return fail(systemError(errno, "The run's lock could not be taken", path.string()));
}

} // namespace bottega
