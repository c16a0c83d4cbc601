// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/metricseries.h"

#include <QCoreApplication>
#include <QString>

namespace bottega {

/// A curve in words, for people who listen: "val/loss falls to 0.081 at step 4,220, best; rising since".
class CurveSummary
{
    Q_DECLARE_TR_FUNCTIONS(CurveSummary)
public:
    [[nodiscard]] static QString of(const MetricSeries &series);
};

} // namespace bottega
