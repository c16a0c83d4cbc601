// SPDX-License-Identifier: Apache-2.0
#include "core/agent/preparation.h"

#include "core/base/uniquefd.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace bottega {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20;
constexpr std::uint64_t neededBytes = 32 * mebibyte; // a model, its first checkpoints and the logs

tl::unexpected<Error> notStarted(Error error)
{
    error.kept = "the work was not started";
    return fail(std::move(error));
}

Result<void> checkData(const JobData &data)
{
    if (data.path.empty())
        return {};
    const UniqueFd fd(::open(data.path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd)
        return {};
    Error error = systemError(errno, "The data set " + data.name + " could not be opened", data.path);
    error.remedy = "Import it again, or submit the run with another data set";
    return notStarted(std::move(error));
}

Result<void> checkWritable(const fs::path &folder)
{
    struct stat info = {};
    if (::lstat(folder.c_str(), &info) != 0)
        return notStarted(systemError(errno, "A folder of the run cannot be used", folder.string()));
    if (!S_ISDIR(info.st_mode))
        return notStarted({ErrorCode::Corrupt, "What should be a folder of the run is a link or a file",
                           folder.string(), {}, "Submit the run again"});
    if (::access(folder.c_str(), W_OK | X_OK) != 0)
        return notStarted(systemError(errno, "A folder of the run is not writable", folder.string()));
    return {};
}

Result<void> checkDisk(const fs::path &folder)
{
    struct statvfs info = {};
    if (::statvfs(folder.c_str(), &info) != 0)
        return notStarted(systemError(errno, "The disk could not be examined", folder.string()));
    const std::uint64_t available = std::uint64_t{info.f_bavail} * info.f_frsize;
    if (available >= neededBytes)
        return {};
    return notStarted({ErrorCode::DiskFull,
                       "The run needs " + std::to_string(neededBytes / mebibyte) + " MiB of disk, has " +
                           std::to_string(available / mebibyte) + " MiB",
                       folder.string(), {}, "Free some space and submit the run again"});
}

Result<void> checkCheckpoint(const std::string &path)
{
    if (path.empty())
        return {};
    if (::access(path.c_str(), R_OK) != 0)
        return notStarted(systemError(errno, "The checkpoint to go on from could not be opened", path));
    return {};
}

} // namespace

Result<void> checkRun(const RunFolder &folder, const Job &job)
{
    if (auto checked = checkData(job.data); !checked)
        return checked;
    if (auto checked = checkCheckpoint(job.resumeCheckpoint); !checked)
        return checked;
    for (const fs::path &path : {folder.work(), folder.work() / "outputs", folder.work() / "logs", folder.systemLogs(),
                                 folder.metrics(), folder.telemetry(), folder.checkpoints()}) {
        if (auto checked = checkWritable(path); !checked)
            return checked;
    }
    return checkDisk(folder.root());
}

} // namespace bottega
