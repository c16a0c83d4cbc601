// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/navigation.h"

#include "ui/widgets/theme.h"

#include <QButtonGroup>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace bottega {

namespace {

constexpr int railWidth = 76;

} // namespace

Navigation::Navigation(QWidget *parent)
    : QFrame(parent)
    , m_buttons(new QButtonGroup(this))
    , m_layout(new QVBoxLayout(this))
{
    setProperty("railFrame", true);
    setFixedWidth(railWidth);
    setAccessibleName(tr("Pages"));
    m_layout->setContentsMargins(theme::tight + 2, theme::gap, theme::tight + 2, theme::gap);
    m_layout->setSpacing(theme::tight);
    m_layout->addStretch(1);
    connect(m_buttons, &QButtonGroup::idClicked, this, &Navigation::pageChosen);
}

void Navigation::addPage(const QString &objectName, const QString &icon, const QString &title, const QString &toolTip)
{
    auto *button = new QToolButton(this);
    button->setObjectName(objectName);
    button->setProperty("rail", true);
    button->setIcon(theme::icon(icon));
    button->setIconSize({22, 22});
    button->setText(title);
    button->setToolTip(toolTip);
    button->setAccessibleName(title);
    button->setToolButtonStyle(Qt::ToolButtonTextUnderIcon);
    button->setCheckable(true);
    button->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    button->setFont(theme::font(-1));
    button->setFocusPolicy(Qt::TabFocus);
    // Wide enough for every language's words.
    const int text = QFontMetrics(button->font()).horizontalAdvance(title);
    setFixedWidth(std::max(minimumWidth(), text + 2 * theme::wide));
    const int page = static_cast<int>(m_buttons->buttons().size());
    m_buttons->addButton(button, page);
    m_layout->insertWidget(page, button);
    button->setChecked(page == 0);
}

void Navigation::choose(int page)
{
    if (QAbstractButton *button = m_buttons->button(page))
        button->setChecked(true);
}

int Navigation::chosen() const
{
    return m_buttons->checkedId();
}

} // namespace bottega
