// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/curvesummary.h"

#include "ui/charts/ticks.h"
#include "ui/widgets/format.h"

#include <cmath>

namespace bottega {

QString CurveSummary::of(const MetricSeries &series)
{
    const QString name = shownText(series.name(), 80);
    if (series.isEmpty())
        return tr("%1 has no points yet").arg(name);
    if (!series.best())
        return tr("%1 has %n points, none of them a finite number", nullptr, int(series.size())).arg(name);

    const std::size_t first = *series.firstFinite(), last = *series.lastFinite(), best = *series.best();
    const QString value = valueText(series.at(best).value);
    const QString step = countText(series.at(best).step);
    QString text;
    if (best == first)
        text = tr("%1 is best at its start, %2 at step %3").arg(name, value, step);
    else if (series.isBetterLower())
        text = tr("%1 falls to %2 at step %3, best").arg(name, value, step);
    else
        text = tr("%1 rises to %2 at step %3, best").arg(name, value, step);
    if (last != best) {
        const double now = series.at(last).value;
        const double travelled = std::abs(series.at(first).value - series.at(best).value);
        const double since = std::abs(now - series.at(best).value);
        const QString nowText = valueText(now);
        if (since <= 0.02 * travelled)
            text = tr("%1; flat since, now %2").arg(text, nowText);
        else if (now > series.at(best).value)
            text = tr("%1; higher since, now %2").arg(text, nowText);
        else
            text = tr("%1; lower since, now %2").arg(text, nowText);
    }
    if (series.notFiniteCount() > 0)
        text = tr("%1; %n values are not finite numbers", nullptr, int(series.notFiniteCount())).arg(text);
    return text;
}

} // namespace bottega
