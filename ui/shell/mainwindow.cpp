// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/mainwindow.h"

#include "core/workspace/backgroundtask.h"
#include "ui/data/datapage.h"
#include "ui/jobform/jobform.h"
#include "ui/models/modelspage.h"
#include "ui/runs/runpage.h"
#include "ui/runs/runsmodel.h"
#include "ui/runs/runspage.h"
#include "ui/runs/runspanel.h"
#include "ui/shell/aboutbox.h"
#include "ui/shell/archivetransfer.h"
#include "ui/shell/navigation.h"
#include "ui/shell/newworkspacedialog.h"
#include "ui/shell/session.h"
#include "ui/shell/shortcutsdialog.h"
#include "ui/shell/startpage.h"
#include "ui/shell/trustbanner.h"
#include "ui/shell/undobar.h"
#include "ui/shell/viewmenu.h"
#include "ui/trash/trashdialog.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/format.h"
#include "ui/widgets/notice.h"

#include <QAction>
#include <QApplication>
#include <QCloseEvent>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QLabel>
#include <QMenuBar>
#include <QMimeData>
#include <QSplitter>
#include <QStackedWidget>
#include <QStatusBar>
#include <QToolBar>
#include <QToolButton>
#include <QVBoxLayout>

#include <utility>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

constexpr int messageTime = 8000; // milliseconds
constexpr int recentRuns = 500;   // that the job form offers to resume from

QString toBase64(const QByteArray &bytes)
{
    return QString::fromLatin1(bytes.toBase64());
}

QByteArray fromBase64(const QString &text)
{
    return QByteArray::fromBase64(text.toLatin1());
}

} // namespace

MainWindow::MainWindow(Settings &settings, QWidget *parent)
    : QMainWindow(parent)
    , m_settings(settings)
    , m_session(new Session(this))
{
    setObjectName(u"mainWindow"_s);
    setWindowIcon(theme::icon(u"bottega"_s, theme::Color::Accent));
    setMinimumSize(960, 600);
    resize(1400, 900);
    setAcceptDrops(true);
    buildPages();
    buildActions();
    buildMenus();
    buildToolBar();
    buildStatusBar();
    connectSession();
    connectRuns();
    connectArchives();
    restoreState();
    updateRecent();
    updateActions();
    showPage(Page::Home);
    if (!m_settings.problem().isEmpty())
        say(m_settings.problem());
}

MainWindow::~MainWindow() = default;

void MainWindow::buildPages()
{
    m_navigation = new Navigation(this);
    m_navigation->addPage(u"navigationHome"_s, u"home"_s, tr("Home"), tr("Start page (Ctrl+1)"));
    m_navigation->addPage(u"navigationRuns"_s, u"runs"_s, tr("Runs"), tr("Experiments and runs (Ctrl+2)"));
    m_navigation->addPage(u"navigationModels"_s, u"model"_s, tr("Models"), tr("Registered models (Ctrl+3)"));
    m_navigation->addPage(u"navigationData"_s, u"data"_s, tr("Data"), tr("Data sets (Ctrl+4)"));
    m_pages = new QStackedWidget(this);
    m_start = new StartPage(m_pages);
    m_runs = new RunsPage(m_session->runs(), m_pages);
    m_models = new ModelsPage(m_pages);
    m_data = new DataPage(m_pages);
    for (QWidget *page : std::initializer_list<QWidget *>{m_start, m_runs, m_models, m_data})
        m_pages->addWidget(page);
    auto *central = new QWidget(this);
    m_banner = new Notice(central);
    m_banner->setObjectName(u"workspaceBanner"_s);
    m_restricted = new TrustBanner(central);
    m_restricted->setObjectName(u"restrictedNotice"_s);
    m_undo = new UndoBar(central);
    m_undo->setObjectName(u"undoBar"_s);
    connect(m_undo, &UndoBar::undoRequested, m_session, &Session::restore);
    auto *column = new QVBoxLayout;
    column->setSpacing(0);
    column->addWidget(m_banner);
    column->addWidget(m_restricted);
    column->addWidget(m_pages, 1);
    column->addWidget(m_undo);
    auto *layout = new QHBoxLayout(central);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_navigation);
    layout->addLayout(column, 1);
    setCentralWidget(central);
    connect(m_navigation, &Navigation::pageChosen, this, [this](int page) { showPage(static_cast<Page>(page)); });
    connect(m_start, &StartPage::trainRequested, this, &MainWindow::trainMnistNow);
    connect(m_start, &StartPage::newRequested, this, &MainWindow::newWorkspace);
    connect(m_start, &StartPage::openRequested, this, &MainWindow::openWorkspace);
    connect(m_start, &StartPage::workspaceChosen, m_session, &Session::openWorkspace);
    connect(m_start, &StartPage::forgetRequested, this, [this](const QString &folder) {
        QStringList recent = m_settings.value(settings::recentWorkspaces);
        recent.removeAll(folder);
        m_settings.set(settings::recentWorkspaces, recent);
        updateRecent();
    });
    connect(m_models, &ModelsPage::runRequested, this, &MainWindow::openRun);
    connect(m_models, &ModelsPage::deleted, m_undo, &UndoBar::offer);
}

