// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/pagedarray.h"
#include "core/run/metricstream.h"
#include "ui/charts/valueblocks.h"

#include <QString>

#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <vector>

namespace bottega {

/// What the horizontal axis shows.
enum class XAxis {
    Step,
    Epoch,
    RelativeTime, // since the run's first point
};

/// Turns a point into its place on the horizontal axis. A value; the same for all curves of a run.
struct XScale
{
    XAxis axis = XAxis::Step;
    double stepsPerEpoch = 0;   // 0: not known, the epoch axis is not offered then
    double startTime = 0;       // wall time of the run's first point, seconds
    double secondsPerUnit = 1;  // 1, 60 or 3600, for the time axis

    [[nodiscard]] double at(std::int64_t step, double wallTime) const;
};

/// All points of one metric, in the order of their steps; none is ever sampled away. Wall time never runs backwards here,
/// so that every horizontal axis is sorted: it holds still where a clock was set back a little, and goes on from where it
/// was by another clock where it was set back by more than five seconds. GUI thread only.
class MetricSeries
{
public:
    /// `pool` says how many of the points memory holds; none: all.
    explicit MetricSeries(std::string name = {}, std::shared_ptr<PagePool> pool = {});

    void append(const std::vector<MetricPoint> &points);

    [[nodiscard]] const std::string &name() const { return m_name; }
    [[nodiscard]] bool isBetterLower() const { return m_betterLower; }
    [[nodiscard]] bool isEmpty() const { return m_points.empty(); }
    [[nodiscard]] std::size_t size() const { return m_points.size(); }
    [[nodiscard]] MetricPoint at(std::size_t index) const { return m_points[index]; }
    [[nodiscard]] const PagedArray<MetricPoint> &points() const { return m_points; }

    /// Index of the best finite point, the first of equals.
    [[nodiscard]] std::optional<std::size_t> best() const { return m_best; }
    [[nodiscard]] std::size_t notFiniteCount() const { return m_notFinite; } // NaN and infinities
    [[nodiscard]] std::optional<std::size_t> firstNotFinite() const { return m_firstNotFinite; }
    [[nodiscard]] std::optional<std::size_t> firstFinite() const { return m_firstFinite; }
    [[nodiscard]] std::optional<std::size_t> lastFinite() const { return m_lastFinite; }

    /// First index whose x is not below `x`, size() where there is none.
    [[nodiscard]] std::size_t lowerBound(const XScale &scale, double x) const;
    /// Index of the point whose x is nearest; nothing for an empty series.
    [[nodiscard]] std::optional<std::size_t> nearest(const XScale &scale, double x) const;

    /// Exponential moving average of the finite values, without the bias of its start; one per point, NaN where the
    /// point is not finite. `weight` of the past, 0 ≤ weight < 1. Kept, and only continued for new points: for `atMost` of
    /// them a call, so that it may have fewer than there are points.
    [[nodiscard]] const PagedArray<double> &smoothed(double weight,
                                                     std::size_t atMost = std::numeric_limits<std::size_t>::max()) const;

    [[nodiscard]] const ValueBlocks &blocks() const { return m_blocks; }
    [[nodiscard]] const ValueBlocks &smoothedBlocks() const { return m_smoothedBlocks; } // of smoothed() as last asked for

private:
    [[nodiscard]] double steadyTime(double wallTime);
    void add(const MetricPoint &point);
    void mergeLate(std::vector<MetricPoint> late);
    void cutAt(std::size_t index);
    void takeFromBlocks();
    [[nodiscard]] std::size_t firstThat(const std::function<bool(const MetricPoint &)> &isBehind) const;

    std::string m_name;
    bool m_betterLower = false;
    std::shared_ptr<PagePool> m_pool;
    PagedArray<MetricPoint> m_points;
    std::vector<double> m_clocks{0}; // seconds to add to the wall time, ascending: one for each time the clock was set back
    std::optional<std::size_t> m_best;
    double m_bestValue = 0;
    std::optional<std::size_t> m_firstNotFinite, m_firstFinite, m_lastFinite;
    std::size_t m_notFinite = 0;
    ValueBlocks m_blocks;

    mutable PagedArray<double> m_smoothed;
    mutable ValueBlocks m_smoothedBlocks;
    mutable double m_smoothedWeight = -1;
    mutable double m_sum = 0, m_norm = 0; // of the running average
};

/// "val/loss" is the validation curve of "loss": what puts the curves of one quantity into one chart.
enum class CurveRole {
    Train,
    Validation,
    Plain,
};
struct MetricFamily
{
    QString family; // "loss", "accuracy", "images/s"; lower case for the two known ones
    CurveRole role = CurveRole::Plain;
};
[[nodiscard]] MetricFamily familyOf(const std::string &metricName);

} // namespace bottega
