// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/descriptionedit.h"

#include "ui/widgets/theme.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTextDocument>
#include <QVBoxLayout>

#include <algorithm>

namespace bottega {

using namespace Qt::StringLiterals;

DescriptionEdit::DescriptionEdit(QWidget *parent)
    : QWidget(parent)
    , m_text(new QPlainTextEdit(this))
    , m_buttons(new QWidget(this))
{
    m_text->setObjectName(u"descriptionText"_s);
    m_text->setAccessibleName(tr("Description"));
    m_text->setPlaceholderText(tr("Add a description: what it is for, what is special about it"));
    m_text->setTabChangesFocus(true);
    m_text->document()->setDocumentMargin(theme::gap - 2);
    m_text->installEventFilter(this);
    auto *save = new QPushButton(tr("Save"), m_buttons);
    save->setObjectName(u"saveDescription"_s);
    theme::setLook(save, theme::Look::Primary);
    auto *cancel = new QPushButton(tr("Cancel"), m_buttons);
    auto *row = new QHBoxLayout(m_buttons);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(theme::gap);
    row->addWidget(save);
    row->addWidget(cancel);
    row->addStretch();
    m_buttons->hide();
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::gap);
    layout->addWidget(m_text);
    layout->addWidget(m_buttons);
    connect(save, &QPushButton::clicked, this, &DescriptionEdit::save);
    connect(cancel, &QPushButton::clicked, this, &DescriptionEdit::takeBack);
    connect(m_text, &QPlainTextEdit::textChanged, this, [this] {
        m_buttons->setVisible(isEdited());
        fitHeight();
    });
    fitHeight();
}

void DescriptionEdit::setDescription(const QString &text)
{
    const bool keep = isEdited();
    m_saved = text;
    if (!keep)
        takeBack();
}

bool DescriptionEdit::eventFilter(QObject *watched, QEvent *event)
{
    if (watched != m_text || event->type() != QEvent::KeyPress || !isEdited())
        return QWidget::eventFilter(watched, event);
    const auto *key = static_cast<QKeyEvent *>(event);
    const bool isEnter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
    if (isEnter && key->modifiers().testFlag(Qt::ControlModifier))
        save();
    else if (key->key() == Qt::Key_Escape)
        takeBack();
    else
        return QWidget::eventFilter(watched, event);
    return true;
}

bool DescriptionEdit::isEdited() const
{
    return m_text->toPlainText() != m_saved;
}

void DescriptionEdit::save()
{
    m_saved = m_text->toPlainText();
    m_buttons->hide();
    Q_EMIT descriptionChanged(m_saved);
}

void DescriptionEdit::takeBack()
{
    if (isEdited())
        m_text->setPlainText(m_saved);
}

void DescriptionEdit::fitHeight()
{
    const int lines = std::clamp(m_text->document()->blockCount(), 2, 8);
    m_text->setFixedHeight(lines * m_text->fontMetrics().lineSpacing() + 2 * theme::gap);
}

} // namespace bottega
