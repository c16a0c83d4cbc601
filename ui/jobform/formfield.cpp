// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobform/formfield.h"

#include "ui/widgets/iconview.h"
#include "ui/widgets/theme.h"

#include <QLabel>
#include <QStyle>
#include <QVBoxLayout>

namespace bottega {

using namespace Qt::StringLiterals;

FormField::FormField(const QString &label, QWidget *editor, const QString &help, const QString &note, QWidget *parent)
    : QWidget(parent)
    , m_editor(editor)
    , m_line(new QLabel(this))
    , m_icon(new IconView(theme::icon(u"warning"_s, theme::Color::Danger), 14, this))
    , m_help(help)
{
    auto *name = new QLabel(label, this);
    name->setTextFormat(Qt::PlainText);
    name->setFont(theme::font(0, true));
    name->setBuddy(editor);
    auto *noteLabel = new QLabel(note, this);
    noteLabel->setTextFormat(Qt::PlainText);
    noteLabel->setFont(theme::font(-1));
    theme::setLook(noteLabel, theme::Look::Muted);
    editor->setAccessibleName(label);
    m_line->setTextFormat(Qt::PlainText);
    m_line->setWordWrap(true);
    m_line->setFont(theme::font(-1));
    m_line->setObjectName(editor->objectName() + u"Line"_s);

    auto *top = new QHBoxLayout;
    top->addWidget(name);
    top->addStretch(1);
    top->addWidget(noteLabel);
    auto *below = new QHBoxLayout;
    below->setSpacing(theme::tight);
    below->addWidget(m_icon, 0, Qt::AlignTop);
    below->addWidget(m_line, 1, Qt::AlignTop);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::tight);
    layout->addLayout(top);
    layout->addWidget(editor);
    layout->addLayout(below);
    layout->addStretch(1);
    showLine();
}

void FormField::setHelp(const QString &help)
{
    m_help = help;
    showLine();
}

void FormField::setComplaint(const QString &complaint)
{
    if (complaint == m_complaint)
        return;
    m_complaint = complaint;
    showLine();
}

void FormField::showLine()
{
    const bool wrong = !m_complaint.isEmpty();
    m_icon->setVisible(wrong);
    m_line->setText(wrong ? m_complaint : m_help);
    m_line->setProperty("muted", !wrong);
    m_line->setProperty("danger", wrong);
    m_editor->setProperty("invalid", wrong);
    m_editor->setAccessibleDescription(m_line->text());
    for (QWidget *widget : {static_cast<QWidget *>(m_line), m_editor}) {
        widget->style()->unpolish(widget);
        widget->style()->polish(widget);
    }
}

} // namespace bottega
