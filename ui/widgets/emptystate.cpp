// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/emptystate.h"

#include "ui/widgets/iconview.h"
#include "ui/widgets/theme.h"

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

constexpr int textWidth = 420;

QLabel *centeredLabel(const QString &text, QWidget *parent)
{
    auto *label = new QLabel(text, parent);
    label->setTextFormat(Qt::PlainText);
    label->setAlignment(Qt::AlignCenter);
    label->setWordWrap(true);
    label->setMinimumWidth(textWidth);
    return label;
}

/// A centred label gets the height of its text in the page's whole width unless it insists on its own.
void showHint(QLabel *label, const QString &hint)
{
    label->setText(hint);
    label->setMinimumHeight(std::max(0, label->heightForWidth(textWidth)));
}

} // namespace

EmptyState::EmptyState(const QString &iconName, const QString &title, const QString &hint, QWidget *parent)
    : QWidget(parent)
    , m_hint(centeredLabel({}, this))
    , m_action(new QPushButton(this))
{
    setAccessibleName(title);
    auto *titleLabel = centeredLabel(title, this);
    titleLabel->setFont(theme::font(1, true));
    theme::setLook(m_hint, theme::Look::Muted);
    theme::setLook(m_action, theme::Look::Primary);
    showHint(m_hint, hint);
    m_action->setObjectName(u"emptyStateAction"_s);
    m_action->hide();
    connect(m_action, &QPushButton::clicked, this, &EmptyState::actionTriggered);

    auto *layout = new QVBoxLayout(this);
    layout->setSpacing(theme::gap);
    layout->addStretch(2);
    layout->addWidget(new IconView(theme::icon(iconName, theme::Color::Muted), 48, this), 0, Qt::AlignHCenter);
    layout->addWidget(titleLabel, 0, Qt::AlignHCenter);
    layout->addWidget(m_hint, 0, Qt::AlignHCenter);
    layout->addSpacing(theme::gap);
    layout->addWidget(m_action, 0, Qt::AlignHCenter);
    layout->addStretch(3);
}

void EmptyState::setHint(const QString &hint)
{
    showHint(m_hint, hint);
}

void EmptyState::setAction(const QString &text)
{
    m_action->setText(text);
    m_action->show();
}

} // namespace bottega
