// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/logs/logcolors.h"

#include "ui/widgets/theme.h"

#include <QApplication>
#include <QPalette>

#include <algorithm>
#include <cmath>

namespace bottega {

namespace {

constexpr int foregroundProperty = QTextFormat::UserProperty + 1;
constexpr int backgroundProperty = QTextFormat::UserProperty + 2;
constexpr unsigned exactFlag = 1u << 24;

// black red green yellow blue magenta cyan white, then the bright ones
constexpr QRgb onLight[] = {0xff23211e, 0xffb3261e, 0xff1d7a46, 0xff8f5b00, 0xff2b57c8, 0xff8e36a8, 0xff0f7384, 0xff67635c,
                            0xff67635c, 0xffcf3a31, 0xff2a8a54, 0xff9c6700, 0xff3f6be0, 0xffa34dbd, 0xff178394, 0xff4c4944};
constexpr QRgb onDark[] = {0xff8d8b86, 0xfff3857b, 0xff62cc92, 0xffe7b768, 0xff86a9ff, 0xffd793ec, 0xff66cfe0, 0xffd6d3cc,
                           0xffa5a29b, 0xffff9f96, 0xff83e0ad, 0xfff4cb85, 0xffa6c0ff, 0xffe5aef5, 0xff8be2f0, 0xffffffff};

double luminance(const QColor &color)
{
    const auto linear = [](double channel) {
        return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

double contrast(const QColor &a, const QColor &b)
{
    const double high = std::max(luminance(a), luminance(b)), low = std::min(luminance(a), luminance(b));
    return (high + 0.05) / (low + 0.05);
}

QColor readable(QColor color, const QColor &ground)
{
    const QColor goal = luminance(ground) > 0.18 ? Qt::black : Qt::white;
    for (int step = 0; step < 10 && contrast(color, ground) < 4.5; ++step)
        color = QColor::fromRgbF(0.8F * color.redF() + 0.2F * goal.redF(), 0.8F * color.greenF() + 0.2F * goal.greenF(),
                                 0.8F * color.blueF() + 0.2F * goal.blueF());
    return color;
}

QColor shade(const LogColor &color)
{
    if (color.kind == LogColor::Kind::Exact)
        return QColor::fromRgb(color.value);
    return QColor::fromRgb((theme::isDark() ? onDark : onLight)[color.value & 15]);
}

unsigned packed(const LogColor &color)
{
    return color.kind == LogColor::Kind::Exact ? color.value | exactFlag : color.value;
}

LogColor unpacked(const QTextFormat &format, int property)
{
    if (!format.hasProperty(property))
        return {};
    const unsigned value = format.property(property).toUInt();
    return value & exactFlag ? LogColor{LogColor::Kind::Exact, value & ~exactFlag}
                             : LogColor{LogColor::Kind::Indexed, value};
}

} // namespace

QTextCharFormat logFormat(const LogStyle &style)
{
    QTextCharFormat format;
    QColor ground = QApplication::palette().color(QPalette::Base);
    if (style.background.kind != LogColor::Kind::None) {
        ground = shade(style.background);
        format.setBackground(ground);
        format.setProperty(backgroundProperty, packed(style.background));
        format.setForeground(readable(QApplication::palette().color(QPalette::Text), ground));
    }
    if (style.foreground.kind != LogColor::Kind::None) {
        format.setForeground(readable(shade(style.foreground), ground));
        format.setProperty(foregroundProperty, packed(style.foreground));
    }
    if (style.bold)
        format.setFontWeight(QFont::Bold);
    return format;
}

QTextCharFormat recoloured(const QTextCharFormat &format)
{
    return logFormat({unpacked(format, foregroundProperty), unpacked(format, backgroundProperty),
                      format.fontWeight() == QFont::Bold});
}

} // namespace bottega
