// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workspace/workspace.h"
#include "ui/shell/settings.h"

#include <QMainWindow>

#include <functional>

class QLabel;
class QMenu;
class QStackedWidget;
class QToolButton;

namespace bottega {

class ArchiveTransfer;
class DataPage;
class ModelsPage;
class Navigation;
class Notice;
class RunPage;
struct RunRecord;
class RunsPage;
class Session;
class StartPage;
struct TrashItem;
class TrustBanner;
class UndoBar;

/// Assembles the pages and routes requests between them and the session. The settings are borrowed; window state and the
/// like are written into them when the window closes.
class MainWindow : public QMainWindow
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(MainWindow)
public:
    enum class Page { Home, Runs, Models, Data };

    explicit MainWindow(Settings &settings, QWidget *parent = nullptr);
    ~MainWindow() override;

    /// Opens the workspace, or the one used last where none is named, and in it the run (id or unique beginning).
    void start(const QString &workspaceFolder, const QString &run);
    void showPage(Page page);
    [[nodiscard]] Page page() const;
    [[nodiscard]] Session *session() const { return m_session; }
    [[nodiscard]] RunPage *runPage() const;

protected:
    void closeEvent(QCloseEvent *event) override;
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;

private:
    void buildPages();
    void buildActions();
    void buildMenus();
    void buildViewMenu();
    void buildToolBar();
    void buildStatusBar();
    void connectSession();
    void connectRuns();
    void connectArchives();
    void restoreState();
    void collectState();
    void saveSettings();
    QAction *makeAction(const QString &objectName, const QString &icon, const QString &text, const QKeySequence &shortcut,
                        std::function<void()> triggered);

    void newRun(const RunRecord *prefill = nullptr);
    void newWorkspace();
    void openWorkspace();
    void trainMnistNow();
    void openRun(const QString &runId);
    void openTrash();
    void showRestored(const TrashItem &item);
    void workspaceOpened(const Workspace &workspace);
    void showRunMenu(const QString &runId, const QPoint &position);
    void updateRecent();
    void updateActions();
    void updateLive();
    void updateTitle();
    void say(const QString &text);

    Settings &m_settings;
    Session *m_session = nullptr;
    QString m_wantedRun;    // to be opened as soon as its workspace is
    QString m_wantedChoice; // to be chosen in the list as soon as it is there

    ArchiveTransfer *m_archives = nullptr;
    TrustBanner *m_restricted = nullptr;
    Navigation *m_navigation = nullptr;
    Notice *m_banner = nullptr; // of the workspace: what is wrong with it, as long as it is
    UndoBar *m_undo = nullptr;
    QStackedWidget *m_pages = nullptr;
    StartPage *m_start = nullptr;
    RunsPage *m_runs = nullptr;
    ModelsPage *m_models = nullptr;
    DataPage *m_data = nullptr;

    QAction *m_newRun = nullptr;
    QAction *m_train = nullptr;
    QAction *m_newWorkspace = nullptr;
    QAction *m_openWorkspace = nullptr;
    QAction *m_trash = nullptr;
    QAction *m_export = nullptr;
    QAction *m_import = nullptr;
    QAction *m_exportRun = nullptr;
    QMenu *m_recentMenu = nullptr;
    QToolButton *m_workspaceButton = nullptr;
    QLabel *m_live = nullptr;
};

} // namespace bottega
