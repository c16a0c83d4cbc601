// SPDX-License-Identifier: Apache-2.0
#include "tests/core/base/smalldisk.h"

#include "core/base/uniquefd.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string_view>

namespace bottega::test {

namespace {

constexpr int notPermitted = 77;

bool writeText(const char *path, const std::string &text)
{
    const UniqueFd fd(::open(path, O_WRONLY | O_CLOEXEC));
    return fd && ::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

bool mountSmallDisk(const std::filesystem::path &folder, std::uint64_t bytes)
{
    const std::string user = "0 " + std::to_string(::getuid()) + " 1";
    const std::string group = "0 " + std::to_string(::getgid()) + " 1";
    const std::string options = "mode=0700,size=" + std::to_string(bytes);
    return ::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && writeText("/proc/self/uid_map", user) &&
           writeText("/proc/self/setgroups", "deny") && writeText("/proc/self/gid_map", group) &&
           ::mount("none", folder.c_str(), "tmpfs", 0, options.c_str()) == 0;
}

[[noreturn]] void runChild(int output, const std::filesystem::path &folder, std::uint64_t bytes,
                           const std::function<std::string()> &work)
{
    if (!mountSmallDisk(folder, bytes))
        ::_exit(notPermitted);
    const std::string problem = work();
    const bool isWritten = ::write(output, problem.data(), problem.size()) == static_cast<ssize_t>(problem.size());
    ::_exit(isWritten && problem.empty() ? 0 : 1);
}

} // namespace

std::optional<std::string> onSmallDisk(const std::filesystem::path &folder, std::uint64_t bytes,
                                       const std::function<std::string()> &work)
{
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return {};
    const UniqueFd input(ends[0]);
    UniqueFd output(ends[1]);
    const pid_t child = ::fork();
    if (child == 0)
        runChild(output.get(), folder, bytes, work);
    output.reset();
    std::string problem;
    char buffer[512];
    for (ssize_t count = 0; (count = ::read(input.get(), buffer, sizeof buffer)) > 0;)
        problem.append(buffer, static_cast<std::size_t>(count));
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == notPermitted)
        return {};
    if (problem.empty() && status != 0)
        return "the child ended with status " + std::to_string(status);
    return problem;
}

void fillDisk(const std::filesystem::path &folder)
{
    const UniqueFd fd(::open((folder / "filler").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    const std::string block(4096, 'x');
    for (std::size_t size = block.size(); size > 0; size /= 2) {
        while (::write(fd.get(), block.data(), size) > 0) {
        }
    }
}

} // namespace bottega::test
