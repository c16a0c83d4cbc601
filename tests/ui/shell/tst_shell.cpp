// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/compute/submit.h"
#include "core/workspace/archiveexport.h"
#include "core/workspace/trust.h"
#include "tests/support/testcase.h"
#include "ui/charts/chartsview.h"
#include "ui/runs/runpage.h"
#include "ui/runs/runsmodel.h"
#include "ui/runs/runspanel.h"
#include "ui/shell/archivetransfer.h"
#include "ui/shell/mainwindow.h"
#include "ui/shell/navigation.h"
#include "ui/shell/session.h"
#include "ui/shell/settings.h"
#include "ui/shell/startpage.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/notice.h"

#include <QAction>
#include <QApplication>
#include <QDialog>
#include <QDir>
#include <QFile>
#include <QImage>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenuBar>
#include <QMessageBox>
#include <QTreeWidget>
#include <QProcess>
#include <QPushButton>
#include <QSignalSpy>
#include <QSplitter>
#include <QToolButton>
#include <QTreeView>

using namespace Qt::StringLiterals;
using namespace bottega;

class TestShell : public test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void settingsComeBack();
    void settingsSurviveForeignAndWrongValues();
    void damagedSettingsArePutAside();
    void recentListStaysShort();
    void startPageOffersWorkspaces();
    void newWorkspaceIsChecked();
    void pagesByKeyboard();
    void everyButtonHasANameAndEveryShortcutIsUnique();
    void windowStateIsKept();
    void trainsMnistFromTheStartPage();
    void runGoesOnWhenTheWindowIsClosed();
    void deletedFolderIsTold();
    void canceledRunCanBeDeleted();
    void trashIsReachable();
    void case08_aVanishedFolderIsToldAndComesBack();
    void case15_aDamagedConfigurationIsTold();
    void wrongWorkspaceIsTold();
    void screenshotOfARun();
    void case44_importedWorkspaceIsForLookingUntilTrusted();

private:
    std::unique_ptr<MainWindow> openWindow();
    void untilEnded(MainWindow &window);

    QTemporaryDir m_folder;
    std::unique_ptr<Settings> m_settings;
};

void TestShell::initTestCase()
{
    qputenv("BOTTEGA_THEME", "light");
    qputenv("BOTTEGA_LIBEXEC", BOTTEGA_BIN_DIR);
    theme::apply(*qobject_cast<QApplication *>(QCoreApplication::instance()));
    m_settings = std::make_unique<Settings>(toStdString(m_folder.filePath(u"window.json"_s)));
}

std::unique_ptr<MainWindow> TestShell::openWindow()
{
    auto window = std::make_unique<MainWindow>(*m_settings);
    window->show();
    window->activateWindow(); // there is no window manager on the test's display
    if (!QTest::qWaitForWindowActive(window.get()))
        qWarning("The window did not become active");
    return window;
}

void TestShell::untilEnded(MainWindow &window)
{
    QTRY_VERIFY_WITH_TIMEOUT(window.runPage()->record() && isTerminal(window.runPage()->record()->status.state), 120000);
}

void TestShell::settingsComeBack()
{
    const std::filesystem::path path = toStdString(m_folder.filePath(u"sub/settings.json"_s));
    {
        Settings settings(path);
        QCOMPARE(settings.value(settings::page), 0);
        QCOMPARE(settings.value(settings::scheme), theme::Scheme::Desktop);
        settings.set(settings::page, 3);
        settings.set(settings::scheme, theme::Scheme::Dark);
        settings.set(settings::language, u"it"_s);
        settings.set(settings::reopenWorkspace, false);
        settings.set(settings::recentWorkspaces, {u"/a"_s, u"/b “è”"_s});
        QVERIFY_RESULT(settings.save());
    }
    const Settings settings(path);
    QCOMPARE(settings.value(settings::page), 3);
    QCOMPARE(settings.value(settings::scheme), theme::Scheme::Dark);
    QCOMPARE(settings.value(settings::language), u"it"_s);
    QCOMPARE(settings.value(settings::reopenWorkspace), false);
    QCOMPARE(settings.value(settings::recentWorkspaces), (QStringList{u"/a"_s, u"/b “è”"_s}));
    const auto text = readFile(path);
    QVERIFY_RESULT(text);
    QVERIFY(text->find("\"dark\"") != std::string::npos); // by name: the order may change
}

