// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QSplitter;
class QStackedWidget;

namespace bottega {

class RunFolder;
class RunPage;
class RunsModel;
class RunsPanel;
class Workspace;

/// The list of runs beside the page of the open one.
class RunsPage : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(RunsPage)
public:
    explicit RunsPage(RunsModel *model, QWidget *parent = nullptr);

    void openRun(const Workspace &workspace, const RunFolder &folder);
    void closeRun();
    [[nodiscard]] RunsPanel *panel() const { return m_panel; }
    [[nodiscard]] RunPage *page() const { return m_page; }
    [[nodiscard]] QSplitter *splitter() const { return m_splitter; }

Q_SIGNALS:
    void newRunRequested();

private:
    QSplitter *m_splitter = nullptr;
    RunsPanel *m_panel = nullptr;
    QStackedWidget *m_stack = nullptr;
    RunPage *m_page = nullptr;
    QWidget *m_empty = nullptr;
};

} // namespace bottega
