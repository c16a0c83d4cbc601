// SPDX-License-Identifier: Apache-2.0
#include "core/run/process.h"

#include "core/base/uniquefd.h"

#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <string_view>
#include <unistd.h>

namespace bottega {

namespace {

/// The start of a small kernel file; empty where there is none.
std::string readKernelFile(const char *path)
{
    const UniqueFd fd(::open(path, O_RDONLY | O_CLOEXEC));
    char buffer[1024];
    const ssize_t count = fd ? ::read(fd.get(), buffer, sizeof buffer) : 0;
    return count > 0 ? std::string(buffer, static_cast<std::size_t>(count)) : std::string();
}

/// Field `number` (from 1) of a stat line's part behind the command name, which may itself hold spaces and brackets.
std::string_view statField(std::string_view line, int number)
{
    const std::size_t bracket = line.rfind(')');
    if (bracket == std::string_view::npos)
        return {};
    line.remove_prefix(std::min(bracket + 2, line.size()));
    for (int field = 3; field < number; ++field) {
        const std::size_t space = line.find(' ');
        if (space == std::string_view::npos)
            return {};
        line.remove_prefix(space + 1);
    }
    return line.substr(0, line.find(' '));
}

} // namespace

std::optional<std::uint64_t> processStart(int pid)
{
    if (pid <= 0)
        return {};
    const std::string line = readKernelFile(("/proc/" + std::to_string(pid) + "/stat").c_str());
    const std::string_view state = statField(line, 3);
    const std::string_view field = statField(line, 22);
    std::uint64_t start = 0;
    const auto parsed = std::from_chars(field.data(), field.data() + field.size(), start);
    if (parsed.ec != std::errc() || state == "Z" || state == "X")
        return {};
    return start;
}

bool isAlive(int pid, std::uint64_t start)
{
    return processStart(pid) == start;
}

std::string bootId()
{
    static const std::string id = [] {
        const std::string text = readKernelFile("/proc/sys/kernel/random/boot_id");
        return text.substr(0, text.find('\n'));
    }();
    return id;
}

std::string hostName()
{
    char name[256] = {};
    return ::gethostname(name, sizeof name - 1) == 0 ? name : "unknown";
}

std::string signalText(int signal)
{
    const char *name = ::sigdescr_np(signal);
    return "signal " + std::to_string(signal) + (name ? " (" + std::string(name) + ")" : std::string());
}

} // namespace bottega
