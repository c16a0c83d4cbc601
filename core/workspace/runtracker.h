// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/workspace/runrecord.h"

#include <cstdint>
#include <filesystem>
#include <limits>
#include <vector>

namespace bottega {

/// Keeps the record of one run current by reading only what is new: the job once, the status at each call, the metrics
/// by offset. Artifacts and model are not its concern. Not thread safe.
class RunTracker
{
public:
    enum class Caching {
        Always,
        LiveRuns, // one that has ended is read this once, and needs none
    };
    /// `cache` is MetricStream's; empty for none.
    explicit RunTracker(RunFolder folder, std::filesystem::path cache = {}, Caching caching = Caching::Always);

    struct News
    {
        std::vector<MetricBatch> batches;
        bool recordChanged = false;
    };
    /// NotFound where the folder is gone. After any error the record holds what was known before.
    [[nodiscard]] Result<News> poll(std::uint64_t maximumBytes = std::numeric_limits<std::uint64_t>::max());
    /// True where `poll` read as much of the metrics as it was to, and more is there.
    [[nodiscard]] bool hasMore() const { return m_metrics.hasMore(); }

    [[nodiscard]] const RunRecord &record() const { return m_record; }
    [[nodiscard]] const RunFolder &folder() const { return m_folder; }
    /// Records lost in event files and lines lost in the journal.
    [[nodiscard]] std::uint64_t damagedRecords() const;
    [[nodiscard]] std::uint64_t missingPoints() const { return m_metrics.missingPoints(); }

private:
    [[nodiscard]] Result<bool> pollStatus();

    RunFolder m_folder;
    RunRecord m_record;
    MetricStream m_metrics;
    Caching m_caching;
    bool m_hasJob = false;
};

} // namespace bottega
