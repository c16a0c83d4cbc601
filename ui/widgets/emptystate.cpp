// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/emptystate.h"

#include "ui/widgets/theme.h"

#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

QLabel *centeredLabel(const QString &text, QWidget *parent)
{
    auto *label = new QLabel(text, parent);
    label->setTextFormat(Qt::PlainText);
    label->setAlignment(Qt::AlignCenter);
    label->setWordWrap(true);
    label->setMinimumWidth(420);
    return label;
}

/// A picture that follows the theme: a label would keep the pixels of the old one.
class IconView final : public QWidget
{
public:
    IconView(const QString &name, QWidget *parent)
        : QWidget(parent)
        , m_icon(theme::icon(name, theme::Color::Muted))
    {
        setFixedSize(48, 48);
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        m_icon.paint(&painter, rect());
    }

private:
    QIcon m_icon;
};

} // namespace

EmptyState::EmptyState(const QString &iconName, const QString &title, const QString &hint, QWidget *parent)
    : QWidget(parent)
    , m_hint(centeredLabel(hint, this))
    , m_action(new QPushButton(this))
{
    setAccessibleName(title);
    auto *titleLabel = centeredLabel(title, this);
    titleLabel->setFont(theme::font(1, true));
    theme::setLook(m_hint, theme::Look::Muted);
    theme::setLook(m_action, theme::Look::Primary);
    m_action->setObjectName(u"emptyStateAction"_s);
    m_action->hide();
    connect(m_action, &QPushButton::clicked, this, &EmptyState::actionTriggered);

    auto *layout = new QVBoxLayout(this);
    layout->setSpacing(theme::gap);
    layout->addStretch(2);
    layout->addWidget(new IconView(iconName, this), 0, Qt::AlignHCenter);
    layout->addWidget(titleLabel, 0, Qt::AlignHCenter);
    layout->addWidget(m_hint, 0, Qt::AlignHCenter);
    layout->addSpacing(theme::gap);
    layout->addWidget(m_action, 0, Qt::AlignHCenter);
    layout->addStretch(3);
}

void EmptyState::setHint(const QString &hint)
{
    m_hint->setText(hint);
}

void EmptyState::setAction(const QString &text)
{
    m_action->setText(text);
    m_action->show();
}

} // namespace bottega
