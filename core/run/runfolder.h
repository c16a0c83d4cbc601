// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/fileplace.h"
#include "core/base/result.h"
#include "core/run/job.h"

#include <filesystem>
#include <string>
#include <vector>

namespace bottega {

/// "<experiment>_<unix seconds>_<8 hex>", unique by the kernel's random numbers.
[[nodiscard]] std::string makeRunId(const std::string &experiment);

/// True where `text` has the form of a run id.
[[nodiscard]] bool isRunId(const std::string &text);

struct Artifact
{
    std::string path; // slash path relative to work/: "outputs/model.npz"
    std::uint64_t size = 0;

    bool operator==(const Artifact &) const = default;
};

inline constexpr const char *driverLogName = "system-logs/70_driver_log.txt"; // what the work printed

/// The places of one run's folder, the same on every target. A value: touches the disk only in the functions below.
class RunFolder
{
public:
    explicit RunFolder(std::filesystem::path root) : m_root(std::move(root)) {}

    [[nodiscard]] const std::filesystem::path &root() const { return m_root; }
    [[nodiscard]] std::string id() const { return m_root.filename().string(); }
    [[nodiscard]] std::filesystem::path runJson() const { return m_root / "run.json"; }
    [[nodiscard]] std::filesystem::path journal() const { return m_root / "journal.jsonl"; }
    [[nodiscard]] std::filesystem::path endRecord() const { return m_root / "end.json"; }
    [[nodiscard]] std::filesystem::path work() const { return m_root / "work"; }
    [[nodiscard]] std::filesystem::path systemLogs() const { return m_root / "system-logs"; }
    [[nodiscard]] std::filesystem::path driverLog() const { return m_root / driverLogName; }
    [[nodiscard]] std::filesystem::path metrics() const { return m_root / "metrics"; }
    [[nodiscard]] std::filesystem::path telemetry() const { return m_root / "telemetry"; }
    [[nodiscard]] std::filesystem::path checkpoints() const { return m_root / "checkpoints"; }

    /// Where a file in it is read, by its slash path: a run may be of foreign origin, and no link in it is followed.
    [[nodiscard]] FilePlace file(std::string name) const { return {m_root, std::move(name)}; }

    /// Makes the folder with everything in it and run.json, under a hidden name, then renames it to its own:
    /// a run folder is there wholly or not at all. 0700 and 0600.
    [[nodiscard]] static Result<RunFolder> create(const std::filesystem::path &runsRoot, const Job &job);
    [[nodiscard]] Result<Job> readJob() const;

    /// Regular files below work/outputs and work/logs, sorted by path; links and what can't be read are left
    /// out.
    [[nodiscard]] Result<std::vector<Artifact>> artifacts() const;
    /// Bytes that the whole folder takes on disk.
    [[nodiscard]] std::uint64_t diskUsage() const;

private:
    std::filesystem::path m_root;
};

} // namespace bottega
