// SPDX-License-Identifier: Apache-2.0
#include "core/agent/slotfolder.h"

#include "core/base/file.h"
#include "core/run/process.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <iterator>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace bottega {

namespace fs = std::filesystem;

namespace {

constexpr const char *failure = "The queue of this machine could not be opened";

} // namespace

/// As in linux/magic.h and the headers of those that are not in the kernel.
bool isOnNetwork(int folder)
{
    constexpr std::uint32_t kinds[] = {
        0x6969,     0x517B,     0xFE534D42, 0xFF534D42, // NFS, SMB
        0x5346414F, 0x6B414653, 0x73757245, 0x01021997, // AFS, Coda, 9P
        0x00C36400, 0x0BD00BD0, 0x47504653, 0x19830326, // Ceph, Lustre, GPFS, BeeGFS
        0xAAD7AAEA, 0x65735546,                         // PanFS, FUSE: sshfs, GlusterFS
    };
    struct statfs info = {};
    if (::fstatfs(folder, &info) != 0)
        return true;
    return std::find(std::begin(kinds), std::end(kinds), static_cast<std::uint32_t>(info.f_type)) != std::end(kinds);
}

namespace {

/// Of a home that several machines have in turn. Not the host's name, which changes with the network.
std::string machineName()
{
    const std::string id = machineId();
    const bool isId = !id.empty() && id.find_first_not_of("0123456789abcdef-") == std::string::npos;
    return isId ? id : hostName();
}

/// Empty where neither variable says.
fs::path stateFolder()
{
    if (const char *named = std::getenv("XDG_STATE_HOME"); named && named[0] == '/')
        return named;
    if (const char *home = std::getenv("HOME"); home && home[0] == '/')
        return fs::path(home) / ".local/state";
    return {};
}

/// Ours alone, and no link.
Result<UniqueFd> openPrivate(const fs::path &path)
{
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat info = {};
    if (!fd || ::fstat(fd.get(), &info) != 0)
        return fail(systemError(errno, failure, path.string()));
    if (info.st_uid == ::geteuid() && (info.st_mode & 077) == 0)
        return fd;
    return fail(ErrorCode::Permission, std::string(failure) + ": it belongs to others or is open to them", path.string(),
                "the work was not started", "Remove the folder, or make it yours with mode 700");
}

/// /var/tmp is everybody's: what is there may have been put in our way.
Result<SlotFolder> openShared()
{
    const fs::path own = "/var/tmp/bottega-" + std::to_string(::geteuid());
    if (::mkdir(own.c_str(), 0700) != 0 && errno != EEXIST)
        return fail(systemError(errno, failure, own.string()));
    if (const auto checked = openPrivate(own); !checked)
        return fail(checked.error());
    const fs::path path = own / "slots";
    if (auto made = makeFolder(path); !made)
        return fail(made.error());
    auto handle = openPrivate(path);
    if (!handle)
        return fail(handle.error());
    return SlotFolder{path, std::move(*handle)};
}

} // namespace

Result<SlotFolder> openSlotFolder()
{
    const fs::path state = stateFolder();
    const fs::path path = state / "bottega" / "slots" / machineName();
    if (state.empty() || !makeFolder(path))
        return openShared();
    auto handle = openPrivate(path);
    if (!handle)
        return fail(handle.error()); // not elsewhere: that would be another queue
    if (isOnNetwork(handle->get()))
        return openShared();
    return SlotFolder{path, std::move(*handle)};
}

} // namespace bottega