QAction *MainWindow::makeAction(const QString &objectName, const QString &icon, const QString &text,
                                const QKeySequence &shortcut, std::function<void()> triggered)
{
    auto *action = new QAction(text, this);
    if (!icon.isEmpty())
        action->setIcon(theme::icon(icon));
    action->setObjectName(objectName);
    action->setShortcut(shortcut);
    connect(action, &QAction::triggered, this, std::move(triggered));
    return action;
}

void MainWindow::buildActions()
{
    m_newRun = makeAction(u"newRun"_s, u"run"_s, tr("&New run…"), Qt::CTRL | Qt::Key_N, [this] { newRun(); });
    m_newRun->setIconText(tr("Run…"));
    m_train = makeAction(u"trainMnist"_s, u"experiment"_s, tr("&Train MNIST now"), Qt::CTRL | Qt::Key_T, [this] { trainMnistNow(); });
    m_newWorkspace = makeAction(u"newWorkspaceAction"_s, u"plus"_s, tr("New &workspace…"), Qt::CTRL | Qt::SHIFT | Qt::Key_O,
                                [this] { newWorkspace(); });
    m_openWorkspace = makeAction(u"openWorkspaceAction"_s, u"open"_s, tr("&Open workspace…"), QKeySequence::Open,
                                 [this] { openWorkspace(); });
    m_trash = makeAction(u"openTrash"_s, u"delete"_s, tr("&Trash…"), {}, [this] { openTrash(); });
    m_archives = new ArchiveTransfer(this);
    m_export = makeAction(u"exportWorkspace"_s, u"export"_s, tr("&Export workspace…"), {}, [this] {
        if (m_session->workspace())
            m_archives->exportFrom(*m_session->workspace(), {});
    });
    m_import = makeAction(u"importArchive"_s, u"import"_s, tr("&Import archive…"), {},
                          [this] { m_archives->chooseImport(m_restricted->trusted()); });
    m_exportRun = makeAction(u"exportRun"_s, u"export"_s, tr("E&xport run…"), {}, [this] {
        if (m_session->workspace() && !m_runs->page()->runId().isEmpty())
            m_archives->exportFrom(*m_session->workspace(), {{toStdString(m_runs->page()->runId())}, {}, false});
    });
}

