// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>

namespace bottega {

/// Draws a NetworkModel: layers as blocks with arrows between them, the ways past them in lanes to the left, and each
/// layer's share of the parameters as a bar under their number.
class NetworkDelegate : public QStyledItemDelegate
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(NetworkDelegate)
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void setLaneCount(int count) { m_laneCount = count; }
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    [[nodiscard]] QRectF blockRect(const QStyleOptionViewItem &option) const;
    [[nodiscard]] qreal laneX(const QStyleOptionViewItem &option, int lane) const;
    void paintArrow(QPainter &painter, const QStyleOptionViewItem &option, const QModelIndex &index) const;
    void paintLanes(QPainter &painter, const QStyleOptionViewItem &option, const QModelIndex &index) const;
    void paintBlock(QPainter &painter, const QStyleOptionViewItem &option, const QModelIndex &index) const;
    void paintNumber(QPainter &painter, const QStyleOptionViewItem &option, const QModelIndex &index) const;

    int m_laneCount = 0;
};

} // namespace bottega
