// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/legendchip.h"

#include "ui/widgets/format.h"
#include "ui/widgets/theme.h"

#include <QEvent>
#include <QFontMetrics>
#include <QPainter>
#include <QStyleOptionFocusRect>

#include <algorithm>

namespace bottega {

namespace {
constexpr int sampleWidth = 24;
constexpr int widestLabel = 160;
} // namespace

LegendChip::LegendChip(const QString &label, QWidget *parent)
    : QAbstractButton(parent)
    , m_label(shownText(label))
{
    setCheckable(true);
    setChecked(true);
    setFont(theme::font(-1));
    setAttribute(Qt::WA_Hover);
    setCursor(Qt::PointingHandCursor);
    setFocusPolicy(Qt::TabFocus);
    setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    connect(this, &QAbstractButton::toggled, this, &LegendChip::describe);
    describe();
}

void LegendChip::setStyleOf(const CurveStyle &style)
{
    m_style = style;
    update();
}

void LegendChip::setValue(const QString &value)
{
    if (m_value == value)
        return;
    const bool grew = value.size() != m_value.size();
    m_value = value;
    describe();
    if (grew)
        updateGeometry();
    update();
}

void LegendChip::describe()
{
    setAccessibleName(m_value.isEmpty() ? m_label : tr("%1, now %2", "curve and its value").arg(m_label, m_value));
    setAccessibleDescription(isChecked() ? tr("Shown. Press to hide this curve.")
                                         : tr("Hidden. Press to show this curve."));
}

QSize LegendChip::sizeHint() const
{
    const QFontMetrics bold(theme::font(-1, true));
    const int label = std::min(widestLabel, fontMetrics().horizontalAdvance(m_label) + 4);
    const int value = m_value.isEmpty() ? 0 : theme::gap + bold.horizontalAdvance(m_value);
    return {sampleWidth + 3 * theme::gap + label + value, fontMetrics().height() + theme::gap};
}

QSize LegendChip::minimumSizeHint() const
{
    return {sampleWidth + 6 * theme::gap, sizeHint().height()};
}

bool LegendChip::event(QEvent *event)
{
    if (event->type() == QEvent::HoverEnter || event->type() == QEvent::HoverLeave)
        update();
    return QAbstractButton::event(event);
}

void LegendChip::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (underMouse() || hasFocus()) {
        painter.setPen(hasFocus() ? QPen(theme::color(theme::Color::Accent), 1.5) : QPen(Qt::NoPen));
        painter.setBrush(underMouse() ? QBrush(palette().color(QPalette::Midlight)) : QBrush(Qt::NoBrush));
        painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), theme::radius, theme::radius);
    }
    painter.setOpacity(isChecked() ? 1 : 0.45);
    paintCurveSample(painter, QRectF(theme::gap, 0, sampleWidth, height()), m_style);

    const QFontMetrics bold(theme::font(-1, true));
    const int valueWidth = m_value.isEmpty() ? 0 : bold.horizontalAdvance(m_value) + theme::gap;
    QRect text = rect().adjusted(theme::gap * 2 + sampleWidth, 0, -theme::gap, 0);
    const int labelWidth = std::max(0, text.width() - valueWidth);
    QFont labelFont = font();
    labelFont.setStrikeOut(!isChecked());
    painter.setFont(labelFont);
    painter.setPen(palette().color(QPalette::WindowText));
    painter.drawText(text, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                     fontMetrics().elidedText(m_label, Qt::ElideMiddle, labelWidth));
    painter.setFont(theme::font(-1, true));
    painter.drawText(text, Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine, m_value);
}

} // namespace bottega
