// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/evaluate.h"
#include "core/workspace/models.h"
#include "tests/support/testcase.h"
#include "ui/charts/chartsview.h"
#include "ui/inspector/predictionsview.h"
#include "ui/logs/logview.h"
#include "ui/runs/runpage.h"
#include "ui/shell/mainwindow.h"
#include "ui/shell/session.h"
#include "ui/shell/settings.h"
#include "ui/widgets/theme.h"

#include <QAbstractButton>
#include <QApplication>
#include <QComboBox>
#include <QDialog>
#include <QDir>
#include <QFile>
#include <QLineEdit>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTreeView>

#include <memory>

using namespace Qt::StringLiterals;
using namespace bottega;

/// The whole main job in the window with mouse and keyboard: from the start page to a downloaded file. The functions
/// follow each other in one session, as a person's steps do; pictures of each stay in the build folder.
class TestFirstLight : public test::TestCase
{
    Q_OBJECT
private:
    template <class T = QWidget>
    T *find(const char *objectName) const
    {
        for (QWidget *top : QApplication::topLevelWidgets()) {
            if (top->objectName() == QLatin1String(objectName))
                return qobject_cast<T *>(top);
            for (T *widget : top->findChildren<T *>(QLatin1String(objectName))) {
                if (widget->isVisible())
                    return widget;
            }
        }
        return nullptr;
    }

    /// Without a window manager nobody hands the focus back when a dialog closes.
    void press(Qt::Key key, Qt::KeyboardModifiers modifiers)
    {
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
        QTest::keyClick(m_window.get(), key, modifiers);
    }

    void click(const char *objectName)
    {
        QTRY_VERIFY2(find(objectName) && find(objectName)->isEnabled(), objectName);
        QTest::mouseClick(find(objectName), Qt::LeftButton);
    }

    void type(const char *objectName, const QString &text)
    {
        QTRY_VERIFY2(find(objectName), objectName);
        QWidget *field = find(objectName);
        if (auto *combo = qobject_cast<QComboBox *>(field))
            field = combo->lineEdit();
        field->setFocus();
        QTest::keyClick(field, Qt::Key_A, Qt::ControlModifier);
        QTest::keyClicks(field, text);
    }

    void picture(const QString &name)
    {
        QTest::qWait(150); // not for an outcome: lets hover, focus and chart frames settle in the picture
        QWidget *shown = QApplication::activeModalWidget() ? QApplication::activeModalWidget() : m_window.get();
        QVERIFY(shown->grab().save(m_pictures.filePath(name + u".png"_s)));
    }

    void openWindow()
    {
        m_settings = std::make_unique<Settings>();
        m_window = std::make_unique<MainWindow>(*m_settings);
        m_window->resize(1360, 860);
        m_window->start({}, {});
        m_window->show();
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
    }

    RunPage *page() const { return m_window->runPage(); }
    QString state() const
    {
        return page()->record() ? QString::fromLatin1(runStateName(page()->record()->status.state).data()) : QString();
    }
    ChartsView *charts() const { return page()->findChild<ChartsView *>(); }
    qsizetype points(const char *metric) const
    {
        const MetricSeries *series = charts()->series(metric);
        return series ? static_cast<qsizetype>(series->size()) : 0;
    }

    QDir m_pictures;
    QTemporaryDir m_downloads;
    std::unique_ptr<Settings> m_settings;
    std::unique_ptr<MainWindow> m_window;
    QString m_firstRun;

    bool m_broken = false;

private Q_SLOTS:
    void initTestCase()
    {
        qputenv("BOTTEGA_LIBEXEC", BOTTEGA_BIN_DIR);
        theme::apply(*qApp);
        const QString chosen = qEnvironmentVariable("BOTTEGA_PICTURES");
        m_pictures.setPath(chosen.isEmpty() ? QStringLiteral(BOTTEGA_BIN_DIR "/../pictures") : chosen);
        QVERIFY(m_pictures.mkpath(u"."_s));
        openWindow();
    }

    void init()
    {
        if (m_broken)
            QSKIP("an earlier step failed");
        TestCase::init();
    }
    void cleanup() { m_broken = m_broken || QTest::currentTestFailed(); }

