// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/artifacts/imageview.h"

#include "ui/widgets/theme.h"

#include <QPainter>

namespace bottega {

ImageView::ImageView(QWidget *parent)
    : QWidget(parent)
{
    setMinimumSize(120, 120);
}

void ImageView::setImage(const QImage &image)
{
    m_image = image;
    update();
}

void ImageView::paintEvent(QPaintEvent *)
{
    if (m_image.isNull())
        return;
    const QSize room = size() - QSize(2 * theme::wide, 2 * theme::wide);
    QSize shown = m_image.size();
    if (shown.width() > room.width() || shown.height() > room.height())
        shown.scale(room, Qt::KeepAspectRatio);
    QRect area(QPoint(), shown);
    area.moveCenter(rect().center());
    QPainter painter(this);
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    painter.drawImage(area, m_image);
    painter.setPen(theme::color(theme::Color::Border));
    painter.drawRect(area.adjusted(-1, -1, 0, 0));
}

} // namespace bottega