void TestShell::settingsSurviveForeignAndWrongValues()
{
    const QString path = m_folder.filePath(u"foreign.json"_s);
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(R"({"ofTomorrow": [1], "theme": "sepia", "window/page": "three", "recentWorkspaces": [1, "/a"]})");
    file.close();
    Settings settings(toStdString(path));
    QVERIFY(settings.problem().isEmpty());
    QCOMPARE(settings.value(settings::scheme), theme::Scheme::Desktop);
    QCOMPARE(settings.value(settings::page), 0);
    QCOMPARE(settings.value(settings::recentWorkspaces), QStringList{u"/a"_s});
    settings.set(settings::page, 1);
    QVERIFY_RESULT(settings.save());
    const auto text = readFile(toStdString(path));
    QVERIFY_RESULT(text);
    QVERIFY(text->find("ofTomorrow") != std::string::npos);
}

void TestShell::damagedSettingsArePutAside()
{
    const QString path = m_folder.filePath(u"damaged.json"_s);
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("{\"window/page\": ");
    file.close();
    const Settings settings(toStdString(path));
    QVERIFY(!settings.problem().isEmpty());
    QCOMPARE(settings.value(settings::page), 0);
    QVERIFY(QFile::exists(path + u".damaged"_s));
}

void TestShell::recentListStaysShort()
{
    QStringList recent;
    for (int i = 0; i < 20; ++i)
        recent = withRecent(recent, u"/w%1"_s.arg(i));
    QCOMPARE(recent.size(), 10);
    QCOMPARE(recent.first(), u"/w19"_s);
    recent = withRecent(recent, u"/w15"_s);
    QCOMPARE(recent.size(), 10);
    QCOMPARE(recent.first(), u"/w15"_s);
}

void TestShell::startPageOffersWorkspaces()
{
    StartPage page;
    page.show();
    auto *list = page.findChild<QListWidget *>(u"recentWorkspaces"_s);
    QVERIFY(!list->isVisible());
    page.setRecent({u"/somewhere/<b>first</b>"_s, u"/somewhere/second"_s});
    QVERIFY(list->isVisible());
    QSignalSpy chosen(&page, &StartPage::workspaceChosen);
    QSignalSpy forget(&page, &StartPage::forgetRequested);
    list->setCurrentRow(1);
    QTest::keyClick(list, Qt::Key_Return);
    QCOMPARE(chosen.size(), 1);
    QCOMPARE(chosen[0][0].toString(), u"/somewhere/second"_s);
    page.activateWindow(); // there is no window manager on the test's display
    QVERIFY(QTest::qWaitForWindowActive(&page));
    list->setFocus();
    QTest::keyClick(list, Qt::Key_Delete);
    QCOMPARE(forget.size(), 1);
    QSignalSpy train(&page, &StartPage::trainRequested);
    auto *button = page.findChild<QPushButton *>(u"trainMnistNow"_s);
    page.setTrainBusy(true);
    QTest::mouseClick(button, Qt::LeftButton);
    QCOMPARE(train.size(), 0); // one run for an impatient double click
    page.setTrainBusy(false);
    QTest::mouseClick(button, Qt::LeftButton);
    QCOMPARE(train.size(), 1);
}

