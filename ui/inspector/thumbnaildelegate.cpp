// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/thumbnaildelegate.h"

#include "ui/inspector/gallerymodel.h"
#include "ui/widgets/theme.h"

#include <QPainter>

namespace bottega {

namespace {
constexpr int pictureSize = 64;
constexpr int cellWidth = 96;
} // namespace

void paintPixels(QPainter &painter, const QRect &rect, const QImage &image)
{
    painter.setPen(Qt::NoPen);
    if (image.isNull()) {
        painter.setBrush(theme::color(theme::Color::Border));
        painter.drawRect(rect);
        return;
    }
    QRect target(QPoint(), image.size().scaled(rect.size(), Qt::KeepAspectRatio));
    target.moveCenter(rect.center());
    painter.setRenderHint(QPainter::SmoothPixmapTransform, image.width() > target.width());
    painter.drawImage(target, image);
}

QSize ThumbnailDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const
{
    const QFontMetrics body(theme::font(0, true)), small(theme::font(-1));
    return {cellWidth, theme::gap + pictureSize + theme::tight + body.height() + small.height() + theme::gap};
}

void ThumbnailDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QRect cell = option.rect.adjusted(2, 2, -2, -2);
    const bool selected = option.state & QStyle::State_Selected;
    const bool focused = option.state & QStyle::State_HasFocus;
    if (selected || option.state & QStyle::State_MouseOver) {
        painter->setPen(focused ? QPen(theme::color(theme::Color::Accent), 1.5) : QPen(Qt::NoPen));
        painter->setBrush(option.palette.color(selected ? QPalette::Highlight : QPalette::Midlight));
        painter->drawRoundedRect(QRectF(cell), theme::radius, theme::radius);
    }
    const QRect picture(cell.center().x() - pictureSize / 2 + 1, cell.top() + theme::gap - 2, pictureSize, pictureSize);
    paintPixels(*painter, picture, index.data(GalleryModel::ImageRole).value<QImage>());

    QRect line(cell.left() + theme::tight, picture.bottom() + theme::tight, cell.width() - 2 * theme::tight,
               QFontMetrics(theme::font(0, true)).height());
    painter->setFont(theme::font(0, true));
    painter->setPen(option.palette.color(QPalette::Text));
    painter->drawText(line, Qt::AlignCenter | Qt::TextSingleLine,
                      painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideMiddle, line.width()));
    line.translate(0, line.height());
    painter->setFont(theme::font(-1));
    painter->setPen(theme::color(theme::Color::Muted));
    painter->drawText(line, Qt::AlignHCenter | Qt::AlignTop | Qt::TextSingleLine,
                      percentText(index.data(GalleryModel::ConfidenceRole).toDouble()));
    painter->restore();
}

} // namespace bottega
