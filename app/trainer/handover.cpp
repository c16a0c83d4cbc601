// SPDX-License-Identifier: Apache-2.0
#include "app/trainer/handover.h"

#include "app/trainer/options.h"
#include "core/base/safename.h"
#include "core/base/uniquefd.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace bottega::trainer {

namespace fs = std::filesystem;

namespace {

constexpr const char *programName = "bottega-trainer-cuda";

bool isProgram(const fs::path &path)
{
    std::error_code ignored;
    return fs::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

std::string reasonOf(int number)
{
    return std::generic_category().message(number);
}

/// What a child writes on `fd` until it closes it; no more than a line is wanted.
std::string firstLine(int fd)
{
    std::string text;
    char bytes[512];
    for (;;) {
        const ssize_t count = ::read(fd, bytes, sizeof bytes);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            break;
        if (text.size() < 4096)
            text.append(bytes, static_cast<std::size_t>(count));
    }
    return printable(text.substr(0, text.find('\n')), 200);
}

/// In the child: only calls that are safe between fork and exec.
[[noreturn]] void becomeVersion(const char *program, int errors)
{
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    ::dup2(null, STDIN_FILENO);
    ::dup2(null, STDOUT_FILENO);
    ::dup2(errors, STDERR_FILENO);
    ::execl(program, program, "--version", nullptr);
    const char *reason = std::strerror(errno);
    const ssize_t written = ::write(STDERR_FILENO, reason, std::strlen(reason));
    ::_exit(written < 0 ? 126 : 127);
}


/// Returns only on failure.
std::string become(const fs::path &program, const std::vector<std::string> &arguments)
{
    std::string name = program.string();
    std::vector<char *> pointers = {name.data()};
    std::vector<std::string> copies = arguments;
    for (std::string &argument : copies)
        pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    ::execve(name.c_str(), pointers.data(), environ);
    return name + " can't be started: " + reasonOf(errno);
}

} // namespace

Wish wishOf(const std::vector<std::string> &arguments)
{
    Options options;
    if (!parseOptions(arguments, options) || options.verb == Verb::Help || options.verb == Verb::Version)
        return Wish::Cpu;
    if (options.device == "auto")
        return Wish::Either;
    return options.device == "cuda" || options.device.starts_with("cuda:") ? Wish::Gpu : Wish::Cpu;
}

bool hasNvidiaDriver(const fs::path &root)
{
    std::error_code ignored;
    return fs::exists(root / "dev/nvidiactl", ignored) && fs::exists(root / "proc/driver/nvidia", ignored);
}

fs::path findCudaTrainer()
{
    std::error_code ignored;
    std::vector<fs::path> folders = {fs::read_symlink("/proc/self/exe", ignored).parent_path()};
    if (const char *named = std::getenv("BOTTEGA_LIBEXEC"); named && named[0] == '/')
        folders.insert(folders.begin(), named);
    for (const fs::path &folder : folders) {
        if (isProgram(folder / programName))
            return folder / programName;
    }
    return {};
}

std::string whyNotRunnable(const fs::path &program)
{
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return reasonOf(errno);
    const UniqueFd reading(ends[0]);
    UniqueFd writing(ends[1]);
    const pid_t child = ::fork();
    if (child < 0)
        return reasonOf(errno);
    if (child == 0)
        becomeVersion(program.c_str(), writing.get());
    writing.reset();
    const std::string line = firstLine(reading.get());
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) { }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return {};
    return line.empty() ? "it does not run" : line;
}

std::string handOver(const std::vector<std::string> &arguments, const fs::path &root)
{
    const Wish wish = wishOf(arguments);
    if (wish == Wish::Cpu || (wish == Wish::Either && !hasNvidiaDriver(root)))
        return {};
    const fs::path program = findCudaTrainer();
    if (program.empty())
        return std::string(programName) + " is missing from this installation";
    if (const std::string why = whyNotRunnable(program); !why.empty())
        return program.string() + " can't run here: " + why;
    return become(program, arguments);
}

} // namespace bottega::trainer
