// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace bottega {

struct MetricPoint
{
    std::int64_t step = 0;
    double wallTime = 0;
    double value = 0;
};

/// What orders the points of a metric.
struct PointKey
{
    int attempt = 0;
    std::uint64_t sequence = 0;

    auto operator<=>(const PointKey &) const = default;
};

/// Points of one metric as they are collected from several files.
class KeyedPoints
{
public:
    void add(PointKey key, const MetricPoint &point)
    {
        m_inOrder = m_inOrder && (m_keys.empty() || !(key < m_keys.back()));
        m_keys.push_back(key);
        m_points.push_back(point);
    }
    void sort(); // by key, equal ones as they came

    [[nodiscard]] std::pair<PointKey, PointKey> range() const; // least and greatest, of at least one
    [[nodiscard]] const std::vector<PointKey> &keys() const { return m_keys; }
    [[nodiscard]] const std::vector<MetricPoint> &points() const { return m_points; }
    [[nodiscard]] std::vector<MetricPoint> takePoints() { return std::move(m_points); }

private:
    std::vector<MetricPoint> m_points;
    std::vector<PointKey> m_keys; // one for each point
    bool m_inOrder = true;
};

using KeyedMetrics = std::map<std::string, KeyedPoints>;

} // namespace bottega
