// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/formats/tfevents/eventreader.h"
#include "core/run/keyedpoints.h"

#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace bottega {

struct MetricBatch
{
    std::string name;
    std::vector<MetricPoint> points; // in the order of their sequence
};

/// All metrics of one run as they grow: every event file below a folder, each point once (by attempt, writer and
/// sequence). Cheap to call often: a call without news costs a listing and a stat per file. Not thread safe.
class MetricStream
{
public:
    /// With `cache`, a file that need not exist, points that were decoded before come from there, and many new ones go into
    /// it: see ColumnCache. It is dropped where the event files are not those that it was made of.
    explicit MetricStream(std::filesystem::path folder, std::filesystem::path cache = {});
    /// Goes without a cache that no call has looked at yet.
    void forgoCache();
    ~MetricStream();
    MetricStream(MetricStream &&) noexcept;
    MetricStream &operator=(MetricStream &&) noexcept;

    /// What came since the last call; empty where nothing did or the folder is gone (then `folderGone`). Reads about
    /// `maximumBytes` of the files at most, which bounds the memory; then `hasMore`. What is written meanwhile is left for
    /// the next call.
    [[nodiscard]] Result<std::vector<MetricBatch>> poll(std::uint64_t maximumBytes = std::numeric_limits<std::uint64_t>::max());
    /// The same from the event files alone, with what orders the points.
    [[nodiscard]] Result<KeyedMetrics> pollKeyed(std::uint64_t maximumBytes);
    [[nodiscard]] bool hasMore() const;
    [[nodiscard]] std::uint64_t damagedRecords() const;
    /// Points that their writers numbered, but that are in no file: given up where a disk was full, or damaged. Those of a
    /// writer that is alive may come yet.
    [[nodiscard]] std::uint64_t missingPoints() const;
    [[nodiscard]] bool folderGone() const;
    /// Each call's points of a metric came behind those of the calls before it, by attempt and sequence. False for writers
    /// that log one metric at the same time, and where a later file filled a gap; then there is no cache.
    [[nodiscard]] bool isInOrder() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

struct MetricSummary
{
    double last = 0;
    double best = 0;
    std::int64_t bestStep = 0;
    std::int64_t lastStep = 0;
    std::uint64_t count = 0;
};

/// Best is the minimum for names with "loss" or "error" in them (any case), else the maximum.
[[nodiscard]] bool isBetterLower(const std::string &metricName);

/// Folds a batch into the summary; NaN never becomes best.
void summarize(MetricSummary &summary, const MetricBatch &batch);

} // namespace bottega
