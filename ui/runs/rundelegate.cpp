// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/rundelegate.h"

#include "ui/runs/runsmodel.h"
#include "ui/runs/runstyle.h"

#include <QApplication>
#include <QPainter>

namespace bottega {

namespace {

constexpr int rowHeight = 30;
constexpr int iconSize = 16;
constexpr int barHeight = 2;

void paintBar(QPainter *painter, const QRect &area, double progress)
{
    painter->fillRect(area, theme::color(theme::Color::Border));
    painter->fillRect(QRectF(area.left(), area.top(), area.width() * progress, area.height()),
                      theme::color(theme::Color::Accent));
}

QString elided(const QPainter *painter, const QString &text, int width)
{
    return painter->fontMetrics().elidedText(text, Qt::ElideRight, width);
}

} // namespace

void RunDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const bool isRun = !index.data(RunsModel::RunIdRole).toString().isEmpty();
    if (!isRun || index.column() > RunsModel::State) {
        QStyledItemDelegate::paint(painter, option, index);
        return;
    }
    QStyleOptionViewItem background = option;
    initStyleOption(&background, index);
    background.text.clear();
    background.icon = {};
    background.features &= ~QStyleOptionViewItem::HasDecoration;
    const QStyle *style = option.widget ? option.widget->style() : QApplication::style();
    style->drawControl(QStyle::CE_ItemViewItem, &background, painter, option.widget);
    painter->save();
    if (index.column() == RunsModel::State)
        paintState(painter, option, index);
    else
        paintName(painter, option, index);
    painter->restore();
}

QSize RunDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    QSize size = QStyledItemDelegate::sizeHint(option, index);
    size.setHeight(qMax(size.height(), rowHeight));
    return size;
}

void RunDelegate::paintState(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index)
{
    const auto state = static_cast<RunState>(index.data(RunsModel::RunStateRole).toInt());
    const QRect area = option.rect.adjusted(theme::tight, 0, -theme::tight, 0);
    const QRect icon(area.left(), area.center().y() - iconSize / 2 + 1, iconSize, iconSize);
    stateIcon(state).paint(painter, icon);
    const QRect text = area.adjusted(iconSize + theme::tight + 2, 0, 0, 0);
    painter->setPen(theme::color(stateColor(state)));
    painter->drawText(text, Qt::AlignVCenter | Qt::AlignLeft,
                      elided(painter, index.data().toString(), text.width()));
    const QVariant progress = index.data(RunsModel::ProgressRole);
    if (progress.isValid() && progress.toDouble() > 0)
        paintBar(painter, QRect(text.left(), area.bottom() - 3, text.width() - theme::gap, barHeight),
                 progress.toDouble());
}

void RunDelegate::paintName(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index)
{
    const QRect area = option.rect.adjusted(theme::tight, 0, -theme::tight, 0);
    const QString name = index.data().toString();
    painter->setPen(option.palette.color(QPalette::Text));
    painter->drawText(area, Qt::AlignVCenter | Qt::AlignLeft, elided(painter, name, area.width()));
    const int used = painter->fontMetrics().horizontalAdvance(name) + theme::gap;
    painter->setFont(theme::font(-1));
    painter->setPen(theme::color(theme::Color::Muted));
    const QRect rest = area.adjusted(used, 0, 0, 0);
    painter->drawText(rest, Qt::AlignVCenter | Qt::AlignLeft,
                      elided(painter, index.data(RunsModel::MomentRole).toString(), rest.width()));
}

} // namespace bottega
