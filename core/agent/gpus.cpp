// SPDX-License-Identifier: Apache-2.0
#include "core/agent/gpus.h"

#include "core/base/clock.h"
#include "core/base/uniquefd.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace bottega {

namespace {

constexpr std::size_t longestOutput = std::size_t{1} << 20;

std::string_view next(std::string_view &rest, char separator)
{
    const std::size_t end = std::min(rest.find(separator), rest.size());
    std::string_view piece = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    while (!piece.empty() && (piece.front() == ' ' || piece.front() == '\t'))
        piece.remove_prefix(1);
    while (!piece.empty() && (piece.back() == ' ' || piece.back() == '\t' || piece.back() == '\r'))
        piece.remove_suffix(1);
    return piece;
}

/// 0 where it could not be started.
pid_t startQuery(int output)
{
    const std::string program = nvidiaSmi();
    if (program.empty())
        return 0;
    const char *arguments[] = {program.c_str(), "--query-gpu=index,uuid", "--format=csv,noheader,nounits", nullptr};
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_t settings;
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_init(&settings);
    ::posix_spawnattr_setsigmask(&settings, &none);
    ::posix_spawnattr_setsigdefault(&settings, &all);
    ::posix_spawnattr_setflags(&settings, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    pid_t pid = 0;
    if (::posix_spawn(&pid, arguments[0], &files, &settings, const_cast<char **>(arguments), environ) != 0)
        pid = 0;
    ::posix_spawnattr_destroy(&settings);
    ::posix_spawn_file_actions_destroy(&files);
    return pid;
}

/// All that is written to `fd` until it closes; nothing where that takes longer.
std::string readUntilClosed(int fd, double until)
{
    std::string text;
    char buffer[4096];
    for (;;) {
        pollfd descriptor = {fd, POLLIN, 0};
        const double left = until - steadyTime();
        if (left <= 0 || text.size() > longestOutput || ::poll(&descriptor, 1, static_cast<int>(left * 1000) + 1) == 0)
            return {};
        const ssize_t count = ::read(fd, buffer, sizeof buffer);
        if (count == 0)
            return text;
        if (count < 0 && errno != EINTR)
            return {};
        text.append(buffer, static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    }
}

bool isNamed(std::string_view index, std::string_view uuid, const char *visible)
{
    if (!visible)
        return true;
    for (std::string_view names = visible; !names.empty();) {
        const std::string_view name = next(names, ',');
        if (name == index || (name.starts_with("GPU-") && uuid.starts_with(name)))
            return true;
    }
    return false;
}

} // namespace

std::vector<std::string> gpusNamed(std::string_view lines, const char *visible)
{
    std::vector<std::string> gpus;
    while (!lines.empty()) {
        std::string_view line = next(lines, '\n');
        const std::string_view index = next(line, ',');
        const std::string_view uuid = next(line, ',');
        if (isGpuName(uuid) && isNamed(index, uuid, visible))
            gpus.emplace_back(uuid);
    }
    return gpus;
}

bool isGpuName(std::string_view text)
{
    constexpr std::string_view allowed = "0123456789-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return !text.empty() && text.size() <= 100 && text.find_first_not_of(allowed) == std::string_view::npos;
}

std::vector<std::string> visibleGpus(std::chrono::milliseconds patience)
{
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return {};
    const UniqueFd reading(ends[0]);
    UniqueFd writing(ends[1]);
    const pid_t pid = startQuery(writing.get());
    writing.reset();
    if (pid == 0)
        return {};
    const std::string lines = readUntilClosed(reading.get(), steadyTime() + std::chrono::duration<double>(patience).count());
    ::kill(pid, SIGKILL); // not reaped yet: the id is still its own
    for (int tries = 0; ::waitpid(pid, nullptr, WNOHANG) == 0 && tries < 100; ++tries)
        ::poll(nullptr, 0, 10); // one that is stuck in the driver is left to the agent's reaping
    return gpusNamed(lines, std::getenv("CUDA_VISIBLE_DEVICES"));
}

std::string nvidiaSmi()
{
    std::string_view path = std::getenv("PATH") ? std::getenv("PATH") : "";
    while (!path.empty()) {
        const std::string_view folder = path.substr(0, path.find(':'));
        path.remove_prefix(std::min(folder.size() + 1, path.size()));
        std::error_code ignored;
        const std::filesystem::path file = std::filesystem::path(folder) / "nvidia-smi";
        if (folder.starts_with('/') && std::filesystem::is_regular_file(file, ignored) && ::access(file.c_str(), X_OK) == 0)
            return file.string();
    }
    return {};
}

} // namespace bottega
