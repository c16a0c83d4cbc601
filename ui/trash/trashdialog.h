// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workspace/trash.h"

#include <QDialog>

#include <vector>

class QLabel;
class QPushButton;
class QTreeWidget;

namespace bottega {

class Notice;

/// What was deleted in a workspace: take it back, or remove it for good. Reads and works in the background; one job at a
/// time.
class TrashDialog : public QDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(TrashDialog)
public:
    explicit TrashDialog(const Workspace &workspace, QWidget *parent = nullptr);

Q_SIGNALS:
    void restored(const bottega::TrashItem &item);

private:
    void refresh();
    void showItems(const std::vector<TrashItem> &items);
    void updateButtons();
    void restoreSelected();
    void askRemove();
    void askEmpty();
    void remove(const std::vector<TrashItem> &items);
    [[nodiscard]] std::vector<TrashItem> selected() const;

    Trash m_trash;
    std::vector<TrashItem> m_items;
    bool m_isBusy = false;
    QTreeWidget *m_list = nullptr;
    QLabel *m_total = nullptr;
    Notice *m_notice = nullptr;
    QPushButton *m_restore = nullptr;
    QPushButton *m_remove = nullptr;
    QPushButton *m_empty = nullptr;
};

} // namespace bottega
