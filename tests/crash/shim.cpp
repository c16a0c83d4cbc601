// SPDX-License-Identifier: Apache-2.0
// Preloaded into crash-operations: faults and false promises that strace cannot make. By environment variable:
//   BOTTEGA_SHIM_SHORT=N             the N-th write to a file takes only half of its bytes
//   BOTTEGA_SHIM=drop-file-sync      fsync and fdatasync of files do nothing
//   BOTTEGA_SHIM=drop-folder-sync    those of folders
//   BOTTEGA_SHIM=rename-before-sync  a file is synced only after its next rename
//   BOTTEGA_SHIM=buffer-writes       a write is made at the file's next sync or write, or never
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <map>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace {

template <class Function>
Function next(const char *name)
{
    return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

using Write = ssize_t (*)(int, const void *, size_t);
using Sync = int (*)(int);
using Rename = int (*)(const char *, const char *);

std::string_view mode()
{
    static const char *const text = std::getenv("BOTTEGA_SHIM");
    return text ? text : "";
}

bool isKind(int fd, mode_t kind)
{
    struct stat info = {};
    return ::fstat(fd, &info) == 0 && (info.st_mode & S_IFMT) == kind;
}

ssize_t realWrite(int fd, const void *bytes, size_t count)
{
    static const auto function = next<Write>("write");
    return function(fd, bytes, count);
}

std::map<int, std::string> &held()
{
    static std::map<int, std::string> bytes;
    return bytes;
}

void release(int fd)
{
    const auto found = held().find(fd);
    if (found == held().end())
        return;
    const std::string bytes = std::exchange(found->second, {});
    held().erase(found);
    if (realWrite(fd, bytes.data(), bytes.size()) < 0)
        std::abort();
}

/// Files whose sync waits for a rename.
std::map<int, int> &postponed()
{
    static std::map<int, int> copies; // descriptor → a copy of it that outlives its closing
    return copies;
}

int synchronize(const char *name, int fd)
{
    static const auto fsyncFunction = next<Sync>("fsync");
    static const auto fdatasyncFunction = next<Sync>("fdatasync");
    release(fd);
    const bool isFile = isKind(fd, S_IFREG);
    if ((mode() == "drop-file-sync" && isFile) || (mode() == "drop-folder-sync" && !isFile))
        return 0;
    if (mode() == "rename-before-sync" && isFile) {
        postponed()[fd] = ::dup(fd);
        return 0;
    }
    return name[1] == 's' ? fsyncFunction(fd) : fdatasyncFunction(fd);
}

} // namespace

extern "C" ssize_t write(int fd, const void *bytes, size_t count)
{
    static const char *const number = std::getenv("BOTTEGA_SHIM_SHORT");
    static long left = number ? std::atol(number) : 0;
    if (!isKind(fd, S_IFREG))
        return realWrite(fd, bytes, count);
    if (left > 0 && --left == 0)
        count = (count + 1) / 2;
    if (mode() != "buffer-writes")
        return realWrite(fd, bytes, count);
    release(fd);
    held()[fd].assign(static_cast<const char *>(bytes), count);
    return static_cast<ssize_t>(count);
}

extern "C" int fsync(int fd)
{
    return synchronize("fsync", fd);
}

extern "C" int fdatasync(int fd)
{
    return synchronize("fdatasync", fd);
}

extern "C" int rename(const char *from, const char *to) noexcept
{
    static const auto function = next<Rename>("rename");
    static const auto fsyncFunction = next<Sync>("fsync");
    const int result = function(from, to);
    for (const auto &[fd, copy] : std::exchange(postponed(), {})) {
        static_cast<void>(fsyncFunction(copy));
        ::close(copy);
    }
    return result;
}
