// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/undobar.h"

#include "ui/widgets/format.h"
#include "ui/widgets/theme.h"

#include <QAction>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

constexpr int shownTime = 20'000; // milliseconds; the action and the trash go on offering it

} // namespace

UndoBar::UndoBar(QWidget *parent)
    : Notice(parent)
    , m_undo(new QAction(theme::icon(u"back"_s), tr("&Undo delete"), this))
{
    m_undo->setObjectName(u"undoDelete"_s);
    m_undo->setShortcut(QKeySequence::Undo);
    m_undo->setEnabled(false);
    m_time.setSingleShot(true);
    m_time.setInterval(shownTime);
    connect(&m_time, &QTimer::timeout, this, &Notice::clear);
    connect(m_undo, &QAction::triggered, this, &UndoBar::undo);
    connect(this, &Notice::actionTriggered, this, &UndoBar::undo);
}

void UndoBar::offer(const TrashItem &item)
{
    m_item = item;
    m_undo->setEnabled(true);
    showSuccess(tr("%1 is in the trash.").arg(shownText(item.name, 100)));
    setAction(tr("Undo"));
    m_time.start();
}

void UndoBar::forget()
{
    m_item.reset();
    m_undo->setEnabled(false);
    clear();
}

void UndoBar::forget(const TrashItem &item)
{
    if (m_item && m_item->entry == item.entry)
        forget();
}

void UndoBar::undo()
{
    if (!m_item)
        return;
    const TrashItem item = *m_item;
    forget();
    Q_EMIT undoRequested(item);
}

} // namespace bottega