void MainWindow::buildMenus()
{
    QMenu *file = menuBar()->addMenu(tr("&File"));
    file->addActions({m_newWorkspace, m_openWorkspace});
    m_recentMenu = file->addMenu(theme::icon(u"clock"_s), tr("&Recent workspaces"));
    file->addAction(m_trash);
    file->addSeparator();
    file->addActions({m_export, m_import});
    file->addSeparator();
    file->addAction(makeAction(u"quit"_s, u"exit"_s, tr("&Quit"), Qt::CTRL | Qt::Key_Q, [this] { close(); }));

    const RunPage *page = m_runs->page();
    QMenu *run = menuBar()->addMenu(tr("&Run"));
    run->addActions({m_newRun, page->cloneAction(), m_train});
    run->addSeparator();
    run->addActions({page->cancelAction(), page->resumeAction(), page->registerAction(), page->downloadAction(), m_exportRun});
    run->addSeparator();
    run->addActions({page->openFolderAction(), page->copyIdAction(), page->deleteAction(), m_undo->action()});

    buildViewMenu();
    QMenu *help = menuBar()->addMenu(tr("&Help"));
    help->addAction(makeAction(u"shortcuts"_s, u"help"_s, tr("&Keyboard shortcuts"), Qt::Key_F1,
                               [this] { (new ShortcutsDialog(menuBar(), this))->open(); }));
    help->addAction(makeAction(u"about"_s, u"info"_s, tr("&About Bottega"), {}, [this] { showAbout(this); }));
}

void MainWindow::buildViewMenu()
{
    auto *view = new ViewMenu(m_settings, this);
    menuBar()->addMenu(view);
    connect(view, &ViewMenu::pageWanted, this, [this](int page) { showPage(static_cast<Page>(page)); });
    connect(view, &ViewMenu::tabWanted, this, [this](int tab) {
        showPage(Page::Runs);
        m_runs->page()->setTab(static_cast<RunPage::Tab>(tab));
    });
    connect(view, &ViewMenu::filterWanted, this, [this] {
        showPage(Page::Runs);
        m_runs->panel()->focusFilter();
    });
    connect(view, &ViewMenu::fullScreenWanted, this, [this] { setWindowState(windowState() ^ Qt::WindowFullScreen); });
    connect(view, &ViewMenu::languageChanged, this,
            [this] { say(tr("The language changes when Bottega is started again.")); });
}

void MainWindow::buildToolBar()
{
    auto *bar = new QToolBar(tr("Tools"), this);
    bar->setObjectName(u"toolBar"_s);
    bar->setMovable(false);
    bar->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    bar->setContextMenuPolicy(Qt::PreventContextMenu);
    auto *run = new QToolButton(bar);
    run->setObjectName(u"runButton"_s);
    // Not its default action: that would bring the action's icon, which is drawn for the window's background.
    run->setText(m_newRun->iconText());
    run->setIcon(theme::icon(u"run"_s, theme::Color::OnAccent));
    run->setToolTip(tr("Start a new run (Ctrl+N)"));
    theme::setLook(run, theme::Look::Primary);
    connect(run, &QToolButton::clicked, m_newRun, &QAction::trigger);
    connect(m_newRun, &QAction::changed, run, [this, run] { run->setEnabled(m_newRun->isEnabled()); });
    bar->addWidget(run);
    bar->addSeparator();
    const RunPage *page = m_runs->page();
    bar->addActions({page->cancelAction(), page->registerAction(), page->downloadAction()});
    auto *space = new QWidget(bar);
    space->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    bar->addWidget(space);
    m_workspaceButton = new QToolButton(bar);
    m_workspaceButton->setObjectName(u"workspaceButton"_s);
    m_workspaceButton->setIcon(theme::icon(u"workspace"_s));
    m_workspaceButton->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_workspaceButton->setPopupMode(QToolButton::InstantPopup);
    m_workspaceButton->setMenu(m_recentMenu);
    bar->addWidget(m_workspaceButton);
    for (QToolButton *button : bar->findChildren<QToolButton *>()) {
        button->setFocusPolicy(Qt::TabFocus);
        button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    }
    addToolBar(bar);
}

void MainWindow::buildStatusBar()
{
    m_live = new QLabel(this);
    m_live->setObjectName(u"liveRuns"_s);
    m_live->setTextFormat(Qt::PlainText);
    statusBar()->addPermanentWidget(m_live);
    statusBar()->setSizeGripEnabled(false);
}

