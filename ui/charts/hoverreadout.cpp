// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/hoverreadout.h"

#include "ui/widgets/theme.h"

#include <QFontMetrics>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {
constexpr int sampleWidth = 22;
constexpr int widestLabel = 220;
} // namespace

HoverReadout::HoverReadout(QWidget *parent)
    : QWidget(parent)
{
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setFont(theme::font(-1));
    hide();
}

int HoverReadout::lineHeight() const
{
    return fontMetrics().height() + theme::tight;
}

void HoverReadout::showAt(const QPoint &anchor, const QRect &area, const QString &title, QList<Row> rows)
{
    // NaN has no place in an order: it goes last.
    std::stable_sort(rows.begin(), rows.end(), [](const Row &a, const Row &b) {
        return std::isnan(b.sortValue) ? !std::isnan(a.sortValue) : a.sortValue > b.sortValue;
    });
    m_title = title;
    m_rows = std::move(rows);
    m_labelWidth = m_valueWidth = m_noteWidth = 0;
    const QFontMetrics bold(theme::font(-1, true));
    for (const Row &row : std::as_const(m_rows)) {
        m_labelWidth = std::max(m_labelWidth, std::min(widestLabel, fontMetrics().horizontalAdvance(row.label) + 4));
        m_valueWidth = std::max(m_valueWidth, bold.horizontalAdvance(row.value));
        m_noteWidth = std::max(m_noteWidth, row.note.isEmpty() ? 0
                                                               : fontMetrics().horizontalAdvance(row.note) + theme::gap);
    }
    resize(sizeHint());
    int x = anchor.x() + theme::wide;
    if (x + width() > area.right())
        x = anchor.x() - theme::wide - width();
    const int y = anchor.y() - height() / 2;
    move(std::clamp(x, area.left(), std::max(area.left(), area.right() - width())),
         std::clamp(y, area.top(), std::max(area.top(), area.bottom() - height())));
    show();
    raise();
    update();
}

QString HoverReadout::text() const
{
    QStringList lines{m_title};
    for (const Row &row : m_rows)
        lines.append(row.note.isEmpty() ? u"%1 %2"_s.arg(row.label, row.value)
                                        : u"%1 %2 %3"_s.arg(row.label, row.value, row.note));
    return lines.join(u'\n');
}

QSize HoverReadout::sizeHint() const
{
    const int rowWidth = sampleWidth + theme::gap + m_labelWidth + theme::wide + m_valueWidth + m_noteWidth;
    const int titleWidth = QFontMetrics(theme::font(-1, true)).horizontalAdvance(m_title);
    return {std::max(rowWidth, titleWidth) + 2 * theme::gap + 2,
            lineHeight() * (int(m_rows.size()) + 1) + 2 * theme::gap};
}

void HoverReadout::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(theme::color(theme::Color::Border));
    painter.setBrush(palette().color(QPalette::ToolTipBase));
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme::radius, theme::radius);

    const QColor text = palette().color(QPalette::ToolTipText);
    const QColor muted = theme::color(theme::Color::Muted);
    QRect line(theme::gap, theme::gap, width() - 2 * theme::gap, lineHeight());
    painter.setFont(theme::font(-1, true));
    painter.setPen(text);
    painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, m_title);
    for (const Row &row : std::as_const(m_rows)) {
        line.translate(0, lineHeight());
        paintCurveSample(painter, QRectF(line.left(), line.top(), sampleWidth, line.height()), row.style);
        QRect cell(line.left() + sampleWidth + theme::gap, line.top(), m_labelWidth, line.height());
        painter.setFont(font());
        painter.setPen(muted);
        painter.drawText(cell, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                         fontMetrics().elidedText(row.label, Qt::ElideMiddle, m_labelWidth));
        cell.setLeft(cell.right() + 1 + theme::wide);
        cell.setWidth(m_valueWidth);
        painter.setFont(theme::font(-1, true));
        painter.setPen(text);
        painter.drawText(cell, Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine, row.value);
        cell.setLeft(cell.right() + 1 + theme::gap);
        cell.setWidth(m_noteWidth);
        painter.setFont(font());
        painter.setPen(muted);
        painter.drawText(cell, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, row.note);
    }
}

} // namespace bottega
