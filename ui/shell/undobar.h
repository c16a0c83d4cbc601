// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workspace/trash.h"
#include "ui/widgets/notice.h"

#include <QTimer>

#include <optional>

class QAction;

namespace bottega {

/// Offers to take the last delete back: for a while as a bar, and as an action until there is another one.
class UndoBar : public Notice
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(UndoBar)
public:
    explicit UndoBar(QWidget *parent = nullptr);

    [[nodiscard]] QAction *action() const { return m_undo; }
    void offer(const TrashItem &item);
    void forget();                      // nothing is to be taken back any more
    void forget(const TrashItem &item); // likewise, if it was this

Q_SIGNALS:
    void undoRequested(const bottega::TrashItem &item);

private:
    void undo();

    std::optional<TrashItem> m_item; // that is taken back
    QAction *m_undo = nullptr;
    QTimer m_time;
};

} // namespace bottega
