// SPDX-License-Identifier: Apache-2.0
#include "core/agent/limits.h"

#include "core/base/kernelfile.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <unistd.h>

namespace bottega {

namespace {

constexpr double memoryInterval = 0.5;
constexpr double diskInterval = 1;
constexpr double diskShare = 0.005; // of a core, for walking through the run's folder

double processorSeconds()
{
    timespec time = {};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

std::string shortNumber(double value)
{
    char text[32];
    std::snprintf(text, sizeof text, "%g", value);
    return text;
}

std::uint64_t residentBytes(const TreeMember &member)
{
    static const auto pageSize = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    return member.stat.residentPages * pageSize;
}

/// Pages that processes share, counted in parts; all that is resident where the kernel does not tell.
std::uint64_t proportionalBytes(const TreeMember &member)
{
    const std::string text = readKernelFile("/proc/" + std::to_string(member.pid) + "/smaps_rollup", 1 << 16);
    const std::size_t at = text.find("\nPss:");
    return at == std::string::npos ? residentBytes(member) : std::strtoull(text.c_str() + at + 5, nullptr, 10) * 1024;
}

template <class Measure>
std::uint64_t sum(const std::vector<TreeMember> &members, Measure measure)
{
    std::uint64_t bytes = 0;
    for (const TreeMember &member : members)
        bytes += measure(member);
    return bytes;
}

std::string limitText(const char *what, std::uint64_t limit, const char *who, std::uint64_t used)
{
    return std::string(what) + " limit of " + sizeWords(limit) + " reached: " + who + " " + sizeWords(used);
}

} // namespace

std::string sizeWords(std::uint64_t bytes)
{
    constexpr const char *units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; value >= 1024 && unit + 1 < std::size(units); ++unit)
        value /= 1024;
    char text[48];
    std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
    return text;
}

std::optional<std::string> Limits::reached(double now, double runningSince, const std::vector<TreeMember> &members)
{
    const double longest = m_job.maxDurationSeconds;
    if (longest > 0 && runningSince > 0 && now - runningSince >= longest)
        return "max duration of " + shortNumber(longest) + " s reached";
    if (auto memory = checkMemory(now, members))
        return memory;
    return checkDisk(now);
}

std::optional<std::string> Limits::checkMemory(double now, const std::vector<TreeMember> &members)
{
    if (!needsMembers(now))
        return {};
    m_nextMemory = now + memoryInterval;
    if (sum(members, residentBytes) <= m_job.maxMemoryBytes) // never below what counts, and cheap
        return {};
    const std::uint64_t used = sum(members, proportionalBytes);
    if (used <= m_job.maxMemoryBytes)
        return {};
    return limitText("memory", m_job.maxMemoryBytes, "the work used", used);
}

std::optional<std::string> Limits::checkDisk(double now)
{
    if (m_job.maxDiskBytes == 0 || now < m_nextDisk)
        return {};
    const double begin = processorSeconds();
    const std::uint64_t used = m_folder.diskUsage();
    m_nextDisk = now + std::max(diskInterval, (processorSeconds() - begin) / diskShare);
    if (used <= m_job.maxDiskBytes)
        return {};
    return limitText("disk", m_job.maxDiskBytes, "the run's folder holds", used);
}

} // namespace bottega