void MainWindow::connectSession()
{
    connect(m_session, &Session::workspaceOpened, this, &MainWindow::workspaceOpened);
    connect(m_session, &Session::runFound, this, [this](const RunFolder &folder) {
        m_runs->openRun(*m_session->workspace(), folder);
        if (!m_wantedChoice.isEmpty())
            m_wantedChoice = toQString(folder.id()); // it may have been asked for by its beginning only
        updateLive();
        saveSettings();
    });
    connect(m_session, &Session::runSubmitted, this, [this](const QString &runId) {
        m_start->setTrainBusy(false);
        updateActions();
        openRun(runId);
    });
    connect(m_session, &Session::failed, this, [this](const Error &error) {
        m_start->setTrainBusy(false);
        updateActions();
        showError(this, error);
    });
    connect(m_session, &Session::problem, this, &MainWindow::say);
    connect(m_session, &Session::unreadable, this, [this](const QString &text) {
        m_banner->showHint(tr("The workspace can't be read at the moment; it is tried again all the time. %1").arg(text));
    });
    connect(m_session, &Session::recovered, this, [this] {
        m_banner->clear();
        say(tr("The workspace can be read again."));
    });
    connect(m_session, &Session::restored, this, &MainWindow::showRestored);
    connect(m_session, &Session::runsLoaded, this, [this] {
        if (page() == Page::Runs)
            m_runs->panel()->focusList();
    });
    connect(m_session->runs(), &RunsModel::runsChanged, this, &MainWindow::updateLive);
}

void MainWindow::connectRuns()
{
    connect(m_runs, &RunsPage::newRunRequested, this, [this] { newRun(); });
    connect(m_runs->panel(), &RunsPanel::runSelected, m_session, &Session::openRun);
    connect(m_runs->panel(), &RunsPanel::menuRequested, this, &MainWindow::showRunMenu);
    RunPage *page = m_runs->page();
    connect(page, &RunPage::cloneRequested, this, [this](const RunRecord &record) { newRun(&record); });
    connect(page, &RunPage::statusMessage, this, &MainWindow::say);
    connect(page, &RunPage::modelRegistered, this, [this](const Model &model) {
        say(tr("Registered as %1.").arg(toQString(model.id())));
        m_models->refresh();
    });
    connect(page, &RunPage::runDeleted, this, [this](const TrashItem &item) {
        if (m_runs->page()->runId() == toQString(item.name))
            m_runs->closeRun();
        m_session->refreshRuns();
        updateTitle();
        m_undo->offer(item);
    });
}

void MainWindow::connectArchives()
{
    connect(m_archives, &ArchiveTransfer::exported, this, &MainWindow::say);
    connect(m_archives, &ArchiveTransfer::imported, this, [this](const QString &folder, const QString &text) {
        say(text);
        m_session->openWorkspace(folder);
    });
    connect(m_restricted, &TrustBanner::trustRead, m_newRun, &QAction::setEnabled);
}

void MainWindow::dragEnterEvent(QDragEnterEvent *event)
{
    const QList<QUrl> urls = event->mimeData()->urls();
    if (urls.size() == 1 && ArchiveTransfer::isArchive(urls.first().toLocalFile()))
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent *event)
{
    m_archives->importFrom(event->mimeData()->urls().first().toLocalFile(), m_restricted->trusted());
    event->acceptProposedAction();
}

void MainWindow::restoreState()
{
    restoreGeometry(fromBase64(m_settings.value(settings::windowGeometry)));
    m_runs->splitter()->restoreState(fromBase64(m_settings.value(settings::runsSplitter)));
    if (const QString header = m_settings.value(settings::runsHeader); !header.isEmpty())
        m_runs->panel()->restoreHeaderState(header);
}

