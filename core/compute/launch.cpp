// SPDX-License-Identifier: Apache-2.0
#include "core/compute/launch.h"

#include "core/base/uniquefd.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <string_view>
#include <linux/close_range.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

namespace bottega {

namespace {

// Between fork and exec only async-signal-safe calls: other threads may have held any lock.

void resetSignals()
{
    struct sigaction action = {};
    action.sa_handler = SIG_DFL;
    for (int signal = 1; signal < NSIG; ++signal)
        ::sigaction(signal, &action, nullptr);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// The error pipe too is closed by a successful exec, which is how the parent hears of it.
void closeOnExec()
{
    if (::syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC) == 0)
        return;
    for (long fd = 3, end = ::sysconf(_SC_OPEN_MAX); fd < end; ++fd)
        ::fcntl(static_cast<int>(fd), F_SETFD, FD_CLOEXEC);
}

[[noreturn]] void becomeProgram(char *const *arguments, char *const *environment, int input, int output, int errors)
{
    resetSignals();
    closeOnExec();
    const bool isReady = ::dup2(input, STDIN_FILENO) >= 0 && ::dup2(output, STDOUT_FILENO) >= 0 &&
                         ::dup2(output, STDERR_FILENO) >= 0 && ::chdir("/") == 0;
    if (isReady)
        ::execve(arguments[0], arguments, environment);
    const int reason = errno;
    [[maybe_unused]] const ssize_t told = ::write(errors, &reason, sizeof reason);
    ::_exit(127);
}

/// In between: makes the session, leaves the program to init, and goes.
[[noreturn]] void leaveProgram(char *const *arguments, char *const *environment, int input, int output, int errors)
{
    ::setsid();
    const pid_t program = ::fork();
    if (program == 0)
        becomeProgram(arguments, environment, input, output, errors);
    const int reason = errno;
    if (program < 0)
        [[maybe_unused]] const ssize_t told = ::write(errors, &reason, sizeof reason);
    ::_exit(0);
}

/// Ours, but where we are the work of a run ourselves: what we leave must not be taken for its processes.
std::vector<char *> environmentOfNoRun()
{
    std::vector<char *> variables;
    for (char **variable = environ; variable && *variable; ++variable) {
        if (!std::string_view(*variable).starts_with("BOTTEGA_RUN_"))
            variables.push_back(*variable);
    }
    variables.push_back(nullptr);
    return variables;
}

/// 0 where exec succeeded, else its errno.
int awaitExec(int errors)
{
    int reason = 0;
    ssize_t count = -1;
    do {
        count = ::read(errors, &reason, sizeof reason);
    } while (count < 0 && errno == EINTR);
    return count == static_cast<ssize_t>(sizeof reason) ? reason : 0;
}

} // namespace

Result<void> launchDetached(const std::vector<std::string> &arguments, const std::filesystem::path &log)
{
    const UniqueFd input(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const UniqueFd output(::open(log.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!output)
        return fail(systemError(errno, "The program's log could not be opened", log.string()));
    std::array<int, 2> ends = {-1, -1};
    if (!input || ::pipe2(ends.data(), O_CLOEXEC) != 0)
        return fail(systemError(errno, "The program could not be started", arguments.front()));
    const UniqueFd errors(ends[0]);
    UniqueFd errorsInChild(ends[1]);
    std::vector<char *> pointers;
    for (const std::string &argument : arguments)
        pointers.push_back(const_cast<char *>(argument.c_str()));
    pointers.push_back(nullptr);
    std::vector<char *> environment = environmentOfNoRun();
    const pid_t child = ::fork();
    if (child == 0)
        leaveProgram(pointers.data(), environment.data(), input.get(), output.get(), errorsInChild.get());
    if (child < 0)
        return fail(systemError(errno, "The program could not be started", arguments.front()));
    errorsInChild.reset();
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) { }
    if (const int reason = awaitExec(errors.get()))
        return fail(systemError(reason, "The program could not be started", arguments.front()));
    return {};
}

} // namespace bottega
