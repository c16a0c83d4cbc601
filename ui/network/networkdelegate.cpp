// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/network/networkdelegate.h"

#include "ui/network/networkmodel.h"
#include "ui/widgets/theme.h"

#include <QApplication>
#include <QPainter>
#include <QPainterPath>

namespace bottega {

namespace {

constexpr qreal laneWidth = 12;
constexpr qreal arrowRoom = 10; // between two blocks
constexpr qreal head = 4;       // of an arrow
constexpr qreal barHeight = 3;

QColor colorOf(NetworkModel::Kind kind)
{
    switch (kind) {
    case NetworkModel::Kind::Weights:
        return theme::color(theme::Color::Accent);
    case NetworkModel::Kind::Pooling:
        return theme::color(theme::Color::Success);
    case NetworkModel::Kind::Addition:
        return theme::color(theme::Color::Validation);
    case NetworkModel::Kind::Helper:
        return theme::color(theme::Color::Warning);
    case NetworkModel::Kind::Picture:
    case NetworkModel::Kind::Activation:
        return theme::color(theme::Color::Muted);
    }
    Q_UNREACHABLE();
}

QColor translucent(QColor color, qreal alpha)
{
    color.setAlphaF(static_cast<float>(alpha));
    return color;
}

QPen linePen()
{
    return {theme::color(theme::Color::Muted), 1.25};
}

void fillHead(QPainter &painter, const QPointF &tip, const QPointF &back, const QPointF &side)
{
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme::color(theme::Color::Muted));
    painter.drawPolygon(QPolygonF{tip, tip + back + side, tip + back - side});
}

} // namespace

QRectF NetworkDelegate::blockRect(const QStyleOptionViewItem &option) const
{
    const qreal left = m_laneCount > 0 ? m_laneCount * laneWidth + theme::gap : theme::tight;
    return QRectF(option.rect).adjusted(left, arrowRoom, -theme::gap, 0);
}

qreal NetworkDelegate::laneX(const QStyleOptionViewItem &option, int lane) const
{
    return blockRect(option).left() - theme::gap - (lane + 0.5) * laneWidth + laneWidth / 2;
}

QSize NetworkDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const QSize text = QStyledItemDelegate::sizeHint(option, index);
    const int height = option.fontMetrics.height() + 2 * (theme::tight + 1) + static_cast<int>(arrowRoom);
    if (index.column() != NetworkModel::Layer)
        return {text.width() + 2 * theme::gap, height};
    const QString words = index.data().toString() + index.data(NetworkModel::NameRole).toString();
    const qreal beside = option.rect.width() - blockRect(option).width();
    return {option.fontMetrics.horizontalAdvance(words) + static_cast<int>(beside) + 4 * theme::gap, height};
}

void NetworkDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setFont(option.font);
    if (index.column() == NetworkModel::Layer) {
        if (index.row() > 0)
            paintArrow(*painter, option, index);
        paintLanes(*painter, option, index);
        paintBlock(*painter, option, index);
    } else {
        paintNumber(*painter, option, index);
    }
    painter->restore();
}

void NetworkDelegate::paintArrow(QPainter &painter, const QStyleOptionViewItem &option, const QModelIndex &) const
{
    const QRectF block = blockRect(option);
    const qreal x = block.left() + 2 * theme::gap;
    painter.setPen(linePen());
    painter.drawLine(QPointF(x, option.rect.top()), QPointF(x, block.top() - head));
    fillHead(painter, {x, block.top()}, {0, -head - 1}, {head - 0.5, 0});
}