void MainWindow::start(const QString &workspaceFolder, const QString &run)
{
    const QStringList recent = m_settings.value(settings::recentWorkspaces);
    const bool reopen = workspaceFolder.isEmpty() && !recent.isEmpty();
    const QString folder = reopen ? recent.first() : workspaceFolder;
    if (folder.isEmpty())
        return;
    if (ArchiveTransfer::isArchive(folder))
        return m_archives->importFrom(folder, {});
    m_wantedRun = !run.isEmpty() || !reopen ? run : m_settings.value(settings::lastRun);
    const int last = reopen && run.isEmpty() ? m_settings.value(settings::page) : static_cast<int>(Page::Runs);
    showPage(static_cast<Page>(qBound(0, last, m_pages->count() - 1)));
    m_session->openWorkspace(folder);
}

void MainWindow::showPage(Page page)
{
    m_navigation->choose(static_cast<int>(page));
    m_pages->setCurrentIndex(static_cast<int>(page));
    if (page == Page::Runs)
        m_runs->panel()->focusList();
    else
        m_pages->currentWidget()->setFocus(Qt::OtherFocusReason);
    updateTitle();
}

MainWindow::Page MainWindow::page() const
{
    return static_cast<Page>(m_pages->currentIndex());
}

RunPage *MainWindow::runPage() const
{
    return m_runs->page();
}

void MainWindow::newRun(const RunRecord *prefill)
{
    if (!m_session->workspace()) {
        showPage(Page::Home);
        say(tr("Open a workspace first, or make one: it is where runs are kept."));
        return;
    }
    if (!m_restricted->trusted())
        return say(tr("This workspace is for looking only until you trust it."));
    auto *form = new JobForm(*m_session->workspace(), m_session->runs()->experiments(), m_session->runs()->newestRecords(recentRuns), this);
    form->setAttribute(Qt::WA_DeleteOnClose);
    if (prefill)
        form->prefill(*prefill);
    connect(form, &JobForm::submitted, this, [this](const QString &runId) {
        say(tr("The run was started. It goes on when Bottega is closed."));
        openRun(runId);
    });
    form->open();
}

void MainWindow::newWorkspace()
{
    auto *dialog = new NewWorkspaceDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &NewWorkspaceDialog::workspaceWanted, m_session, &Session::createWorkspace);
    dialog->open();
}

void MainWindow::openWorkspace()
{
    const QString start = m_session->workspace() ? toQString(m_session->workspace()->root().parent_path().string())
                                                 : toQString(defaultWorkspacesFolder().string());
    auto *dialog = new QFileDialog(this, tr("Open a workspace's folder"), start);
    dialog->setObjectName(u"openWorkspaceDialog"_s);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    dialog->setOption(QFileDialog::DontUseNativeDialog);
    connect(dialog, &QFileDialog::fileSelected, m_session, &Session::openWorkspace);
    dialog->open();
}

void MainWindow::trainMnistNow()
{
    m_start->setTrainBusy(true);
    m_train->setEnabled(false);
    m_session->trainMnistNow();
}

void MainWindow::openRun(const QString &runId)
{
    showPage(Page::Runs);
    m_wantedChoice = runId;
    m_session->openRun(runId);
    updateLive();
}

void MainWindow::openTrash()
{
    if (!m_session->workspace())
        return;
    auto *dialog = new TrashDialog(*m_session->workspace(), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &TrashDialog::restored, this, &MainWindow::showRestored);
    dialog->open();
}

void MainWindow::showRestored(const TrashItem &item)
{
    m_undo->forget(item);
    const QString name = toQString(item.name);
    if (item.isRun()) {
        m_session->refreshRuns();
        openRun(name);
    } else {
        m_models->select(name);
        m_models->refresh();
    }
    say(tr("%1 is back.").arg(name));
}

void MainWindow::workspaceOpened(const Workspace &workspace)
{
    m_undo->forget();
    m_banner->clear();
    if (!workspace.problem().empty())
        m_banner->showHint(shownText(workspace.problem()));
    const QString folder = toQString(workspace.root().string());
    m_settings.set(settings::recentWorkspaces, withRecent(m_settings.value(settings::recentWorkspaces), folder));
    m_runs->closeRun();
    m_models->setWorkspace(workspace);
    m_data->setWorkspace(workspace);
    updateRecent();
    updateActions();
    m_restricted->setWorkspace(workspace);
    updateTitle();
    if (page() == Page::Home)
        showPage(Page::Runs);
    if (!m_wantedRun.isEmpty())
        openRun(std::exchange(m_wantedRun, {}));
    else
        saveSettings();
}

