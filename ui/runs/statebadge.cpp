// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/statebadge.h"

#include "ui/runs/runstyle.h"

#include <QPainter>

namespace bottega {

namespace {

constexpr int iconSize = 16;
constexpr int badgeHeight = 26;

} // namespace

StateBadge::StateBadge(QWidget *parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setFont(theme::font(0, true));
    setState(m_state);
}

void StateBadge::setState(RunState state)
{
    m_state = state;
    setAccessibleName(tr("State: %1").arg(stateText(state)));
    updateGeometry();
    update();
}

QSize StateBadge::sizeHint() const
{
    return {theme::gap + iconSize + theme::tight + 2 + fontMetrics().horizontalAdvance(stateText(m_state)) + theme::gap + 4,
            badgeHeight};
}

void StateBadge::paintEvent(QPaintEvent *)
{
    const QColor ink = theme::color(stateColor(m_state));
    QColor plate = ink;
    plate.setAlpha(theme::isDark() ? 44 : 26);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(plate);
    painter.drawRoundedRect(rect(), badgeHeight / 2.0, badgeHeight / 2.0);
    stateIcon(m_state).paint(&painter, QRect(theme::gap, (height() - iconSize) / 2, iconSize, iconSize));
    painter.setPen(ink);
    painter.drawText(rect().adjusted(theme::gap + iconSize + theme::tight + 2, 0, 0, 0),
                     Qt::AlignVCenter | Qt::AlignLeft, stateText(m_state));
}

} // namespace bottega
