// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/section.h"

#include "ui/widgets/theme.h"

#include <QEvent>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

namespace bottega {

using namespace Qt::StringLiterals;

Section::Section(const QString &title, QWidget *parent)
    : QWidget(parent)
    , m_button(new QToolButton(this))
    , m_note(new QLabel(this))
    , m_body(new QWidget(this))
{
    m_button->setText(title);
    m_button->setFont(theme::font(1, true));
    m_button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_button->setFocusPolicy(Qt::StrongFocus);
    m_button->setProperty("section", true);
    m_note->setTextFormat(Qt::PlainText);
    m_note->setFont(theme::font(-1));
    theme::setLook(m_note, theme::Look::Muted);
    auto *header = new QHBoxLayout;
    header->addWidget(m_button);
    header->addStretch(1);
    header->addWidget(m_note);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::gap);
    layout->addLayout(header);
    layout->addWidget(m_body);
    connect(m_button, &QToolButton::clicked, this, [this] { setOpen(!m_isOpen); });
    showState();
}

void Section::setOpen(bool open)
{
    m_isOpen = open;
    showState();
}

void Section::setNote(const QString &note)
{
    m_note->setText(note);
}

void Section::showState()
{
    m_body->setVisible(m_isOpen);
    m_button->setIcon(theme::icon(m_isOpen ? u"chevron-up"_s : u"chevron-down"_s));
    m_button->setAccessibleDescription(m_isOpen ? tr("Open: press to close this part of the form")
                                                : tr("Closed: press to open this part of the form"));
    m_button->setToolTip(m_isOpen ? tr("Close") : tr("Open", "a part of a form"));
}

void Section::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        showState();
}

} // namespace bottega
