// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/agent/processtree.h"
#include "core/run/job.h"
#include "core/run/runfolder.h"

#include <optional>
#include <string>
#include <vector>

namespace bottega {

/// Watches what a job may use at most: time, memory, disk. Memory is counted proportionally (shared pages once) before a
/// limit counts as reached; disk is all that the run's folder holds, looked at so seldom that it costs next to nothing.
class Limits
{
public:
    Limits(const RunFolder &folder, const Job &job) : m_folder(folder), m_job(job) {}

    /// The limit that is reached by now, in words, with what was used: "memory limit of 2.0 GiB reached: the work used
    /// 2.1 GiB". `now` and `runningSince` are on the steady clock.
    [[nodiscard]] std::optional<std::string> reached(double now, double runningSince,
                                                     const std::vector<TreeMember> &members);
    /// Whether `reached` needs the members by now; else an empty list does.
    [[nodiscard]] bool needsMembers(double now) const { return m_job.maxMemoryBytes > 0 && now >= m_nextMemory; }

private:
    [[nodiscard]] std::optional<std::string> checkMemory(double now, const std::vector<TreeMember> &members);
    [[nodiscard]] std::optional<std::string> checkDisk(double now);

    const RunFolder &m_folder;
    const Job &m_job;
    double m_nextMemory = 0;
    double m_nextDisk = 0;
};

/// "2.1 GiB", "12 KiB"
[[nodiscard]] std::string sizeWords(std::uint64_t bytes);

} // namespace bottega
