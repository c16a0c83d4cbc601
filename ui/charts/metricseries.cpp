// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/metricseries.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bottega {

using namespace Qt::StringLiterals;

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
    for (MetricPoint point : points) {
        if (!m_points.empty() && point.step < m_points.back().step) {
            insertSorted(point);
            continue;
        }
        if (!m_points.empty())
            point.wallTime = std::max(point.wallTime, m_points.back().wallTime);
        m_points.push_back(point);
        account(m_points.size() - 1);
    }
}

void MetricSeries::insertSorted(const MetricPoint &point)
{
    const auto after = std::upper_bound(m_points.begin(), m_points.end(), point.step,
                                        [](std::int64_t step, const MetricPoint &p) { return step < p.step; });
    const double earliest = after == m_points.begin() ? point.wallTime : std::prev(after)->wallTime;
    MetricPoint placed = point;
    placed.wallTime = std::clamp(point.wallTime, std::min(earliest, after->wallTime), after->wallTime);
    m_points.insert(after, placed);
    recount();
}

void MetricSeries::recount()
{
    m_best.reset();
    m_firstNotFinite.reset();
    m_notFinite = 0;
    m_smoothedWeight = -1;
    for (std::size_t i = 0; i < m_points.size(); ++i)
        account(i);
}

void MetricSeries::account(std::size_t index)
{
    const double value = m_points[index].value;
    if (!std::isfinite(value)) {
        ++m_notFinite;
        if (!m_firstNotFinite)
            m_firstNotFinite = index;
        return;
    }
    if (!m_best || (m_betterLower ? value < m_points[*m_best].value : value > m_points[*m_best].value))
        m_best = index;
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

const std::vector<double> &MetricSeries::smoothed(double weight) const
{
    if (weight != m_smoothedWeight) {
        m_smoothed.clear();
        m_sum = m_norm = 0;
        m_smoothedWeight = weight;
    }
    for (std::size_t i = m_smoothed.size(); i < m_points.size(); ++i) {
        const double value = m_points[i].value;
        if (!std::isfinite(value)) {
            m_smoothed.push_back(std::numeric_limits<double>::quiet_NaN());
            continue;
        }
        m_sum = weight * m_sum + (1 - weight) * value;
        m_norm = weight * m_norm + (1 - weight);
        m_smoothed.push_back(m_sum / m_norm);
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