void TestShell::newWorkspaceIsChecked()
{
    const auto window = openWindow();
    window->findChild<QAction *>(u"newWorkspaceAction"_s)->trigger();
    auto *dialog = window->findChild<QDialog *>(u"newWorkspaceDialog"_s);
    QVERIFY(dialog);
    auto *name = dialog->findChild<QLineEdit *>(u"workspaceName"_s);
    auto *create = dialog->findChild<QPushButton *>(u"createWorkspace"_s);
    for (const QString &bad : {u"a"_s, u"../up"_s, u"with space"_s, u"x\ny"_s, QString(300, u'x')}) {
        name->setText(bad);
        QVERIFY2(!create->isEnabled(), qPrintable(bad));
    }
    name->setText(u"fresh"_s);
    dialog->findChild<QLineEdit *>(u"workspacePlace"_s)->setText(m_folder.path());
    QSignalSpy opened(window->session(), &Session::workspaceOpened);
    QTest::keyClick(name, Qt::Key_Return);
    QTRY_COMPARE(opened.size(), 1);
    QCOMPARE(window->page(), MainWindow::Page::Runs);
    QVERIFY(QFile::exists(m_folder.filePath(u"fresh/config.json"_s)));
    QCOMPARE(m_settings->value(settings::recentWorkspaces).first(), m_folder.filePath(u"fresh"_s));
}

void TestShell::pagesByKeyboard()
{
    const auto window = openWindow();
    const std::pair<Qt::Key, MainWindow::Page> keys[] = {{Qt::Key_4, MainWindow::Page::Data},
                                                         {Qt::Key_3, MainWindow::Page::Models},
                                                         {Qt::Key_2, MainWindow::Page::Runs},
                                                         {Qt::Key_1, MainWindow::Page::Home}};
    for (const auto &[key, page] : keys) {
        QTest::keyClick(window.get(), key, Qt::ControlModifier);
        QCOMPARE(window->page(), page);
        QCOMPARE(window->findChild<Navigation *>()->chosen(), int(page));
    }
    QTest::keyClick(window.get(), Qt::Key_2, Qt::AltModifier);
    QCOMPARE(window->page(), MainWindow::Page::Runs);
    QCOMPARE(window->runPage()->tab(), RunPage::Tab::Log);
}

void TestShell::everyButtonHasANameAndEveryShortcutIsUnique()
{
    const auto window = openWindow();
    for (const QAbstractButton *button : window->findChildren<QAbstractButton *>()) {
        const bool internal = button->objectName().startsWith("qt_"_L1) || !button->isVisibleTo(window.get());
        QVERIFY2(internal || !button->accessibleName().isEmpty() || !button->text().isEmpty(),
                 qPrintable(button->objectName() + u" in "_s + button->parentWidget()->objectName()));
    }
    QSet<QString> keys;
    for (const QAction *menu : window->menuBar()->actions()) {
        for (const QAction *action : menu->menu()->actions()) {
            const QString key = action->shortcut().toString();
            QVERIFY2(key.isEmpty() || !keys.contains(key), qPrintable(key));
            keys.insert(key);
        }
    }
    QVERIFY(keys.size() > 15);
}

void TestShell::windowStateIsKept()
{
    QSize size;
    QList<int> sizes;
    {
        const auto window = openWindow();
        window->resize(1210, 760);
        window->showPage(MainWindow::Page::Runs);
        QCoreApplication::processEvents();
        auto *splitter = window->findChild<QSplitter *>(u"runsSplitter"_s);
        splitter->setSizes({500, 600});
        sizes = splitter->sizes();
        size = window->size();
        QVERIFY(window->close());
    }
    const Settings saved(m_settings->path());
    QVERIFY(!saved.value(settings::windowGeometry).isEmpty());
    const auto window = openWindow();
    QCOMPARE(window->size(), size);
    window->showPage(MainWindow::Page::Runs);
    QTRY_COMPARE(window->findChild<QSplitter *>(u"runsSplitter"_s)->sizes(), sizes);
}

