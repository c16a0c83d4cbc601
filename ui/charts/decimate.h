// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/metricseries.h"

#include <QList>
#include <QPointF>

#include <optional>
#include <utility>

namespace bottega {

/// A curve made ready for one view, in the units of the axes.
struct CurveShape
{
    QList<QList<QPointF>> lines; // one polyline per stretch without a gap; a lone point is a polyline of one
    QList<double> notFinite;     // where values were NaN or infinite, at most one per column

    [[nodiscard]] qsizetype pointCount() const;
};

/// The part of a curve with `from` ≤ x ≤ `to`, and one point more on both sides, so that lines reach the edge. At most
/// four points (first, lowest, highest, last) for each of the `columns`, the raw points where there are fewer. A value
/// that is not finite ends a line where it is wide enough to be seen. `values`, where given, are the
/// series' own smoothed ones. Costs little for each 256 points, which are looked at as a block.
[[nodiscard]] CurveShape decimate(const MetricSeries &series, const XScale &scale, double from, double to, int columns,
                                  const PagedArray<double> *values = nullptr);

/// Lowest and highest value that the curve takes with `from` ≤ x ≤ `to`, also between its points at the edges.
[[nodiscard]] std::optional<std::pair<double, double>> valueRange(const MetricSeries &series, const XScale &scale,
                                                                  double from, double to);

} // namespace bottega
