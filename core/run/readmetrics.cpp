// SPDX-License-Identifier: Apache-2.0
#include "core/run/readmetrics.h"

#include "core/run/metricstream.h"

#include <algorithm>
#include <queue>

namespace bottega {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t portion = std::uint64_t{16} << 20; // of the event files

/// Sorts more points than memory holds: they come nearly in order, and go into few ascending runs, which are merged.
class PointSorter
{
public:
    explicit PointSorter(std::shared_ptr<PagePool> pool) : m_pool(std::move(pool)) {}

    void add(const KeyedPoints &sorted)
    {
        for (std::size_t i = 0; i < sorted.keys().size(); ++i)
            runFor(sorted.keys()[i]).push_back({sorted.keys()[i], sorted.points()[i]});
    }

    [[nodiscard]] PagedArray<MetricPoint> take()
    {
        using Head = std::pair<PointKey, std::size_t>; // the next of a run, and which run
        std::priority_queue<Head, std::vector<Head>, std::greater<>> heads;
        std::vector<std::size_t> taken(m_runs.size());
        for (std::size_t run = 0; run < m_runs.size(); ++run)
            heads.emplace(m_runs[run].front().key, run);
        PagedArray<MetricPoint> all(m_pool);
        while (!heads.empty()) {
            const std::size_t run = heads.top().second;
            heads.pop();
            all.push_back(m_runs[run][taken[run]].point);
            if (++taken[run] < m_runs[run].size())
                heads.emplace(m_runs[run][taken[run]].key, run);
        }
        m_runs.clear();
        return all;
    }

private:
    struct Entry
    {
        PointKey key;
        MetricPoint point;
    };

    /// The run that ends nearest before it.
    PagedArray<Entry> &runFor(const PointKey &key)
    {
        PagedArray<Entry> *nearest = nullptr;
        PointKey end;
        for (PagedArray<Entry> &run : m_runs) {
            const PointKey last = run.back().key;
            if (last <= key && (!nearest || end < last)) {
                nearest = &run;
                end = last;
            }
        }
        return nearest ? *nearest : m_runs.emplace_back(m_pool);
    }

    std::shared_ptr<PagePool> m_pool;
    std::vector<PagedArray<Entry>> m_runs; // none is empty
};

Result<void> readInOrder(MetricStream &stream, const std::shared_ptr<PagePool> &pool, const std::optional<std::string> &only,
                         PagedMetrics &metrics)
{
    do {
        const auto batches = stream.poll(portion);
        if (!batches)
            return fail(batches.error());
        for (const MetricBatch &batch : *batches) {
            auto &points = metrics.try_emplace(batch.name, pool).first->second;
            for (std::size_t i = 0; i < batch.points.size() && (!only || *only == batch.name); ++i)
                points.push_back(batch.points[i]);
        }
    } while (stream.hasMore());
    return {};
}

Result<PagedMetrics> readAndSort(const fs::path &folder, const std::shared_ptr<PagePool> &pool,
                                 const std::optional<std::string> &only)
{
    MetricStream stream(folder);
    std::map<std::string, PointSorter> sorters;
    do {
        auto batches = stream.pollKeyed(portion);
        if (!batches)
            return fail(batches.error());
        for (auto &[name, batch] : *batches) {
            PointSorter &sorter = sorters.try_emplace(name, pool).first->second;
            batch.sort();
            if (!only || *only == name)
                sorter.add(batch);
        }
    } while (stream.hasMore());
    PagedMetrics metrics;
    for (auto &[name, sorter] : sorters)
        metrics.emplace(name, sorter.take());
    return metrics;
}

} // namespace

Result<PagedMetrics> readMetrics(const fs::path &folder, const fs::path &cache, const std::shared_ptr<PagePool> &pool,
                                 const std::optional<std::string> &only)
{
    PagedMetrics metrics;
    {
        MetricStream stream(folder, cache);
        const auto read = readInOrder(stream, pool, only, metrics);
        if (stream.folderGone())
            return fail(ErrorCode::NotFound, "The run has no metrics folder", folder.string());
        if (read && stream.isInOrder())
            return metrics;
    }
    metrics.clear();
    return readAndSort(folder, pool, only);
}

} // namespace bottega
