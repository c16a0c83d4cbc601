// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLineEdit;
class QStackedWidget;
class QTreeView;

namespace bottega {

class EmptyState;
class RunsFilter;
class RunsModel;

/// The list of experiments and runs with its filter box. Selecting a run opens it, Delete asks to delete it, and the menu key
/// offers what else can be done with it. The model is borrowed.
class RunsPanel : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(RunsPanel)
public:
    explicit RunsPanel(RunsModel *model, QWidget *parent = nullptr);

    void select(const QString &runId); // shows it in the list, without runSelected(); nothing for an unknown id
    [[nodiscard]] QString selectedRun() const;
    void focusFilter();
    void focusList();

    /// Column widths and order as text, for the settings.
    [[nodiscard]] QString headerState() const;
    void restoreHeaderState(const QString &state);

Q_SIGNALS:
    void runSelected(const QString &runId);
    void menuRequested(const QString &runId, const QPoint &globalPosition);
    void deleteRequested(const QString &runId);
    void newRunRequested();

private:
    void buildTree();
    void currentChanged(const QModelIndex &current);
    void showMenu(const QPoint &position);
    void updatePage();
    void expandNew(const QModelIndex &parent);

    RunsModel *m_model = nullptr;
    RunsFilter *m_filter = nullptr;
    QLineEdit *m_words = nullptr;
    QStackedWidget *m_pages = nullptr;
    QTreeView *m_tree = nullptr;
    EmptyState *m_empty = nullptr;
    QWidget *m_noMatch = nullptr;
    bool m_isSelecting = false;
};

} // namespace bottega
