// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobform/ratecurve.h"

#include "ui/widgets/theme.h"

#include <QLocale>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

constexpr std::int64_t mostPoints = 400;
constexpr int plotHeight = 64;

} // namespace

RateCurve::RateCurve(QWidget *parent)
    : QWidget(parent)
{
    setFont(theme::font(-1));
    setAccessibleName(tr("Learning rate over the training"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

QSize RateCurve::sizeHint() const
{
    return {200, plotHeight + 2 * fontMetrics().height() + 2 * theme::tight};
}

void RateCurve::setSchedule(const engine::Schedule &schedule, const engine::TrainingLength &length, std::int64_t epochs)
{
    const std::int64_t last = std::max<std::int64_t>(1, length.steps), points = std::min(mostPoints, last);
    m_rates.clear();
    for (std::int64_t i = 0; i < points; ++i)
        m_rates.push_back(schedule.rateAt(points > 1 ? 1 + i * (last - 1) / (points - 1) : 1, length));
    m_highest = *std::max_element(m_rates.begin(), m_rates.end());
    m_epochs = epochs;
    setAccessibleDescription(tr("From %1 over %2 to %3", "learning rate: at the start, highest, at the end")
                                 .arg(QLocale().toString(m_rates.front(), 'g', 3), QLocale().toString(m_highest, 'g', 3),
                                      QLocale().toString(m_rates.back(), 'g', 3)));
    setToolTip(accessibleDescription());
    update();
}

void RateCurve::paintEvent(QPaintEvent *)
{
    if (m_rates.empty())
        return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const qreal line = fontMetrics().height();
    const QRectF plot = QRectF(rect()).adjusted(1, line + theme::tight, -1, -line - theme::tight);
    painter.setPen(QPen(theme::color(theme::Color::Border), 1));
    painter.drawLine(plot.bottomLeft(), plot.bottomRight());
    QPainterPath curve;
    const qreal step = plot.width() / std::max<std::size_t>(1, m_rates.size() - 1);
    for (std::size_t i = 0; i < m_rates.size(); ++i) {
        const qreal share = m_highest > 0 ? m_rates[i] / m_highest : 0;
        const QPointF point(plot.left() + step * static_cast<qreal>(i), plot.bottom() - share * (plot.height() - 2));
        i == 0 ? curve.moveTo(point) : curve.lineTo(point);
    }
    if (m_rates.size() == 1)
        curve.lineTo(plot.right(), curve.currentPosition().y());
    QPainterPath area = curve;
    area.lineTo(plot.bottomRight());
    area.lineTo(plot.bottomLeft());
    QColor tint = theme::color(theme::Color::Accent);
    tint.setAlphaF(0.12f);
    painter.fillPath(area, tint);
    painter.setPen(QPen(theme::color(theme::Color::Accent), 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPath(curve);
    painter.setPen(theme::color(theme::Color::Muted));
    painter.drawText(QRectF(rect()), Qt::AlignLeft | Qt::AlignTop, tr("at most %1", "learning rate").arg(QLocale().toString(m_highest, 'g', 3)));
    painter.drawText(QRectF(rect()), Qt::AlignLeft | Qt::AlignBottom, u"0"_s);
    painter.drawText(QRectF(rect()), Qt::AlignRight | Qt::AlignBottom, tr("%n epoch(s)", nullptr, static_cast<int>(m_epochs)));
}

} // namespace bottega
