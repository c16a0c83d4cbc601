// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/logs/logview.h"

#include "core/base/redact.h"
#include "ui/logs/logcolors.h"
#include "ui/logs/logsearch.h"
#include "ui/widgets/theme.h"

#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QTextBlock>
#include <QTextDocumentFragment>
#include <QToolButton>

#include <algorithm>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

constexpr qsizetype sliceBytes = 32 << 10; // a few milliseconds of work

QCheckBox *toggle(const QString &text, const QString &tip, QWidget *parent)
{
    auto *box = new QCheckBox(text, parent);
    box->setToolTip(tip);
    return box;
}

} // namespace

LogView::LogView(QWidget *parent)
    : QWidget(parent)
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(theme::gap);
    buildEdit();
    buildToolBar();
    m_notice = new QLabel(this);
    m_notice->setTextFormat(Qt::PlainText);
    m_notice->setWordWrap(true);
    theme::setLook(m_notice, theme::Look::Muted);
    m_notice->hide();
    column->addWidget(m_toolBar);
    column->addWidget(m_notice);
    column->addWidget(m_edit, 1);
    m_slice.setSingleShot(true);
    m_slice.setInterval(0);
    connect(&m_slice, &QTimer::timeout, this, &LogView::takeSlice);
    setFollowing(true);
}

void LogView::buildEdit()
{
    m_edit = new QPlainTextEdit(this);
    m_edit->setReadOnly(true);
    m_edit->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_edit->setUndoRedoEnabled(false);
    m_edit->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_edit->setFont(theme::monospace());
    m_edit->setPlaceholderText(tr("Nothing has been logged yet."));
    m_edit->setAccessibleName(tr("Log"));
    QScrollBar *bar = m_edit->verticalScrollBar();
    connect(bar, &QScrollBar::valueChanged, this, [this, bar](int value) {
        if (m_ownScrolls == 0)
            setFollowing(value >= bar->maximum());
    });
    connect(bar, &QScrollBar::rangeChanged, this, [this] {
        if (isFollowing())
            toEnd();
    });
}

void LogView::buildToolBar()
{
    m_toolBar = new QWidget(this);
    auto *row = new QHBoxLayout(m_toolBar);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(theme::gap);
    m_search = new LogSearch(m_edit, m_toolBar);
    m_search->setMaximumWidth(460);
    connect(m_search, &LogSearch::jumped, this, [this] { setFollowing(false); });

    m_follow = toggle(tr("Follow", "the end of the log"), tr("Keep the end of the log in view"), m_toolBar);
    connect(m_follow, &QCheckBox::clicked, this, [this](bool checked) { setFollowing(checked); });
    m_wrap = toggle(tr("Wrap", "long lines"), tr("Break long lines at the edge of the window"), m_toolBar);
    connect(m_wrap, &QCheckBox::toggled, this, [this](bool wrap) {
        const ScopedScroll own(*this);
        m_edit->setLineWrapMode(wrap ? QPlainTextEdit::WidgetWidth : QPlainTextEdit::NoWrap);
        if (isFollowing())
            toEnd();
    });
    auto *copyButton = new QToolButton(m_toolBar);
    copyButton->setText(tr("Copy"));
    copyButton->setIcon(theme::icon(u"copy"_s));
    copyButton->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    copyButton->setToolTip(tr("Copy the selection, or all that is shown"));
    connect(copyButton, &QToolButton::clicked, this, &LogView::copy);

    row->addWidget(m_search, 1);
    row->addStretch(1);
    row->addWidget(m_follow);
    row->addWidget(m_wrap);
    row->addWidget(copyButton);

    const auto shortcut = [this](const QKeySequence &keys, auto slot) {
        auto *action = new QAction(this);
        action->setShortcut(keys);
        action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        connect(action, &QAction::triggered, m_search, slot);
        addAction(action);
    };
    shortcut(QKeySequence::Find, &LogSearch::begin);
    shortcut(Qt::Key_F3, &LogSearch::next);
    shortcut(Qt::SHIFT | Qt::Key_F3, &LogSearch::previous);
}

void LogView::clear()
{
    m_slice.stop();
    m_pending.clear();
    m_decoder.reset();
    m_dropped = 0;
    m_hasColors = false;
    m_edit->clear();
    updateNotice();
    setFollowing(true);
}

void LogView::append(const QByteArray &bytes)
{
    m_pending += bytes;
    dropPending();
    if (!m_pending.isEmpty() && !m_slice.isActive())
        m_slice.start();
}

void LogView::dropPending()
{
    // What would scroll out of the view at once never goes in.
    const qsizetype excess = m_pending.size() - m_limit;
    if (excess <= 0)
        return;
    const qsizetype line = m_pending.indexOf('\n', excess);
    const qsizetype drop = line < 0 || line > excess + LogDecoder::longestLine ? excess : line + 1;
    m_dropped += drop + text().toUtf8().size();
    m_pending.remove(0, drop);
    m_edit->clear();
    m_decoder.reset();
    updateNotice();
}