void TestShell::trainsMnistFromTheStartPage()
{
    const auto window = openWindow();
    window->showPage(MainWindow::Page::Home);
    auto *button = window->findChild<QPushButton *>(u"trainMnistNow"_s);
    QTest::mouseClick(button, Qt::LeftButton);
    QVERIFY(!button->isEnabled());
    QTRY_COMPARE_WITH_TIMEOUT(window->page(), MainWindow::Page::Runs, 30000);
    auto *charts = window->findChild<ChartsView *>();
    QTRY_VERIFY_WITH_TIMEOUT(charts->series("train/loss"), 30000);
    untilEnded(*window);
    QCOMPARE(window->runPage()->record()->status.state, RunState::Completed);
    const RunRecord record = *window->runPage()->record();
    QCOMPARE(record.job.experiment, std::string("chainer-mnist"));
    QCOMPARE(record.job.param("epochs"), std::string("10"));
    QTRY_COMPARE(std::int64_t(record.metrics.at("train/loss").lastStep), record.totalSteps());
    QTRY_COMPARE(window->findChild<RunsPanel *>()->selectedRun(), toQString(record.id));
    QTRY_VERIFY(window->runPage()->registerAction()->isEnabled());
    QVERIFY(!window->runPage()->cancelAction()->isEnabled());
    QVERIFY(window->findChild<QLabel *>(u"runAccuracy"_s)->text().startsWith(u'9'));
}

void TestShell::runGoesOnWhenTheWindowIsClosed()
{
    QString run;
    {
        const auto window = openWindow();
        window->findChild<QAction *>(u"trainMnist"_s)->trigger();
        QSignalSpy submitted(window->session(), &Session::runSubmitted);
        QVERIFY(submitted.wait(30000));
        run = submitted[0][0].toString();
        QTRY_COMPARE(window->runPage()->runId(), run);
        QVERIFY(window->close());
    }
    const auto window = openWindow();
    window->start({}, {}); // as without arguments: the last workspace and the last run
    QTRY_COMPARE_WITH_TIMEOUT(window->runPage()->runId(), run, 10000);
    untilEnded(*window);
    QCOMPARE(window->runPage()->record()->status.state, RunState::Completed);
    const auto *series = [&] { return window->findChild<ChartsView *>()->series("train/loss"); }();
    QTRY_VERIFY(series || (series = window->findChild<ChartsView *>()->series("train/loss")));
    QTRY_COMPARE(std::int64_t(series->size()), window->runPage()->record()->totalSteps()); // every point, each once
}

void TestShell::deletedFolderIsTold()
{
    const auto window = openWindow();
    window->start({}, {});
    QTRY_VERIFY_WITH_TIMEOUT(window->runPage()->record(), 10000);
    untilEnded(*window);
    const QString run = window->runPage()->runId();
    const auto root = window->session()->workspace()->runsFolder() / toStdString(run);
    QVERIFY_RESULT(removeTree(root));
    auto *notice = window->findChild<Notice *>(u"runNotice"_s);
    QTRY_VERIFY_WITH_TIMEOUT(notice->isVisible() && notice->text().contains(toQString(root.string())), 10000);
    QVERIFY(!window->runPage()->registerAction()->isEnabled());
    QVERIFY(!window->runPage()->downloadAction()->isEnabled());
    QVERIFY(window->findChild<ChartsView *>()->series("train/loss")); // what was read stays
    QTRY_VERIFY(!window->session()->runs()->record(run));
}

