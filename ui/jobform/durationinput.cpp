// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobform/durationinput.h"

#include "core/base/bytesize.h"

#include <QRegularExpression>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

std::optional<double> clockSeconds(const QString &text)
{
    static const QRegularExpression clock(u"^(?:(\\d{1,4}):)?(\\d{1,4}):([0-5]?\\d)$"_s);
    const QRegularExpressionMatch match = clock.match(text);
    if (!match.hasMatch())
        return std::nullopt;
    return match.captured(1).toDouble() * 3600 + match.captured(2).toDouble() * 60 + match.captured(3).toDouble();
}

double secondsOfUnit(const QString &unit)
{
    if (unit.startsWith(u'd') || unit.startsWith(u'g'))
        return 86400;
    if (unit.startsWith(u'h') || unit.startsWith(u'o'))
        return 3600;
    return unit.startsWith(u'm') ? 60 : 1;
}

} // namespace

std::optional<double> parseDuration(const QString &text)
{
    const QString trimmed = text.trimmed().toLower();
    if (trimmed.isEmpty())
        return 0;
    if (const auto clock = clockSeconds(trimmed))
        return clock;
    static const QRegularExpression amount(u"^(\\d{1,9}(?:[.,]\\d{1,3})?)\\s*(s|sec|m|min|h|o|d|g)?$"_s);
    const QRegularExpressionMatch match = amount.match(trimmed);
    if (!match.hasMatch())
        return std::nullopt;
    return match.captured(1).replace(u',', u'.').toDouble() * secondsOfUnit(match.captured(2));
}

std::optional<std::uint64_t> parseSize(const QString &text)
{
    const QString trimmed = text.trimmed().replace(u',', u'.');
    if (trimmed.isEmpty())
        return 0;
    return bytesFromText(trimmed.toStdString());
}

QString sizeInput(std::uint64_t bytes)
{
    constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20, gibibyte = std::uint64_t{1} << 30;
    if (bytes == 0)
        return {};
    if (bytes % gibibyte == 0)
        return u"%1 GiB"_s.arg(bytes / gibibyte);
    return bytes % mebibyte == 0 ? u"%1 MiB"_s.arg(bytes / mebibyte) : QString::number(bytes);
}

} // namespace bottega
