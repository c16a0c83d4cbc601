// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/agent/processtree.h"
#include "core/formats/tfevents/eventwriter.h"
#include "core/run/runfolder.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bottega {

/// What the work's processes take of the machine, into the run's telemetry folder: "cpu/percent" (100 is one core) and
/// "memory/rss_mib", at whole seconds since `begin` on the steady clock, when the work began to run.
class Telemetry
{
public:
    /// `writer` must be another for each process that samples an attempt; `members` have used processor time before.
    Telemetry(const RunFolder &folder, int attempt, const std::string &writer, double begin,
              const std::vector<TreeMember> &members);

    /// Processor time of a process that has left the tree, so that it stays in the sum.
    void addEnded(double cpuSeconds) { m_endedSeconds += cpuSeconds; }
    void sample(const std::vector<TreeMember> &members);
    /// Values of others' measuring, such as the GPUs'.
    void add(const std::vector<std::pair<std::string, double>> &values);
    [[nodiscard]] double mostMemoryMib() const { return m_mostMemory; }
    /// The last sample: processor time only, for a process that has ended has no memory.
    void finish(const std::vector<TreeMember> &members);
    /// The first failure; samples after it may be missing. Never a reason to stop the work.
    [[nodiscard]] const std::optional<Error> &failure() const { return m_failure; }

private:
    void write(const std::vector<ScalarValue> &values);
    [[nodiscard]] std::optional<double> cpuPercent(const std::vector<TreeMember> &members);

    std::optional<EventWriter> m_writer;
    std::optional<Error> m_failure;
    double m_mostMemory = 0;
    double m_begin = 0;
    double m_lastTime = 0;
    double m_lastSeconds = 0;
    double m_endedSeconds = 0;
};

} // namespace bottega
