// SPDX-License-Identifier: Apache-2.0
#include "core/agent/oomwatch.h"

#include "core/agent/processtree.h"
#include "core/base/kernelfile.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace bottega {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t mostBytes = 1 << 16;

/// The number behind "oom_kill " at the start of a line.
std::optional<std::uint64_t> killsIn(const fs::path &file)
{
    constexpr std::string_view key = "\noom_kill ";
    const std::string text = '\n' + readKernelFile(file, mostBytes);
    const std::size_t at = text.find(key);
    std::uint64_t value = 0;
    if (at == std::string::npos)
        return {};
    const char *begin = text.data() + at + key.size();
    return std::from_chars(begin, text.data() + text.size(), value).ptr == begin ? std::nullopt : std::optional(value);
}

/// The path behind "0::" (version 2) or "N:memory:" (version 1) in /proc/self/cgroup.
std::string groupIn(std::string_view text, std::string_view controller)
{
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const std::size_t first = line.find(':');
        const std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
        if (second != std::string_view::npos && line.substr(first + 1, second - first - 1) == controller)
            return std::string(line.substr(second + 1));
    }
    return {};
}

} // namespace

OomWatch::OomWatch(fs::path root)
    : m_root(std::move(root)), m_group(groupCount()), m_machine(machineCount())
{
}

std::optional<OomWatch::Count> OomWatch::groupCount() const
{
    const std::string text = readKernelFile(m_root / "proc/self/cgroup", mostBytes);
    const auto count = [this](const fs::path &folder, const std::string &group, const char *name) -> std::optional<Count> {
        const fs::path file = m_root / folder / fs::path(group).relative_path() / name;
        const auto value = group.empty() ? std::nullopt : killsIn(file);
        return value ? std::optional(Count{file, "the control group " + group, *value}) : std::nullopt;
    };
    if (auto found = count("sys/fs/cgroup", groupIn(text, ""), "memory.events"))
        return found;
    return count("sys/fs/cgroup/memory", groupIn(text, "memory"), "memory.oom_control");
}

std::optional<OomWatch::Count> OomWatch::machineCount() const
{
    const fs::path file = m_root / "proc/vmstat";
    const auto value = killsIn(file);
    return value ? std::optional(Count{file, "the machine", *value}) : std::nullopt;
}

std::optional<std::string> OomWatch::evidence() const
{
    for (const auto &count : {m_group, m_machine}) {
        const auto now = count ? killsIn(count->file) : std::nullopt;
        if (now && *now > count->value)
            return "the kernel's out-of-memory killer: oom_kill of " + count->whose + " rose from " +
                   std::to_string(count->value) + " to " + std::to_string(*now);
    }
    return {};
}

} // namespace bottega