void LogView::setLimit(qsizetype bytes)
{
    m_limit = std::max<qsizetype>(bytes, 1 << 10);
    trim();
}

void LogView::takeSlice()
{
    // Whole lines where there are any, so that no secret is cut in two and shown by halves.
    const QByteArrayView start = QByteArrayView(m_pending).first(std::min(sliceBytes, m_pending.size()));
    const qsizetype lineEnd = std::max(start.lastIndexOf('\n'), start.lastIndexOf('\r'));
    const qsizetype taken = lineEnd < 0 ? start.size() : lineEnd + 1;
    const std::string clean = redact({start.data(), static_cast<std::size_t>(taken)});
    m_pending.remove(0, taken);
    insert(m_decoder.decode(QByteArrayView(clean.data(), static_cast<qsizetype>(clean.size()))));
    trim();
    if (!m_pending.isEmpty())
        m_slice.start();
}

void LogView::insert(const std::vector<LogPiece> &pieces)
{
    const ScopedScroll own(*this);
    QTextCursor end(m_edit->document());
    end.movePosition(QTextCursor::End);
    end.beginEditBlock();
    for (const LogPiece &piece : pieces) {
        switch (piece.kind) {
        case LogPiece::Kind::Text:
            m_hasColors = m_hasColors || !piece.style.isPlain();
            end.insertText(piece.text, logFormat(piece.style));
            break;
        case LogPiece::Kind::NewLine:
            end.insertBlock(QTextBlockFormat(), QTextCharFormat());
            break;
        case LogPiece::Kind::RestartLine:
            end.movePosition(QTextCursor::StartOfBlock, QTextCursor::KeepAnchor);
            end.removeSelectedText();
            break;
        }
    }
    end.endEditBlock();
    if (isFollowing())
        toEnd();
}

void LogView::trim()
{
    QTextDocument *document = m_edit->document();
    const qsizetype excess = document->characterCount() - m_limit;
    if (excess <= 0)
        return;
    // A tenth more than needed, so that it does not happen again with the next line.
    const QTextBlock keep = document->findBlock(int(std::min<qsizetype>(excess + m_limit / 10, document->characterCount() - 1)));
    if (!keep.isValid() || keep.position() == 0)
        return;
    const ScopedScroll own(*this);
    QScrollBar *bar = m_edit->verticalScrollBar();
    const int place = bar->value();
    const int lines = keep.firstLineNumber();
    QTextCursor cursor(document);
    cursor.setPosition(keep.position(), QTextCursor::KeepAnchor);
    m_dropped += cursor.selectedText().toUtf8().size();
    cursor.removeSelectedText();
    if (isFollowing())
        toEnd();
    else
        bar->setValue(std::max(0, place - lines));
    updateNotice();
}

void LogView::updateNotice()
{
    m_notice->setVisible(m_dropped > 0);
    if (m_dropped > 0)
        m_notice->setText(tr("The last %1 are shown. The %2 before them are in the run's file "
                             "system-logs/70_driver_log.txt.")
                              .arg(locale().formattedDataSize(m_limit), locale().formattedDataSize(m_dropped)));
}

bool LogView::isFollowing() const
{
    return m_follow->isChecked();
}

void LogView::setFollowing(bool following)
{
    m_follow->setChecked(following);
    if (following)
        toEnd();
}

void LogView::toEnd()
{
    const ScopedScroll own(*this);
    m_edit->verticalScrollBar()->setValue(m_edit->verticalScrollBar()->maximum());
}

QString LogView::text() const
{
    return m_edit->toPlainText();
}

void LogView::copy()
{
    const QString selected = m_edit->textCursor().selection().toPlainText();
    QApplication::clipboard()->setText(selected.isEmpty() ? text() : selected);
}

void LogView::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_hasColors)
        recolour();
}

void LogView::recolour()
{
    const ScopedScroll own(*this);
    QTextCursor cursor(m_edit->document());
    cursor.beginEditBlock();
    for (QTextBlock block = m_edit->document()->begin(); block.isValid(); block = block.next()) {
        // Formats change the fragments while one walks them.
        std::vector<std::pair<int, int>> ranges;
        std::vector<QTextCharFormat> formats;
        for (auto part = block.begin(); part != block.end(); ++part) {
            ranges.emplace_back(part.fragment().position(), part.fragment().length());
            formats.push_back(recoloured(part.fragment().charFormat()));
        }
        for (std::size_t i = 0; i < ranges.size(); ++i) {
            if (formats[i].propertyCount() == 0)
                continue;
            cursor.setPosition(ranges[i].first);
            cursor.setPosition(ranges[i].first + ranges[i].second, QTextCursor::KeepAnchor);
            cursor.setCharFormat(formats[i]);
        }
    }
    cursor.endEditBlock();
}

} // namespace bottega
