// SPDX-License-Identifier: Apache-2.0
#include "core/compute/logout.h"

#include "core/base/clock.h"
#include "core/base/kernelfile.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <map>
#include <optional>
#include <poll.h>
#include <fcntl.h>
#include <pwd.h>
#include <spawn.h>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

namespace bottega {

namespace fs = std::filesystem;

namespace {

std::string userName()
{
    const passwd *user = ::getpwuid(::getuid());
    return user ? user->pw_name : std::to_string(::getuid());
}

/// In the order in which later ones win: the file itself, then drop-ins by name, whichever folder they are in.
std::vector<fs::path> configurationFiles(const fs::path &root)
{
    std::vector<fs::path> files;
    std::map<std::string, fs::path> dropIns; // of one name the first folder's counts
    for (const char *folder : {"etc/systemd", "run/systemd", "usr/lib/systemd", "lib/systemd"}) {
        std::error_code failure;
        const fs::path file = root / folder / "logind.conf";
        if (files.empty() && fs::exists(file, failure))
            files.push_back(file);
        for (fs::directory_iterator entry(root / folder / "logind.conf.d", failure), end; !failure && entry != end;
             entry.increment(failure)) {
            if (entry->path().extension() == ".conf")
                dropIns.emplace(entry->path().filename().string(), entry->path());
        }
    }
    for (const auto &[name, path] : dropIns)
        files.push_back(path);
    return files;
}

struct Setting
{
    std::string value;
    fs::path file;
};

std::string_view trimmed(std::string_view text)
{
    const std::size_t begin = text.find_first_not_of(" \t\r");
    return begin == std::string_view::npos ? std::string_view() : text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::optional<Setting> setting(const fs::path &root, std::string_view name)
{
    std::optional<Setting> found;
    for (const fs::path &file : configurationFiles(root)) {
        const std::string text = readKernelFile(file);
        for (std::string_view rest = text; !rest.empty();) {
            const std::string_view line = trimmed(rest.substr(0, rest.find('\n')));
            rest.remove_prefix(std::min(rest.find('\n'), rest.size() - 1) + 1);
            const std::size_t equals = line.find('=');
            if (equals != std::string_view::npos && trimmed(line.substr(0, equals)) == name)
                found = Setting{std::string(trimmed(line.substr(equals + 1))), file};
        }
    }
    return found;
}

bool isYes(const std::string &value)
{
    return value == "yes" || value == "true" || value == "on" || value == "1";
}

bool names(const std::optional<Setting> &list, const std::string &user)
{
    const std::string padded = ' ' + (list ? list->value : std::string()) + ' ';
    return padded.find(' ' + user + ' ') != std::string::npos;
}

bool killsUser(const fs::path &root, const std::string &user)
{
    const auto only = setting(root, "KillOnlyUsers");
    const auto excluded = setting(root, "KillExcludeUsers");
    if (only && !only->value.empty() && !names(only, user))
        return false;
    return !(excluded ? names(excluded, user) : user == "root");
}

} // namespace

std::string endOfLogin(const fs::path &root)
{
    std::error_code ignored;
    const std::string user = userName();
    if (!fs::exists(root / "run/systemd/system", ignored) || fs::exists(root / "var/lib/systemd/linger" / user, ignored))
        return {};
    const auto kills = setting(root, "KillUserProcesses");
    if (kills && isYes(kills->value) && killsUser(root, user))
        return "KillUserProcesses=yes in " + ("/" / kills->file.lexically_relative(root)).string();
    if (readKernelFile(root / "proc/self/cgroup").find("/user@" + std::to_string(::getuid()) + ".service/") != std::string::npos)
        return "the service manager of your login, which ends with your last session";
    return {};
}

const std::vector<std::string> &scopeCommand()
{
    static const std::vector<std::string> command = []() -> std::vector<std::string> {
        constexpr double patience = 3;
        const char *arguments[] = {"systemd-run", "--user", "--scope", "--quiet", "--collect", "--", "true", nullptr};
        posix_spawn_file_actions_t files;
        ::posix_spawn_file_actions_init(&files);
        for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
            ::posix_spawn_file_actions_addopen(&files, stream, "/dev/null", O_RDWR, 0);
        pid_t pid = 0;
        const int failed = ::posix_spawnp(&pid, arguments[0], &files, nullptr, const_cast<char **>(arguments), environ);
        ::posix_spawn_file_actions_destroy(&files);
        int status = -1;
        pid_t ended = 0;
        for (const double begin = steadyTime(); !failed && ended == 0 && steadyTime() - begin < patience; ::poll(nullptr, 0, 5))
            ended = ::waitpid(pid, &status, WNOHANG);
        if (!failed && ended == 0) {
            ::kill(pid, SIGKILL);
            ::waitpid(pid, nullptr, 0);
        }
        if (ended <= 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
            return {};
        return {"/usr/bin/env", arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]};
    }();
    return command;
}

} // namespace bottega
