// SPDX-License-Identifier: Apache-2.0
#include "core/agent/telemetry.h"

#include "core/base/clock.h"

#include <algorithm>
#include <unistd.h>

namespace bottega {

namespace {

double cpuSeconds(const std::vector<TreeMember> &members)
{
    static const auto ticksPerSecond = static_cast<double>(::sysconf(_SC_CLK_TCK));
    std::uint64_t ticks = 0;
    for (const TreeMember &member : members)
        ticks += member.stat.cpuTicks;
    return static_cast<double>(ticks) / ticksPerSecond;
}

double residentMib(const std::vector<TreeMember> &members)
{
    static const auto pageSize = static_cast<double>(::sysconf(_SC_PAGESIZE));
    std::uint64_t pages = 0;
    for (const TreeMember &member : members)
        pages += member.stat.residentPages;
    return static_cast<double>(pages) * pageSize / (1024 * 1024);
}

} // namespace

Telemetry::Telemetry(const RunFolder &folder, int attempt, const std::string &writer, double begin,
                     const std::vector<TreeMember> &members)
    : m_begin(begin), m_lastTime(steadyTime()), m_lastSeconds(cpuSeconds(members))
{
    auto file = EventWriter::create(folder.telemetry(), attempt, writer);
    if (file)
        m_writer.emplace(std::move(*file));
    else
        m_failure = file.error();
}

void Telemetry::sample(const std::vector<TreeMember> &members)
{
    const double memory = residentMib(members);
    m_mostMemory = std::max(m_mostMemory, memory);
    const auto cpu = cpuPercent(members);
    if (cpu)
        write({{"cpu/percent", *cpu}, {"memory/rss_mib", memory}});
    else
        write({{"memory/rss_mib", memory}});
}

void Telemetry::add(const std::vector<std::pair<std::string, double>> &values)
{
    std::vector<ScalarValue> all;
    for (const auto &[tag, value] : values)
        all.push_back({tag, value});
    if (!all.empty())
        write(all);
}

void Telemetry::finish(const std::vector<TreeMember> &members)
{
    if (const auto cpu = cpuPercent(members))
        write({{"cpu/percent", *cpu}});
    if (auto synced = m_writer ? m_writer->sync() : Result<void>(); !synced && !m_failure)
        m_failure = synced.error();
}

std::optional<double> Telemetry::cpuPercent(const std::vector<TreeMember> &members)
{
    constexpr double shortest = 0.1; // the kernel counts in hundredths: less says nothing
    const double now = steadyTime();
    if (now - m_lastTime < shortest)
        return {};
    const double seconds = cpuSeconds(members) + m_endedSeconds;
    const double percent = 100 * std::max(0.0, seconds - m_lastSeconds) / (now - m_lastTime);
    m_lastTime = now;
    m_lastSeconds = seconds;
    return percent;
}

void Telemetry::write(const std::vector<ScalarValue> &values)
{
    if (!m_writer)
        return;
    const auto step = static_cast<std::int64_t>(steadyTime() - m_begin);
    if (auto written = m_writer->append(step, values); !written && !m_failure)
        m_failure = written.error();
}

} // namespace bottega
