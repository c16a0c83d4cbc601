// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/banner.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QToolButton>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

constexpr int iconSize = 18;
constexpr int iconLeft = theme::wide;

} // namespace

Banner::Banner(QWidget *parent)
    : QFrame(parent)
    , m_text(new QLabel(this))
{
    m_text->setTextFormat(Qt::PlainText);
    m_text->setWordWrap(true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_text->setObjectName(u"bannerText"_s);
    auto *close = new QToolButton(this);
    close->setIcon(theme::icon(u"close"_s));
    close->setToolTip(tr("Put this message away"));
    close->setAccessibleName(close->toolTip());
    connect(close, &QToolButton::clicked, this, &QWidget::hide);

    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(iconLeft + iconSize + theme::gap, theme::tight, theme::gap, theme::tight);
    layout->addWidget(m_text, 1);
    layout->addWidget(close, 0, Qt::AlignTop);
    hide();
}

void Banner::showMessage(const QString &iconName, theme::Color color, const QString &text)
{
    m_icon = theme::icon(iconName, color);
    m_color = color;
    m_text->setText(text);
    setAccessibleName(text);
    show();
    update();
}

QString Banner::text() const
{
    return m_text->text();
}

void Banner::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    QColor wash = theme::color(m_color);
    wash.setAlpha(theme::isDark() ? 40 : 24);
    painter.fillRect(rect(), wash);
    painter.fillRect(QRect(0, 0, 3, height()), theme::color(m_color));
    m_icon.paint(&painter, QRect(iconLeft, (height() - iconSize) / 2, iconSize, iconSize));
}

} // namespace bottega
