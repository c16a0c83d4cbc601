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

MetricSeries::MetricSeries(std::string name)
    : m_name(std::move(name))
    , m_betterLower(bottega::isBetterLower(m_name))
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
    const auto first = std::upper_bound(m_points.begin(), m_points.end(), late.front(), isBefore);
    const std::vector<MetricPoint> tail(first, m_points.end()); // ends after the last of `late`
    cutAt(std::size_t(first - m_points.begin()));
    auto next = tail.begin();
    for (MetricPoint &point : late) {
        for (; !isBefore(point, *next); ++next)
            add(*next);
        const double earliest = m_points.empty() ? point.wallTime : m_points.back().wallTime;
        point.wallTime = std::clamp(point.wallTime, std::min(earliest, next->wallTime), next->wallTime);
        add(point);
    }
    for (; next != tail.end(); ++next)
        add(*next);
}

void MetricSeries::add(const MetricPoint &point)
{
    const std::size_t index = m_points.size();
    m_points.push_back(point);
    m_blocks.add(point.value);
    if (!std::isfinite(point.value)) {
        ++m_notFinite;
        if (!m_firstNotFinite)
            m_firstNotFinite = index;
    } else if (isBetter(index, m_best)) {
        m_best = index;
    }
}

bool MetricSeries::isBetter(std::size_t index, std::optional<std::size_t> than) const
{
    const double value = m_points[index].value;
    return std::isfinite(value) &&
           (!than || (m_betterLower ? value < m_points[*than].value : value > m_points[*than].value));
}

/// Costs what is cut off, not what stays.
void MetricSeries::cutAt(std::size_t index)
{
    for (std::size_t i = index; i < m_points.size(); ++i)
        m_notFinite -= std::isfinite(m_points[i].value) ? 0 : 1;
    m_points.resize(index);
    for (std::size_t i = m_blocks.rewind(index); i < index; ++i)
        m_blocks.add(m_points[i].value);
    if (m_firstNotFinite && *m_firstNotFinite >= index)
        m_firstNotFinite.reset();
    if (m_best && *m_best >= index)
        m_best = bestOfBlocks();
    m_smoothedWeight = -1;
}

std::optional<std::size_t> MetricSeries::bestOfBlocks() const
{
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < m_points.size();) {
        const ValueBlocks::Block *block = m_blocks.wholeAt(i);
        const std::size_t candidate = block ? i + (m_betterLower ? block->low : block->high) : i;
        if (isBetter(candidate, best))
            best = candidate;
        i += block ? ValueBlocks::size : 1;
    }
    return best;
}

std::size_t MetricSeries::lowerBound(const XScale &scale, double x) const
{
    const auto found = std::partition_point(m_points.begin(), m_points.end(), [&](const MetricPoint &point) {
        return scale.at(point.step, point.wallTime) < x;
    });
    return std::size_t(found - m_points.begin());
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
        return std::abs(scale.at(m_points[i].step, m_points[i].wallTime) - x);
    };
    return distance(right - 1) <= distance(right) ? right - 1 : right;
}

const std::deque<double> &MetricSeries::smoothed(double weight) const
{
    if (weight != m_smoothedWeight) {
        m_smoothed.clear();
        m_smoothedBlocks.clear();
        m_sum = m_norm = 0;
        m_smoothedWeight = weight;
    }
    for (std::size_t i = m_smoothed.size(); i < m_points.size(); ++i) {
        const double value = m_points[i].value;
        if (!std::isfinite(value)) {
            m_smoothed.push_back(std::numeric_limits<double>::quiet_NaN());
            m_smoothedBlocks.add(value);
            continue;
        }
        m_sum = weight * m_sum + (1 - weight) * value;
        m_norm = weight * m_norm + (1 - weight);
        m_smoothed.push_back(m_sum / m_norm);
        m_smoothedBlocks.add(m_smoothed.back());
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