void MainWindow::showRunMenu(const QString &runId, const QPoint &position)
{
    const RunPage *page = m_runs->page();
    if (page->runId() != runId)
        return; // it is about to be opened; its actions aren't there yet
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addActions({page->cancelAction(), page->resumeAction(), page->registerAction(), page->downloadAction(), m_exportRun,
                      page->cloneAction()});
    menu->addSeparator();
    menu->addActions({page->openFolderAction(), page->copyIdAction(), page->deleteAction()});
    menu->popup(position);
}

void MainWindow::updateRecent()
{
    const QStringList recent = m_settings.value(settings::recentWorkspaces);
    m_start->setRecent(recent);
    m_recentMenu->clear();
    for (const QString &folder : recent)
        m_recentMenu->addAction(theme::icon(u"workspace"_s), plainLabel(folder), this, [this, folder] { m_session->openWorkspace(folder); })
            ->setToolTip(plainToolTip(folder));
    if (!recent.isEmpty())
        m_recentMenu->addSeparator();
    m_recentMenu->addActions({m_newWorkspace, m_openWorkspace});
}

void MainWindow::updateActions()
{
    m_train->setEnabled(true);
    m_trash->setEnabled(m_session->workspace().has_value());
    m_export->setEnabled(m_session->workspace().has_value());
    const QString name = m_session->workspace() ? toQString(m_session->workspace()->name()) : tr("No workspace");
    m_workspaceButton->setText(plainLabel(name));
    m_workspaceButton->setAccessibleName(tr("Workspace: %1").arg(name));
    m_workspaceButton->setToolTip(m_session->workspace()
                                      ? plainToolTip(toQString(m_session->workspace()->root().string()))
                                      : tr("Open or make a workspace"));
}

void MainWindow::updateLive()
{
    const int live = m_session->runs()->liveCount();
    m_live->setText(live > 0 ? tr("%n live run(s) · they go on when Bottega is closed", nullptr, live) : QString());
    if (!m_wantedChoice.isEmpty() && m_session->runs()->record(m_wantedChoice))
        m_runs->panel()->select(std::exchange(m_wantedChoice, {}));
    updateTitle();
}

void MainWindow::updateTitle()
{
    if (!m_session->workspace()) {
        setWindowTitle(u"Bottega"_s);
        return;
    }
    const QString workspace = toQString(m_session->workspace()->name());
    const QString run = m_runs->page()->runId().section(u'_', -1);
    setWindowTitle(page() == Page::Runs && !run.isEmpty() ? tr("%1 – %2 – Bottega", "run, workspace").arg(run, workspace)
                                                          : tr("%1 – Bottega", "workspace").arg(workspace));
}

void MainWindow::say(const QString &text)
{
    statusBar()->showMessage(shownText(text.simplified(), 300), messageTime);
}

void MainWindow::collectState()
{
    m_settings.set(settings::windowGeometry, toBase64(saveGeometry()));
    m_settings.set(settings::runsSplitter, toBase64(m_runs->splitter()->saveState()));
    m_settings.set(settings::runsHeader, m_runs->panel()->headerState());
    m_settings.set(settings::page, static_cast<int>(page()));
    m_settings.set(settings::lastRun, m_runs->page()->runId());
}

/// At once and not only at the end: a studio that is killed opens where it was.
void MainWindow::saveSettings()
{
    collectState();
    runInBackground(
        this, [snapshot = m_settings.snapshot()] { return Settings::write(snapshot); },
        [this](const Result<void> &saved) {
            if (!saved)
                say(tr("The settings were not saved: %1").arg(toQString(describe(saved.error()))));
        });
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    collectState();
    if (auto saved = m_settings.save(); !saved)
        qWarning("%s", describe(saved.error()).c_str());
    QMainWindow::closeEvent(event);
}

} // namespace bottega
