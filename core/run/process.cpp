// SPDX-License-Identifier: Apache-2.0
#include "core/run/process.h"

#include "core/base/clock.h"
#include "core/base/kernelfile.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <ctime>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace bottega {

namespace {

/// The fields of a stat line from the third on. The second, the command name, may itself hold spaces and brackets.
std::vector<std::string_view> statFields(std::string_view line)
{
    std::vector<std::string_view> fields;
    const std::size_t bracket = line.rfind(')');
    if (bracket == std::string_view::npos)
        return fields;
    line.remove_prefix(std::min(bracket + 2, line.size()));
    fields.reserve(50);
    for (std::size_t space = line.find(' '); space != std::string_view::npos; space = line.find(' ')) {
        fields.push_back(line.substr(0, space));
        line.remove_prefix(space + 1);
    }
    fields.push_back(line);
    return fields;
}

double secondsOf(clockid_t clock)
{
    timespec time = {};
    ::clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

template <class T = std::uint64_t>
T number(std::string_view text)
{
    T value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

} // namespace

std::optional<ProcessStat> readProcessStat(int pid)
{
    if (pid <= 0)
        return {};
    const std::string line = readKernelFile("/proc/" + std::to_string(pid) + "/stat");
    const auto fields = statFields(line);
    const auto field = [&fields](std::size_t n) { return fields[n - 3]; }; // numbered as in proc(5)
    if (fields.size() < 22 || field(3).empty())
        return {};
    ProcessStat stat;
    stat.state = field(3).front();
    stat.parent = number<int>(field(4));
    stat.group = number<int>(field(5));
    stat.session = number<int>(field(6));
    for (const std::size_t n : {14u, 15u, 16u, 17u})
        stat.cpuTicks += number(field(n));
    stat.start = number(field(22));
    stat.residentPages = number(field(24));
    return stat;
}

std::optional<std::uint64_t> processStart(int pid)
{
    const auto stat = readProcessStat(pid);
    if (!stat || stat->hasEnded())
        return {};
    return stat->start;
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

std::string machineId()
{
    static const std::string id = [] {
        std::string text = readKernelFile("/etc/machine-id");
        if (text.empty())
            text = readKernelFile("/var/lib/dbus/machine-id");
        return text.substr(0, text.find('\n'));
    }();
    return id;
}

std::string pidNamespace()
{
    char name[64] = {};
    const ssize_t length = ::readlink("/proc/self/ns/pid", name, sizeof name);
    return length > 0 ? std::string(name, static_cast<std::size_t>(length)) : std::string();
}

double bootTime()
{
    return wallTime() - secondsOf(CLOCK_BOOTTIME);
}

double steadyStart(std::uint64_t start)
{
    const double age = secondsOf(CLOCK_BOOTTIME) - static_cast<double>(start) / static_cast<double>(::sysconf(_SC_CLK_TCK));
    return steadyTime() - age;
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
