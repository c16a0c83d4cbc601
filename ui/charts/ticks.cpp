// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/ticks.h"

#include <QLocale>

#include <algorithm>
#include <cmath>

namespace bottega {

using namespace Qt::StringLiterals;

double tickStep(double span, int wanted)
{
    if (!(span > 0) || !std::isfinite(span))
        return 1;
    const double raw = span / std::max(wanted, 1);
    const double power = std::pow(10, std::floor(std::log10(raw)));
    for (const double factor : {1., 2., 5.})
        if (raw <= factor * power * 1.0000001)
            return factor * power;
    return 10 * power;
}

QString tickFormat(double step, double largest)
{
    const int exponent = int(std::floor(std::log10(step) + 1e-9));
    if (largest >= 1e7 || exponent < -5) {
        const int digits = largest > 0 ? int(std::floor(std::log10(largest))) - exponent : 1;
        return u"%.%1e"_s.arg(std::clamp(digits, 0, 4));
    }
    return u"%.%1f"_s.arg(std::max(0, -exponent));
}

QString valueText(double value)
{
    if (std::isnan(value))
        return u"NaN"_s;
    if (std::isinf(value))
        return value > 0 ? u"+∞"_s : u"−∞"_s;
    const double size = std::abs(value);
    const QLocale locale;
    if (size >= 1e9 || (size > 0 && size < 1e-4))
        return locale.toString(value, 'e', 2);
    const int whole = size < 1 ? 0 : int(std::floor(std::log10(size)));
    return locale.toString(value, 'f', std::clamp(size < 1 ? 4 : 3 - whole, 0, 4));
}

QString countText(qint64 count)
{
    QLocale locale;
    locale.setNumberOptions(locale.numberOptions() & ~QLocale::OmitGroupSeparator);
    return locale.toString(count);
}

} // namespace bottega
