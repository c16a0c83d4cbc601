// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>

namespace bottega {

/// Draws a run's row: the state with icon, words and colour, under it the progress of a live run; the moment it was made
/// after its name, smaller.
class RunDelegate : public QStyledItemDelegate
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(RunDelegate)
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    static void paintState(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index);
    static void paintName(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index);
};

} // namespace bottega
