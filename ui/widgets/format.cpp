// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/format.h"

#include "ui/widgets/showncharacter.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>
#include <QTextDocument>

#include <algorithm>
#include <cmath>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

struct Format
{
    Q_DECLARE_TR_FUNCTIONS(bottega::Format)
};

constexpr qint64 minute = 60;
constexpr qint64 hour = 60 * minute;
constexpr qint64 day = 24 * hour;

QString twoDigits(qint64 number)
{
    return u"%1"_s.arg(number, 2, 10, QChar(u'0'));
}

qint64 wholeSeconds(double seconds)
{
    return std::isfinite(seconds) ? static_cast<qint64>(std::clamp(seconds, 0.0, 1e12)) : 0;
}

} // namespace

QString durationText(double seconds)
{
    const qint64 total = wholeSeconds(seconds);
    if (total >= 2 * day)
        return Format::tr("%1 d %2 h", "days, hours").arg(total / day).arg(total % day / hour);
    const QString rest = twoDigits(total % minute);
    if (total >= hour)
        return u"%1:%2:%3"_s.arg(QString::number(total / hour), twoDigits(total % hour / minute), rest);
    return u"%1:%2"_s.arg(QString::number(total / minute), rest);
}

QString ageText(double seconds)
{
    const qint64 total = wholeSeconds(seconds);
    if (total < 1)
        return Format::tr("just now");
    if (total < minute)
        return Format::tr("%1 s ago", "seconds").arg(total);
    if (total < hour)
        return Format::tr("%1 min ago", "minutes").arg(total / minute);
    if (total < 2 * day)
        return Format::tr("%1 h ago", "hours").arg(total / hour);
    return Format::tr("%1 d ago", "days").arg(total / day);
}

QString momentText(double secondsSinceEpoch)
{
    if (!(secondsSinceEpoch > 0))
        return u"–"_s;
    const QDateTime moment = QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(secondsSinceEpoch * 1000));
    const QDate today = QDate::currentDate();
    const QLocale locale;
    if (moment.date() == today)
        return locale.toString(moment.time(), u"HH:mm"_s);
    return locale.toString(moment, moment.date().year() == today.year() ? u"d MMM HH:mm"_s : u"d MMM yyyy HH:mm"_s);
}

QString percentText(double share, int decimals)
{
    if (!std::isfinite(share))
        return u"–"_s;
    return Format::tr("%1 %", "percent").arg(QLocale().toString(share * 100, 'f', decimals));
}

QString bytesText(std::uint64_t bytes)
{
    return QLocale().formattedDataSize(static_cast<qint64>(bytes), 1, QLocale::DataSizeSIFormat);
}

QString shownText(QString text, qsizetype limit)
{
    if (text.size() > limit) {
        text.truncate(limit - 1);
        if (text.back().isHighSurrogate())
            text.chop(1); // half a character
        text += u'…';
    }
    for (QChar &c : text)
        if (c != u'\n' && c != u'\t')
            c = shownCharacter(c);
    return text;
}

QString shownText(const std::string &text, qsizetype limit)
{
    return shownText(QString::fromStdString(text), limit);
}

QString wrappedText(const QString &text, qsizetype width)
{
    QStringList lines;
    for (QString line : text.split(u'\n')) {
        while (line.size() > width) {
            const qsizetype space = line.lastIndexOf(u' ', width);
            const qsizetype end = space > 0 ? space : width;
            lines += line.left(end);
            line.remove(0, space > 0 ? end + 1 : end);
        }
        lines += line;
    }
    return lines.join(u'\n');
}

QString plainToolTip(const QString &text)
{
    constexpr qsizetype limit = 1000; // a tool tip has no scroll bar
    const QString shown = wrappedText(shownText(text, limit));
    return Qt::mightBeRichText(shown) ? Qt::convertFromPlainText(shown) : shown;
}

QString plainLabel(const QString &text)
{
    constexpr qsizetype limit = 80;
    return shownText(text.simplified(), limit).replace(u'&', "&&"_L1);
}

} // namespace bottega
