// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/classheader.h"

#include "ui/widgets/theme.h"

#include <QPainter>

#include <algorithm>

namespace bottega {

namespace {
constexpr int longest = 110;
} // namespace

ClassHeader::ClassHeader(Qt::Orientation orientation, QWidget *parent)
    : QHeaderView(orientation, parent)
{
    setSectionsClickable(true);
    setHighlightSections(false);
    setSectionResizeMode(Fixed);
    setMinimumSectionSize(20);
}

int ClassHeader::longestName() const
{
    int width = 0;
    const QFontMetrics metrics(theme::font(0, true));
    for (int i = 0; i < count(); ++i)
        width = std::max(width, metrics.horizontalAdvance(model()->headerData(i, orientation()).toString()));
    return std::min(width, longest);
}

bool ClassHeader::isUpright() const
{
    return orientation() == Qt::Horizontal && longestName() + theme::tight > defaultSectionSize();
}

QSize ClassHeader::sectionSizeFromContents(int) const
{
    const int line = QFontMetrics(theme::font(0, true)).height() + theme::gap;
    if (orientation() == Qt::Vertical)
        return {longestName() + theme::wide, line};
    return {line, isUpright() ? longestName() + theme::wide : line};
}

QSize ClassHeader::sizeHint() const
{
    const QSize section = sectionSizeFromContents(0);
    return orientation() == Qt::Vertical ? QSize(section.width(), 0) : QSize(0, section.height());
}

void ClassHeader::paintSection(QPainter *painter, const QRect &rect, int logicalIndex) const
{
    painter->save();
    painter->fillRect(rect, theme::color(theme::Color::Surface));
    painter->setFont(theme::font(0, true));
    painter->setPen(palette().color(QPalette::WindowText));
    QRect text = rect.adjusted(2, 2, -2, -2);
    const QString name = model()->headerData(logicalIndex, orientation()).toString();
    if (isUpright()) {
        painter->translate(rect.left(), rect.bottom());
        painter->rotate(-90);
        text = QRect(theme::tight, 0, rect.height() - theme::gap, rect.width());
        painter->drawText(text, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                          painter->fontMetrics().elidedText(name, Qt::ElideRight, text.width()));
    } else {
        const auto align = orientation() == Qt::Vertical ? Qt::AlignRight : Qt::AlignHCenter;
        if (orientation() == Qt::Vertical)
            text.adjust(0, 0, -theme::tight, 0);
        painter->drawText(text, align | Qt::AlignVCenter | Qt::TextSingleLine,
                          painter->fontMetrics().elidedText(name, Qt::ElideRight, text.width()));
    }
    painter->restore();
}

} // namespace bottega
