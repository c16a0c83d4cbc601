// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/metricseries.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

constexpr double heldStill = 5; // seconds: clocks of two writers differ, and time servers nudge
constexpr std::size_t mostClocks = 16;

} // namespace

double XScale::at(std::int64_t step, double wallTime) const
{
    switch (axis) {
    case XAxis::Step:
        return double(step);
    case XAxis::Epoch:
        return stepsPerEpoch > 0 ? double(step) / stepsPerEpoch : double(step);
    case XAxis::RelativeTime:
        return (wallTime - startTime) / secondsPerUnit;
    }
    return double(step);
}

MetricSeries::MetricSeries(std::string name, std::shared_ptr<PagePool> pool)
    : m_name(std::move(name))
    , m_betterLower(bottega::isBetterLower(m_name))
    , m_pool(pool ? std::move(pool) : PagePool::unlimited())
    , m_points(m_pool)
    , m_smoothed(m_pool)
{
}

void MetricSeries::append(const std::vector<MetricPoint> &points)
{
    std::vector<MetricPoint> late; // of a run that was taken up at an earlier step, or of several writers
    for (MetricPoint point : points) {
        if (!m_points.empty() && point.step < m_points.back().step) {
            late.push_back(point);
            continue;
        }
        point.wallTime = steadyTime(point.wallTime);
        add(point);
    }
    if (!late.empty())
        mergeLate(std::move(late));
}

/// The clock that was shifted least and still goes on from the last point: one that is set right again finds its way back.
double MetricSeries::steadyTime(double wallTime)
{
    if (m_points.empty())
        return wallTime;
    const double last = m_points.back().wallTime;
    const auto goesOn = [&](double shift) { return wallTime + shift >= last - heldStill; };
    auto clock = std::find_if(m_clocks.begin(), m_clocks.end(), goesOn);
    if (clock == m_clocks.end() && m_clocks.size() < mostClocks) {
        const double interval = m_points.size() > 1 ? last - m_points[m_points.size() - 2].wallTime : 0;
        clock = m_clocks.insert(clock, last + interval - wallTime);
    }
    return clock == m_clocks.end() ? last : std::max(last, wallTime + *clock);
}

void MetricSeries::mergeLate(std::vector<MetricPoint> late)
{
    const auto isBefore = [](const MetricPoint &a, const MetricPoint &b) { return a.step < b.step; };
    std::stable_sort(late.begin(), late.end(), isBefore);
    const std::size_t first = firstThat([&](const MetricPoint &point) { return isBefore(late.front(), point); });
    PagedArray<MetricPoint> tail(m_pool); // ends after the last of `late`
    for (std::size_t i = first; i < m_points.size(); ++i)
        tail.push_back(m_points[i]);
    cutAt(first);
    auto next = tail.begin();
    for (MetricPoint &point : late) {
        for (; !isBefore(point, *next); ++next)
            add(*next);
        const double later = (*next).wallTime;
        const double earliest = m_points.empty() ? point.wallTime : m_points.back().wallTime;
        point.wallTime = std::clamp(point.wallTime, std::min(earliest, later), later);
        add(point);
    }
    for (; next != tail.end(); ++next)
        add(*next);
}

void MetricSeries::add(const MetricPoint &point)
{
    const std::size_t index = m_points.size();
    m_points.push_back(point);
    m_blocks.add(point);
    if (!std::isfinite(point.value)) {
        ++m_notFinite;
        if (!m_firstNotFinite)
            m_firstNotFinite = index;
        return;
    }
    if (!m_firstFinite)
        m_firstFinite = index;
    m_lastFinite = index;
    if (!m_best || (m_betterLower ? point.value < m_bestValue : point.value > m_bestValue)) {
        m_best = index;
        m_bestValue = point.value;
    }
}

/// Costs what is cut off, not what stays.
void MetricSeries::cutAt(std::size_t index)
{
    for (std::size_t i = index; i < m_points.size(); ++i)
        m_notFinite -= std::isfinite(m_points[i].value) ? 0 : 1;
    m_points.cut(index);
    for (std::size_t i = m_blocks.rewind(index); i < index; ++i)
        m_blocks.add(m_points[i]);
    if (m_firstNotFinite && *m_firstNotFinite >= index)
        m_firstNotFinite.reset();
    takeFromBlocks();
    m_smoothedWeight = -1;
}

