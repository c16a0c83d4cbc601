// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>

namespace bottega {

/// One image of the gallery: the pixels enlarged, below them true → predicted and the confidence.
class ThumbnailDelegate : public QStyledItemDelegate
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ThumbnailDelegate)
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
};

/// Draws an image as the squares it consists of, as large as fits, in the middle of `rect`.
void paintPixels(QPainter &painter, const QRect &rect, const QImage &image);

} // namespace bottega