void TestShell::canceledRunCanBeDeleted()
{
    const auto window = openWindow();
    window->start({}, {});
    QTRY_VERIFY(window->session()->workspace());
    JobRequest request;
    request.experiment = "long-runs";
    request.recipe = "mnist-mlp";
    request.params = {{"epochs", "5000"}};
    const auto run = submitRun(*window->session()->workspace(), request);
    QVERIFY_RESULT(run);
    window->session()->openRun(toQString(run->id()));
    QTRY_VERIFY_WITH_TIMEOUT(window->runPage()->record()
                                 && window->runPage()->record()->status.state == RunState::Running, 20000);
    auto *cancel = window->runPage()->cancelAction();
    QTRY_VERIFY(cancel->isEnabled());
    cancel->trigger();
    QVERIFY(!cancel->isEnabled()); // asked once
    untilEnded(*window);
    QCOMPARE(window->runPage()->record()->status.state, RunState::Canceled);
    QVERIFY(!window->findChild<QWidget *>(u"runProgress"_s)->isVisible());
    QTRY_VERIFY(window->runPage()->deleteAction()->isEnabled());
    auto *list = window->findChild<QTreeView *>(u"runsTree"_s);
    QTRY_VERIFY(window->session()->runs()->record(toQString(run->id())));
    window->findChild<RunsPanel *>()->select(toQString(run->id()));
    QTRY_COMPARE(list->currentIndex().data(RunsModel::RunIdRole).toString(), toQString(run->id()));
    list->setFocus();
    QTest::keyClick(list, Qt::Key_Delete);
    auto *undo = window->findChild<Notice *>(u"undoBar"_s);
    QTRY_VERIFY(undo->isVisible()); // not a box that would have to be answered
    QVERIFY(undo->text().contains(toQString(run->id())));
    QVERIFY(!std::filesystem::exists(run->root()));
    QTRY_VERIFY(!window->session()->runs()->record(toQString(run->id())));
    QTest::mouseClick(undo->findChild<QPushButton *>(), Qt::LeftButton);
    QTRY_VERIFY(std::filesystem::exists(run->root()));
    QTRY_COMPARE(window->runPage()->runId(), toQString(run->id()));
    QTRY_VERIFY(window->session()->runs()->record(toQString(run->id())));
    QVERIFY(!undo->isVisible());
    // By the menu, and back with the keyboard.
    QTRY_VERIFY(window->runPage()->deleteAction()->isEnabled());
    window->runPage()->deleteAction()->trigger();
    QTRY_VERIFY(undo->isVisible());
    QTest::keyClick(window.get(), Qt::Key_Z, Qt::ControlModifier);
    QTRY_VERIFY(std::filesystem::exists(run->root()));
}

void TestShell::trashIsReachable()
{
    const auto window = openWindow();
    window->start({}, {});
    QTRY_VERIFY(window->session()->workspace());
    const Trash trash(*window->session()->workspace());
    const auto ids = window->session()->workspace()->runIds();
    QVERIFY(ids && !ids->empty());
    QVERIFY_RESULT(trash.put(ids->front()));
    auto *action = window->findChild<QAction *>(u"openTrash"_s);
    QVERIFY(action->isEnabled());
    action->trigger();
    auto *dialog = window->findChild<QDialog *>(u"trashDialog"_s);
    QVERIFY(dialog);
    QTRY_COMPARE(dialog->findChild<QTreeWidget *>(u"trashList"_s)->topLevelItemCount(), 1);
    QTest::mouseClick(dialog->findChild<QPushButton *>(u"restoreTrash"_s), Qt::LeftButton);
    QTRY_COMPARE(window->runPage()->runId(), toQString(ids->front()));
    QTRY_COMPARE(dialog->findChild<QTreeWidget *>(u"trashList"_s)->topLevelItemCount(), 0);
    dialog->close();
}

void TestShell::case08_aVanishedFolderIsToldAndComesBack()
{
    const std::filesystem::path root = toStdString(m_folder.filePath(u"vanishing"_s));
    QVERIFY_RESULT(Workspace::init(root));
    const auto window = openWindow();
    QSignalSpy loaded(window->session(), &Session::runsLoaded);
    window->start(toQString(root.string()), {});
    QTRY_COMPARE(loaded.size(), 1);
    auto *banner = window->findChild<Notice *>(u"workspaceBanner"_s);
    QVERIFY(!banner->isVisible());
    std::filesystem::rename(root, root.string() + "-away");
    window->session()->refreshRuns();
    QTRY_VERIFY(banner->isVisible());
    QVERIFY(banner->text().contains(toQString(root.string())));
    std::filesystem::rename(root.string() + "-away", root);
    QTRY_VERIFY_WITH_TIMEOUT(!banner->isVisible(), 10000); // by itself
}

