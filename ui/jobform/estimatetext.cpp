// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobform/estimatetext.h"

#include "ui/widgets/errortext.h"

#include <QCoreApplication>
#include <QLocale>

#include <cmath>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

struct EstimateTexts
{
    Q_DECLARE_TR_FUNCTIONS(bottega::EstimateTexts)
};

QString number(double value)
{
    return QLocale().toString(value, 'f', value < 9.95 ? 1 : 0);
}

QString roundedBytes(double bytes)
{
    return QLocale().formattedDataSize(static_cast<qint64>(bytes), bytes < 1e9 ? 0 : 1, QLocale::DataSizeSIFormat);
}

QString basisText(const Estimate &estimate)
{
    const QString run = toQString(estimate.run).section(u'_', -1);
    switch (estimate.basis) {
    case Estimate::Basis::SameRecipe:
        return EstimateTexts::tr("as run %1 of the same recipe went").arg(run);
    case Estimate::Basis::SameDevice:
        return EstimateTexts::tr("judging by run %1 of another network").arg(run);
    case Estimate::Basis::Processor:
        return EstimateTexts::tr("a cautious guess before the first run here");
    case Estimate::Basis::None:
        return EstimateTexts::tr("the time is known after the first run on this GPU");
    }
    Q_UNREACHABLE();
}

} // namespace

QString roundedDuration(double seconds)
{
    if (seconds < 90)
        return EstimateTexts::tr("%1 s", "seconds").arg(QLocale().toString(qMax(1, qRound(seconds))));
    if (seconds < 90 * 60)
        return EstimateTexts::tr("%1 min", "minutes").arg(number(seconds / 60));
    if (seconds < 48 * 3600)
        return EstimateTexts::tr("%1 h", "hours").arg(number(seconds / 3600));
    return EstimateTexts::tr("%1 days").arg(number(seconds / 86'400));
}

QString estimateText(const Estimate &estimate, bool isGpu)
{
    const QString memory = isGpu ? EstimateTexts::tr("%1 of GPU memory").arg(roundedBytes(estimate.bytes)) : roundedBytes(estimate.bytes);
    if (estimate.basis == Estimate::Basis::None)
        return EstimateTexts::tr("About %1; %2", "memory, why there is no time").arg(memory, basisText(estimate));
    return EstimateTexts::tr("About %1 and %2, %3", "time, memory, what that rests on")
        .arg(roundedDuration(estimate.seconds), memory, basisText(estimate));
}

} // namespace bottega