    void trainsFromTheStartPageWithOneClick()
    {
        picture(u"01-start"_s);
        click("trainMnistNow");
        QTRY_VERIFY_WITH_TIMEOUT(!page()->runId().isEmpty(), 10'000);
        m_firstRun = page()->runId();
        QTRY_VERIFY_WITH_TIMEOUT(points("train/loss") > 0, 10'000);
        picture(u"02-live"_s);
        QTRY_COMPARE_WITH_TIMEOUT(state(), u"Completed"_s, 120'000);
        // 10,000 images, 10 epochs, batches of 128 that straddle epochs: every step is there, once.
        QTRY_COMPARE(points("train/loss"), 782);
        QTRY_COMPARE(points("val/loss"), 10);
        QTRY_COMPARE(points("val/accuracy"), 10);
        picture(u"03-completed"_s);
    }

    void showsLogFilesAndDetailsByKeyboard()
    {
        press(Qt::Key_2, Qt::AltModifier);
        QTRY_COMPARE(page()->tab(), RunPage::Tab::Log);
        QTRY_VERIFY(page()->findChild<LogView *>()->edit()->toPlainText().contains(u"epoch:10"_s));
        picture(u"04-log"_s);
        press(Qt::Key_3, Qt::AltModifier);
        QTRY_COMPARE(page()->tab(), RunPage::Tab::Artifacts);
        auto *tree = page()->findChild<QTreeView *>(u"artifactTree"_s);
        QTRY_VERIFY(tree->model()->rowCount() > 0);
        picture(u"05-artifacts"_s);
        press(Qt::Key_5, Qt::AltModifier);
        QTRY_COMPARE(page()->tab(), RunPage::Tab::Details);
        picture(u"06-details"_s);
    }

    void showsWhatTheModelReadsWrongly()
    {
        press(Qt::Key_4, Qt::AltModifier);
        QTRY_COMPARE(page()->tab(), RunPage::Tab::Predictions);
        auto *predictions = page()->findChild<PredictionsView *>();
        QTRY_VERIFY_WITH_TIMEOUT(predictions->inspection() != nullptr, 30'000);
        QTRY_COMPARE(predictions->inspection()->evaluation.count, 2000);
        QCOMPARE(predictions->inspection()->evaluation.accuracy, page()->record()->metrics.at("Accuracy").last);
        picture(u"07-predictions"_s);
    }

    void registersTheModelWithAClick()
    {
        click("registerModelButton");
        QTRY_VERIFY(find("registerModelDialog"));
        find("registerModelDialog")->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(find("registerModelDialog")));
        type("modelName", u"chainer-dnn-mnist"_s);
        type("modelDescription", u"The tutorial's network"_s);
        QTRY_VERIFY(find("registerButton")->isEnabled());
        picture(u"08-register"_s);
        click("registerButton");
        QTRY_VERIFY(!find("registerModelDialog"));
        const auto model = Models(*m_window->session()->workspace()).find("chainer-dnn-mnist");
        QVERIFY_RESULT(model);
        QCOMPARE(model->id(), "chainer-dnn-mnist:1");
        QCOMPARE(QString::fromStdString(model->run), m_firstRun);
    }

    void downloadsTheModelToAFolder()
    {
        press(Qt::Key_3, Qt::ControlModifier);
        QTRY_COMPARE(m_window->page(), MainWindow::Page::Models);
        auto *tree = find<QTreeView>("modelTree");
        QTRY_VERIFY(tree && tree->model()->rowCount() == 1);
        tree->setFocus();
        QTest::keyClick(tree, Qt::Key_Home);
        QTest::keyClick(tree, Qt::Key_Down);
        QTRY_VERIFY(find("downloadModel") && find("downloadModel")->isEnabled());
        picture(u"09-models"_s);
        click("downloadModel");
        QTRY_VERIFY(find<QDialog>("downloadFolderDialog"));
        auto *dialog = find<QDialog>("downloadFolderDialog");
        dialog->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(dialog));
        auto *folder = dialog->findChild<QLineEdit *>(u"fileNameEdit"_s);
        QVERIFY(folder);
        // Without the focus the dialog overwrites what is being typed.
        QTRY_VERIFY((dialog->activateWindow(), folder->setFocus(), folder->hasFocus()));
        folder->selectAll();
        QTest::keyClicks(folder, m_downloads.path());
        QTest::keyClick(folder, Qt::Key_Return);
        const QString file = m_downloads.filePath(u"model.npz"_s);
        QTRY_VERIFY2(QFile::exists(file), qPrintable(QDir(m_downloads.path()).entryList().join(u' ')));
        QFile downloaded(file);
        QVERIFY(downloaded.open(QIODevice::ReadOnly));
        QVERIFY(downloaded.read(2) == "PK");
        QTRY_VERIFY(QApplication::activeModalWidget());
        QTest::keyClick(QApplication::activeModalWidget(), Qt::Key_Escape);
        QTRY_VERIFY(!QApplication::activeModalWidget());
    }

    void runsAnotherJobFromTheForm()
    {
        press(Qt::Key_N, Qt::ControlModifier);
        QTRY_VERIFY(find("jobForm"));
        find("jobForm")->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(find("jobForm")));
        type("param_epochs", u"ten"_s);
        QTRY_VERIFY(!find("jobFormRun")->isEnabled() || find<QLineEdit>("param_epochs")->property("invalid").toBool());
        picture(u"10-form-mistake"_s);
        type("param_epochs", u"2"_s);
        type("param_batchsize", u"100"_s);
        QTRY_VERIFY(find("jobFormRun")->isEnabled());
        picture(u"11-form"_s);
        click("jobFormRun");
        QTRY_VERIFY_WITH_TIMEOUT(page()->runId() != m_firstRun && state() == u"Completed"_s, 60'000);
        QTRY_COMPARE(points("train/loss"), 200);
    }

    void cancelsALongRun()
    {
        press(Qt::Key_N, Qt::ControlModifier);
        QTRY_VERIFY(find("jobForm"));
        find("jobForm")->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(find("jobForm")));
        type("param_epochs", u"100000"_s);
        type("maxDurationField", u"120 s"_s);
        const QString before = page()->runId();
        click("jobFormRun");
        QTRY_VERIFY_WITH_TIMEOUT(page()->runId() != before && state() == u"Running"_s, 20'000);
        QTRY_VERIFY_WITH_TIMEOUT(points("train/loss") > 100, 20'000);
        picture(u"12-running"_s);
        click("cancelRunButton");
        QTRY_COMPARE_WITH_TIMEOUT(state(), u"Canceled"_s, 30'000);
        picture(u"13-canceled"_s);
    }

    void aRunGoesOnWithoutTheWindowAndTheChartHasEveryPoint()
    {
        press(Qt::Key_N, Qt::ControlModifier);
        QTRY_VERIFY(find("jobForm"));
        find("jobForm")->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(find("jobForm")));
        type("param_epochs", u"60"_s);
        type("param_batchsize", u"128"_s);
        const QString before = page()->runId();
        click("jobFormRun");
        QTRY_VERIFY_WITH_TIMEOUT(page()->runId() != before && points("train/loss") > 10, 20'000);
        const QString run = page()->runId();
        m_window->close();
        m_window.reset();
        openWindow();
        QTRY_VERIFY_WITH_TIMEOUT(m_window->session()->workspace(), 10'000);
        if (page()->runId() != run)
            m_window->start(QString::fromStdString(m_window->session()->workspace()->root().string()), run);
        QTRY_COMPARE_WITH_TIMEOUT(page()->runId(), run, 10'000);
        QTRY_COMPARE_WITH_TIMEOUT(state(), u"Completed"_s, 120'000);
        QTRY_COMPARE(points("train/loss"), 4688); // ceil(60 · 10,000 / 128)
        QTRY_COMPARE(points("val/loss"), 60);
    }

    void showsTheDataSets()
    {
        press(Qt::Key_4, Qt::ControlModifier);
        QTRY_COMPARE(m_window->page(), MainWindow::Page::Data);
        picture(u"14-data"_s);
    }

    void followsADarkDesktop()
    {
        theme::setScheme(theme::Scheme::Dark);
        picture(u"15-data-dark"_s);
        press(Qt::Key_2, Qt::ControlModifier);
        press(Qt::Key_1, Qt::AltModifier);
        picture(u"16-charts-dark"_s);
        press(Qt::Key_4, Qt::AltModifier);
        auto *predictions = page()->findChild<PredictionsView *>();
        QTRY_VERIFY_WITH_TIMEOUT(predictions->inspection() != nullptr, 30'000);
        picture(u"17-predictions-dark"_s);
        theme::setScheme(theme::Scheme::Light);
    }

    void cleanupTestCase() { m_window.reset(); }
};

BOTTEGA_GUI_TEST_MAIN(TestFirstLight)
#include "tst_firstlight.moc"