void TestShell::case15_aDamagedConfigurationIsTold()
{
    const std::filesystem::path root = toStdString(m_folder.filePath(u"damaged"_s));
    QVERIFY_RESULT(Workspace::init(root));
    QFile file(toQString((root / "config.json").string()));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("{\"format\": 2,\n \"id\": oops");
    file.close();
    const auto window = openWindow();
    window->start(toQString(root.string()), {});
    QTRY_VERIFY(window->session()->workspace());
    auto *banner = window->findChild<Notice *>(u"workspaceBanner"_s);
    QTRY_VERIFY(banner->isVisible());
    QVERIFY(banner->text().contains(u"line 2, column"_s));
}

void TestShell::wrongWorkspaceIsTold()
{
    const auto window = openWindow();
    QSignalSpy failed(window->session(), &Session::failed);
    window->session()->openWorkspace(m_folder.filePath(u"no such folder"_s));
    QTRY_COMPARE(failed.size(), 1);
    auto *box = window->findChild<QMessageBox *>(u"errorBox"_s);
    QVERIFY(box);
    QVERIFY(box->informativeText().contains("no such folder"_L1));
    box->close();
}

void TestShell::case44_importedWorkspaceIsForLookingUntilTrusted()
{
    const auto mine = Workspace::init(toStdString(m_folder.filePath(u"mine"_s)), "mine");
    QVERIFY_RESULT(mine);
    const QString file = m_folder.filePath(u"all.bottega"_s);
    const QString folder = m_folder.filePath(u"imported"_s);
    auto window = openWindow();
    auto *transfer = window->findChild<ArchiveTransfer *>();
    QSignalSpy exported(transfer, &ArchiveTransfer::exported);
    transfer->exportTo(*mine, {}, file);
    QTRY_COMPARE(exported.size(), 1);
    QVERIFY(ArchiveTransfer::isArchive(file));

    window->start(file, {}); // as a double click on it does
    auto *question = window->findChild<QMessageBox *>(u"importQuestion"_s);
    QVERIFY(question && question->findChild<QPushButton *>(u"importAnew"_s));
    question->close();
    transfer->importTo(file, folder);
    QTRY_VERIFY(window->session()->workspace());
    QTRY_COMPARE(toQString(window->session()->workspace()->root().string()), folder);
    auto *notice = window->findChild<Notice *>(u"restrictedNotice"_s);
    QTRY_VERIFY(notice->isVisible());
    QVERIFY(!window->findChild<QAction *>(u"newRun"_s)->isEnabled());
    notice->findChild<QPushButton *>()->click();
    QTRY_VERIFY(!notice->isVisible());
    QVERIFY(isTrusted(*window->session()->workspace()));
    QVERIFY(window->findChild<QAction *>(u"newRun"_s)->isEnabled());
}

void TestShell::screenshotOfARun()
{
    const auto workspace = Workspace::init(toStdString(m_folder.filePath(u"pictured"_s)));
    QVERIFY_RESULT(workspace);
    JobRequest request;
    request.experiment = "pictured-runs";
    request.recipe = "mnist-mlp";
    request.params = {{"epochs", "1"}};
    const auto run = submitRun(*workspace, request);
    QVERIFY_RESULT(run);
    const QString picture = m_folder.filePath(u"window.png"_s);
    QProcess studio;
    studio.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    studio.start(QStringLiteral(BOTTEGA_BIN_DIR "/bottega"),
                 {toQString(workspace->root().string()), u"--run"_s, toQString(run->id()), u"--screenshot"_s, picture,
                  u"-platform"_s, u"offscreen"_s});
    QVERIFY(studio.waitForFinished(120000));
    QCOMPARE(studio.exitCode(), 0);
    const QImage image(picture);
    QVERIFY(image.width() >= 960 && image.height() >= 600);
    studio.start(QStringLiteral(BOTTEGA_BIN_DIR "/bottega"),
                 {m_folder.filePath(u"nowhere"_s), u"--screenshot"_s, picture, u"-platform"_s, u"offscreen"_s});
    QVERIFY(studio.waitForFinished(60000));
    QCOMPARE(studio.exitCode(), 1);
}

BOTTEGA_GUI_TEST_MAIN(TestShell)
#include "tst_shell.moc"
