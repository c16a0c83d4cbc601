// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/studiostyle.h"

#include "ui/widgets/theme.h"

#include <QDialogButtonBox>
#include <QPainter>
#include <QStyleOption>
#include <QWidget>

#include <optional>

namespace bottega::theme {

using namespace Qt::StringLiterals;

namespace {

std::optional<QIcon> ownIcon(QStyle::StandardPixmap standard)
{
    switch (standard) {
    case QStyle::SP_MessageBoxInformation:
        return icon(u"info"_s, Color::Accent);
    case QStyle::SP_MessageBoxQuestion:
        return icon(u"help"_s, Color::Accent);
    case QStyle::SP_MessageBoxWarning:
        return icon(u"warning"_s, Color::Warning);
    case QStyle::SP_MessageBoxCritical:
        return icon(u"error"_s, Color::Danger);
    case QStyle::SP_DirIcon:
    case QStyle::SP_DirClosedIcon:
    case QStyle::SP_DirOpenIcon:
    case QStyle::SP_DirLinkIcon:
        return icon(u"folder"_s);
    case QStyle::SP_DirHomeIcon:
        return icon(u"home"_s);
    case QStyle::SP_FileIcon:
    case QStyle::SP_FileLinkIcon:
        return icon(u"file"_s);
    case QStyle::SP_FileDialogBack:
        return icon(u"back"_s);
    case QStyle::SP_FileDialogToParent:
        return icon(u"chevron-up"_s);
    case QStyle::SP_FileDialogNewFolder:
        return icon(u"plus"_s);
    case QStyle::SP_FileDialogListView:
        return icon(u"grid"_s);
    case QStyle::SP_FileDialogDetailedView:
        return icon(u"details"_s);
    case QStyle::SP_DriveHDIcon:
    case QStyle::SP_ComputerIcon:
        return icon(u"cpu"_s);
    case QStyle::SP_LineEditClearButton:
        return icon(u"close"_s, Color::Muted);
    default:
        return std::nullopt;
    }
}

} // namespace

StudioStyle::StudioStyle()
    : QProxyStyle(u"Fusion"_s)
{
}

void StudioStyle::drawPrimitive(PrimitiveElement element, const QStyleOption *option, QPainter *painter,
                                const QWidget *widget) const
{
    if (element != PE_FrameFocusRect) {
        QProxyStyle::drawPrimitive(element, option, painter, widget);
        return;
    }
    // Fusion washes over the text inside its focus frame.
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(QPen(color(Color::Accent), 1));
    painter->setBrush(Qt::NoBrush);
    painter->drawRoundedRect(QRectF(option->rect).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3);
    painter->restore();
}

int StudioStyle::pixelMetric(PixelMetric metric, const QStyleOption *option, const QWidget *widget) const
{
    switch (metric) {
    case PM_SmallIconSize:
    case PM_ButtonIconSize:
    case PM_ListViewIconSize:
    case PM_TabBarIconSize:
        return 16;
    case PM_ToolBarIconSize:
        return 18;
    case PM_MessageBoxIconSize:
        return 32;
    case PM_LayoutHorizontalSpacing:
    case PM_LayoutVerticalSpacing:
        return gap;
    case PM_LayoutLeftMargin:
    case PM_LayoutTopMargin:
    case PM_LayoutRightMargin:
    case PM_LayoutBottomMargin:
        return wide;
    default:
        return QProxyStyle::pixelMetric(metric, option, widget);
    }
}

int StudioStyle::styleHint(StyleHint hint, const QStyleOption *option, const QWidget *widget,
                           QStyleHintReturn *returnData) const
{
    switch (hint) {
    case SH_DialogButtonBox_ButtonsHaveIcons:
    case SH_EtchDisabledText:
    case SH_MessageBox_CenterButtons:
        return 0;
    case SH_ItemView_ShowDecorationSelected:
        return 1;
    case SH_DialogButtonLayout:
        return QDialogButtonBox::GnomeLayout;
    case SH_ToolTip_WakeUpDelay:
        return 500;
    default:
        return QProxyStyle::styleHint(hint, option, widget, returnData);
    }
}

QIcon StudioStyle::standardIcon(StandardPixmap standard, const QStyleOption *option, const QWidget *widget) const
{
    const std::optional<QIcon> own = ownIcon(standard);
    return own ? *own : QProxyStyle::standardIcon(standard, option, widget);
}

QPixmap StudioStyle::standardPixmap(StandardPixmap standard, const QStyleOption *option, const QWidget *widget) const
{
    const std::optional<QIcon> own = ownIcon(standard);
    if (!own)
        return QProxyStyle::standardPixmap(standard, option, widget);
    return own->pixmap(QSize(16, 16), widget ? widget->devicePixelRatioF() : 1.0);
}

} // namespace bottega::theme