/// What is known of the finite values, after some were cut off.
void MetricSeries::takeFromBlocks()
{
    m_best.reset();
    m_firstFinite.reset();
    m_lastFinite.reset();
    std::size_t start = 0;
    for (const ValueBlocks::Block &block : m_blocks.all()) {
        if (block.hasFinite) {
            m_firstFinite = m_firstFinite.value_or(start + block.firstAt);
            m_lastFinite = start + block.lastAt;
            const double candidate = m_betterLower ? block.low.value : block.high.value;
            if (!m_best || (m_betterLower ? candidate < m_bestValue : candidate > m_bestValue)) {
                m_best = start + (m_betterLower ? block.lowAt : block.highAt);
                m_bestValue = candidate;
            }
        }
        start += ValueBlocks::size;
    }
}

/// First index whose point fulfils `isBehind`, which all behind it do too. Looks at blocks before it looks at points.
std::size_t MetricSeries::firstThat(const std::function<bool(const MetricPoint &)> &isBehind) const
{
    const auto block = std::partition_point(m_blocks.all().begin(), m_blocks.all().end(),
                                            [&](const ValueBlocks::Block &candidate) { return !isBehind(candidate.first); });
    const auto blocks = std::size_t(block - m_blocks.all().begin());
    // What stands before the first finite value of that block may be behind, too.
    std::size_t low = blocks == 0 ? 0 : (blocks - 1) * ValueBlocks::size;
    std::size_t high = std::min((blocks + 1) * ValueBlocks::size, m_points.size());
    while (low < high) {
        const std::size_t middle = low + (high - low) / 2;
        if (isBehind(m_points[middle]))
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

std::size_t MetricSeries::lowerBound(const XScale &scale, double x) const
{
    return firstThat([&](const MetricPoint &point) { return scale.at(point.step, point.wallTime) >= x; });
}

std::optional<std::size_t> MetricSeries::nearest(const XScale &scale, double x) const
{
    if (m_points.empty())
        return {};
    const std::size_t right = lowerBound(scale, x);
    if (right == 0)
        return 0;
    if (right == m_points.size())
        return right - 1;
    const auto distance = [&](std::size_t i) {
        const MetricPoint point = m_points[i];
        return std::abs(scale.at(point.step, point.wallTime) - x);
    };
    return distance(right - 1) <= distance(right) ? right - 1 : right;
}

const PagedArray<double> &MetricSeries::smoothed(double weight, std::size_t atMost) const
{
    if (weight != m_smoothedWeight) {
        m_smoothed.clear();
        m_smoothedBlocks.clear();
        m_sum = m_norm = 0;
        m_smoothedWeight = weight;
    }
    const std::size_t begin = m_smoothed.size(), end = begin + std::min(atMost, m_points.size() - begin);
    for (std::size_t i = begin; i < end; ++i) {
        MetricPoint point = m_points[i];
        if (std::isfinite(point.value)) {
            m_sum = weight * m_sum + (1 - weight) * point.value;
            m_norm = weight * m_norm + (1 - weight);
            point.value = m_sum / m_norm;
        } else {
            point.value = std::numeric_limits<double>::quiet_NaN();
        }
        m_smoothed.push_back(point.value);
        m_smoothedBlocks.add(point);
    }
    return m_smoothed;
}

MetricFamily familyOf(const std::string &metricName)
{
    static constexpr std::pair<const char *, CurveRole> prefixes[] = {
        {"train/", CurveRole::Train},           {"train_", CurveRole::Train},
        {"training/", CurveRole::Train},        {"val/", CurveRole::Validation},
        {"val_", CurveRole::Validation},        {"valid/", CurveRole::Validation},
        {"validation/", CurveRole::Validation}, {"test/", CurveRole::Validation},
        {"test_", CurveRole::Validation},
    };
    MetricFamily result{QString::fromUtf8(metricName), CurveRole::Plain};
    for (const auto &[prefix, role] : prefixes) {
        const QString text = QString::fromLatin1(prefix);
        if (result.family.startsWith(text, Qt::CaseInsensitive) && result.family.size() > text.size()) {
            result = {result.family.mid(text.size()), role};
            break;
        }
    }
    const QString lower = result.family.toLower();
    if (lower == "loss"_L1 || lower == "accuracy"_L1)
        result.family = lower;
    return result;
}

} // namespace bottega