void NetworkDelegate::paintLanes(QPainter &painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const QRectF block = blockRect(option);
    const qreal top = option.rect.top(), bottom = option.rect.top() + option.rect.height();
    const qreal bend = laneWidth / 2;
    for (const auto &mark : index.data(NetworkModel::LanesRole).value<QList<NetworkModel::LaneMark>>()) {
        const qreal x = laneX(option, mark.lane);
        // A way ends above the middle and starts below it, so that one row may do both.
        const qreal in = block.center().y() - block.height() / 5, out = block.center().y() + block.height() / 5;
        QPainterPath path;
        if (mark.part == NetworkModel::LaneMark::Through) {
            path.moveTo(x, top);
            path.lineTo(x, bottom);
        } else if (mark.part == NetworkModel::LaneMark::Start) {
            path.moveTo(block.left(), out);
            path.lineTo(x + bend, out);
            path.quadTo(x, out, x, out + bend);
            path.lineTo(x, bottom);
        } else {
            path.moveTo(x, top);
            path.lineTo(x, in - bend);
            path.quadTo(x, in, x + bend, in);
            path.lineTo(block.left() - head, in);
        }
        painter.setPen(linePen());
        painter.setBrush(Qt::NoBrush);
        painter.drawPath(path);
        if (mark.part == NetworkModel::LaneMark::End)
            fillHead(painter, {block.left(), in}, {-head - 1, 0}, {0, head - 0.5});
    }
}

void NetworkDelegate::paintBlock(QPainter &painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const bool isWrong = !index.data(NetworkModel::ProblemRole).toString().isEmpty();
    const QColor color = isWrong ? theme::color(theme::Color::Danger)
                                 : colorOf(static_cast<NetworkModel::Kind>(index.data(NetworkModel::KindRole).toInt()));
    const bool isCurrent = option.state.testFlag(QStyle::State_Selected) && option.state.testFlag(QStyle::State_Active);
    const QRectF block = blockRect(option).adjusted(0.5, 0.5, -0.5, -0.5);
    painter.setPen(QPen(isWrong || isCurrent ? color : translucent(color, 0.45), isWrong || isCurrent ? 2 : 1));
    painter.setBrush(theme::color(theme::Color::Surface));
    painter.drawRoundedRect(block, theme::tight, theme::tight);
    painter.setBrush(translucent(color, isCurrent ? 0.22 : 0.12));
    painter.drawRoundedRect(block, theme::tight, theme::tight);

    QRectF words = block.adjusted(theme::gap, 0, -theme::gap, 0);
    if (isWrong) {
        const qreal size = option.fontMetrics.height();
        const QRectF place(words.left(), block.center().y() - size / 2, size, size);
        theme::icon(QStringLiteral("warning"), theme::Color::Danger).paint(&painter, place.toAlignedRect());
        words.setLeft(place.right() + theme::tight);
    }
    const QString name = index.data(NetworkModel::NameRole).toString();
    painter.setPen(theme::color(theme::Color::Muted));
    painter.drawText(words, Qt::AlignRight | Qt::AlignVCenter, name);
    words.setRight(words.right() - option.fontMetrics.horizontalAdvance(name) - theme::gap);
    painter.setPen(option.palette.color(QPalette::Text));
    painter.drawText(words, Qt::AlignLeft | Qt::AlignVCenter,
                     option.fontMetrics.elidedText(index.data().toString(), Qt::ElideRight, static_cast<int>(words.width())));
}

void NetworkDelegate::paintNumber(QPainter &painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const QRectF place = QRectF(option.rect).adjusted(theme::tight, arrowRoom, -theme::gap - theme::tight, 0); // under its title
    painter.setPen(index.column() == NetworkModel::Output ? theme::color(theme::Color::Muted)
                                                          : option.palette.color(QPalette::Text));
    painter.drawText(place, Qt::AlignRight | Qt::AlignVCenter, index.data().toString());
    const qreal share = index.data(NetworkModel::ShareRole).toDouble();
    if (index.column() != NetworkModel::Parameters || share <= 0)
        return;
    const QRectF track(place.left(), place.bottom() - barHeight, place.width(), barHeight);
    QRectF bar = track;
    bar.setLeft(bar.right() - qMax(1.0, share * bar.width()));
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme::color(theme::Color::Border));
    painter.drawRoundedRect(track, barHeight / 2, barHeight / 2);
    painter.setBrush(theme::color(theme::Color::Accent));
    painter.drawRoundedRect(bar, barHeight / 2, barHeight / 2);
}

} // namespace bottega
