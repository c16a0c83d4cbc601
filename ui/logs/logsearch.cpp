// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/logs/logsearch.h"

#include "ui/widgets/theme.h"

#include <QAction>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QTextBlock>
#include <QToolButton>

#include <algorithm>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

constexpr int delayMs = 150;
constexpr std::size_t mostMatches = 10'000;

QToolButton *arrow(const QString &icon, const QString &text, QWidget *parent)
{
    auto *button = new QToolButton(parent);
    button->setIcon(theme::icon(icon));
    button->setToolTip(text);
    button->setAccessibleName(text);
    theme::setLook(button, theme::Look::Quiet);
    return button;
}

} // namespace

LogSearch::LogSearch(QPlainTextEdit *edit, QWidget *parent)
    : QWidget(parent)
    , m_edit(edit)
{
    build();
    m_delay.setSingleShot(true);
    m_delay.setInterval(delayMs);
    connect(&m_delay, &QTimer::timeout, this, &LogSearch::countMatches);
    connect(m_field, &QLineEdit::textChanged, this, &LogSearch::restart);
    connect(m_edit, &QPlainTextEdit::textChanged, this, [this] {
        if (!m_field->text().isEmpty() && !m_delay.isActive())
            m_delay.start();
    });
    connect(m_edit->verticalScrollBar(), &QScrollBar::valueChanged, this, &LogSearch::markVisible);
}

void LogSearch::build()
{
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(theme::tight);
    m_field = new QLineEdit(this);
    m_field->setPlaceholderText(tr("Search the log"));
    m_field->setAccessibleName(tr("Search the log"));
    m_field->setClearButtonEnabled(true);
    m_field->addAction(theme::icon(u"search"_s), QLineEdit::LeadingPosition);
    m_field->setMinimumWidth(220);
    m_field->installEventFilter(this);
    m_count = new QLabel(this);
    m_count->setTextFormat(Qt::PlainText);
    theme::setLook(m_count, theme::Look::Muted);
    m_count->setMinimumWidth(m_count->fontMetrics().horizontalAdvance(u"8,888 / 10,000+"_s));
    QToolButton *up = arrow(u"chevron-up"_s, tr("Previous match"), this);
    QToolButton *down = arrow(u"chevron-down"_s, tr("Next match"), this);
    connect(up, &QToolButton::clicked, this, &LogSearch::previous);
    connect(down, &QToolButton::clicked, this, &LogSearch::next);
    row->addWidget(m_field, 1);
    row->addWidget(up);
    row->addWidget(down);
    row->addWidget(m_count);
}

void LogSearch::begin()
{
    const QString selected = m_edit->textCursor().selectedText();
    if (!selected.isEmpty() && !selected.contains(QChar(QChar::ParagraphSeparator)))
        m_field->setText(selected);
    m_field->setFocus(Qt::ShortcutFocusReason);
    m_field->selectAll();
}

bool LogSearch::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::KeyPress) {
        const auto *key = static_cast<QKeyEvent *>(event);
        const bool back = key->modifiers() & Qt::ShiftModifier;
        switch (key->key()) {
        case Qt::Key_Return:
        case Qt::Key_Enter:
            jump(back);
            return true;
        case Qt::Key_Escape:
            m_field->clear();
            m_edit->setFocus();
            return true;
        default:
            break;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void LogSearch::restart()
{
    m_delay.start();
    if (m_field->text().isEmpty())
        countMatches();
}

void LogSearch::countMatches()
{
    m_delay.stop();
    m_matches.clear();
    m_more = false;
    const QString wanted = m_field->text();
    for (QTextBlock block = m_edit->document()->begin(); !wanted.isEmpty() && block.isValid(); block = block.next()) {
        const QString line = block.text();
        for (qsizetype at = 0; (at = line.indexOf(wanted, at, Qt::CaseInsensitive)) >= 0; at += wanted.size())
            m_matches.push_back(block.position() + int(at));
        m_more = m_matches.size() >= mostMatches;
        if (m_more)
            break;
    }
    markVisible();
    showCount();
}

void LogSearch::markVisible()
{
    QList<QTextEdit::ExtraSelection> marks;
    const int first = m_edit->cursorForPosition(QPoint(0, 0)).block().position();
    const int last = m_edit->cursorForPosition(QPoint(m_edit->viewport()->width(), m_edit->viewport()->height()))
                         .block().position() + 8000;
    QTextCharFormat format;
    QColor color = theme::color(theme::Color::Warning);
    color.setAlphaF(0.35F);
    format.setBackground(color);
    const auto length = int(m_field->text().size());
    const int end = m_edit->document()->characterCount() - 1;
    for (auto match = std::lower_bound(m_matches.begin(), m_matches.end(), first);
         match != m_matches.end() && *match < last && *match + length <= end; ++match) {
        QTextCursor cursor(m_edit->document());
        cursor.setPosition(*match);
        cursor.setPosition(*match + length, QTextCursor::KeepAnchor);
        marks.append({cursor, format});
    }
    m_edit->setExtraSelections(marks);
}

void LogSearch::next()
{
    jump(false);
}

void LogSearch::previous()
{
    jump(true);
}

void LogSearch::jump(bool backward)
{
    if (m_field->text().isEmpty())
        return begin();
    countMatches();
    if (m_matches.empty())
        return;
    const QTextCursor now = m_edit->textCursor();
    auto match = backward ? std::lower_bound(m_matches.begin(), m_matches.end(), now.selectionStart())
                          : std::lower_bound(m_matches.begin(), m_matches.end(),
                                             now.hasSelection() ? now.selectionStart() + 1 : now.position());
    if (backward)
        match = match == m_matches.begin() ? std::prev(m_matches.end()) : std::prev(match);
    else if (match == m_matches.end())
        match = m_matches.begin();
    QTextCursor found(m_edit->document());
    found.setPosition(*match);
    found.setPosition(*match + int(m_field->text().size()), QTextCursor::KeepAnchor);
    Q_EMIT jumped();
    m_edit->setTextCursor(found);
    m_edit->ensureCursorVisible();
    markVisible();
    showCount();
}

void LogSearch::showCount()
{
    if (m_field->text().isEmpty()) {
        m_count->clear();
        return;
    }
    if (m_matches.empty()) {
        m_count->setText(tr("Not found"));
        return;
    }
    const QLocale locale;
    const auto total = int(m_matches.size());
    const QString all = m_more ? tr("%1+", "at least so many").arg(locale.toString(total)) : locale.toString(total);
    const auto here = std::lower_bound(m_matches.begin(), m_matches.end(), m_edit->textCursor().selectionStart());
    const bool isAt = here != m_matches.end() && *here == m_edit->textCursor().selectionStart()
                      && m_edit->textCursor().hasSelection();
    m_count->setText(isAt ? tr("%1 of %2").arg(locale.toString(int(here - m_matches.begin()) + 1), all)
                          : tr("%n found", nullptr, total));
}

QString LogSearch::countText() const
{
    return m_count->text();
}

} // namespace bottega
