// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/uniquefd.h"
#include "core/run/job.h"

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bottega {

/// What nvidia-smi tells of the job's GPUs each second: one child that goes on reporting, found on PATH, started only where
/// the job may use a GPU and the machine has one. It dies with us. One that ends or falls silent is started again, a few
/// times, later each time; then it is left alone, and `note` says why.
class GpuWatch
{
public:
    /// `root` stands before /dev and /proc, where devices are looked for.
    GpuWatch(const Job &job, const std::filesystem::path &root);
    ~GpuWatch();
    GpuWatch(const GpuWatch &) = delete;
    GpuWatch &operator=(const GpuWatch &) = delete;

    /// Of the child: also its process group and session. 0 while there is none.
    [[nodiscard]] int pid() const { return m_pid; }

    using Values = std::vector<std::pair<std::string, double>>;
    /// Tags such as "gpu0/utilization_percent", "gpu0/memory_mib", "gpu0/power_watts", "gpu0/temperature_celsius" with what
    /// was reported since the last call, the newest of each. Never waits.
    [[nodiscard]] Values poll(double now);

    /// Why telemetry of the GPUs is missing or incomplete; empty where nothing is wrong.
    [[nodiscard]] const std::string &note() const { return m_note; }

private:
    void start(double now);
    void end(double now, const std::string &why);
    void take(std::string_view bytes, Values &values);
    void takeLine(std::string_view line, Values &values);

    std::string m_uuid; // of the job's only GPU, or empty
    std::string m_program;
    std::string m_note;
    int m_pid = 0;
    UniqueFd m_output;
    std::string m_line;
    bool m_isTooLong = false;
    int m_starts = 0;
    double m_lastWord = 0;
    double m_nextStart = 0;
};

} // namespace bottega
