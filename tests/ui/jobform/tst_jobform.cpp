// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/runstatus.h"
#include "tests/support/testcase.h"
#include "ui/jobform/durationinput.h"
#include "ui/jobform/formfield.h"
#include "ui/jobform/jobform.h"
#include "ui/jobform/recipetexts.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/notice.h"
#include "ui/widgets/theme.h"

#include <QApplication>
#include <QComboBox>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRegularExpression>
#include <QSignalSpy>

using namespace Qt::StringLiterals;
using namespace bottega;

class TestJobForm : public test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void durations_data();
    void durations();
    void engineTextsCanBeTranslated();
    void everyParameterHasItsField();
    void complainsAsYouType_data();
    void complainsAsYouType();
    void emptyMeansTheDefault();
    void batchLargerThanTheDataIsToldBeforeRun();
    void dataSetsSayWhetherTheyAreReady();
    void prefillsFromARun();
    void resumeTakesTheRunsParameters();
    void everyControlHasAName();
    void submitsByKeyboard();

private:
    std::unique_ptr<JobForm> open(const QList<RunRecord> &runs = {});

    QTemporaryDir m_folder;
    std::optional<Workspace> m_workspace;
};

void TestJobForm::initTestCase()
{
    qputenv("BOTTEGA_THEME", "light");
    qputenv("BOTTEGA_LIBEXEC", BOTTEGA_BIN_DIR);
    theme::apply(*qobject_cast<QApplication *>(QCoreApplication::instance()));
    const auto workspace = Workspace::init(toStdString(m_folder.filePath(u"ws"_s)));
    QVERIFY_RESULT(workspace);
    m_workspace = *workspace;
}

std::unique_ptr<JobForm> TestJobForm::open(const QList<RunRecord> &runs)
{
    auto form = std::make_unique<JobForm>(*m_workspace, QStringList{u"alpha-runs"_s}, runs);
    form->open();
    form->activateWindow(); // there is no window manager on the test's display
    if (!QTest::qWaitForWindowActive(form.get()))
        qWarning("The form did not become active");
    return form;
}

void TestJobForm::durations_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<double>("seconds"); // negative: refused
    QTest::newRow("empty") << u"  "_s << 0.0;
    QTest::newRow("bare number") << u"90"_s << 90.0;
    QTest::newRow("seconds") << u"90 s"_s << 90.0;
    QTest::newRow("minutes") << u"10min"_s << 600.0;
    QTest::newRow("comma") << u"1,5 h"_s << 5400.0;
    QTest::newRow("clock") << u"1:30:00"_s << 5400.0;
    QTest::newRow("short clock") << u"2:30"_s << 150.0;
    QTest::newRow("days") << u"2 d"_s << 172800.0;
    QTest::newRow("word") << u"ten"_s << -1.0;
    QTest::newRow("negative") << u"-5"_s << -1.0;
    QTest::newRow("unit") << u"5 parsec"_s << -1.0;
    QTest::newRow("clock seconds") << u"1:75"_s << -1.0;
}

void TestJobForm::durations()
{
    QFETCH(QString, text);
    QFETCH(double, seconds);
    const auto parsed = parseDuration(text);
    QCOMPARE(parsed.has_value(), seconds >= 0);
    if (parsed)
        QCOMPARE(*parsed, seconds);
}

void TestJobForm::engineTextsCanBeTranslated()
{
    QFile file(QStringLiteral(BOTTEGA_SOURCE_DIR "/ui/jobform/recipetexts.cpp"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    // Adjacent literals are one text to the compiler, and to lupdate.
    QString source = QString::fromUtf8(file.readAll());
    source.remove(QRegularExpression(u"\"\\s*\n\\s*\""_s));
    for (const engine::Recipe &recipe : engine::recipes()) {
        QStringList texts{toQString(recipe.title), toQString(recipe.description)};
        for (const engine::ParamSpec &spec : recipe.params)
            texts += toQString(spec.help);
        for (const QString &text : texts)
            QVERIFY2(source.contains(u"\"%1\""_s.arg(text)), qPrintable(text));
    }
}

void TestJobForm::everyParameterHasItsField()
{
    const auto form = open();
    const auto recipe = engine::findRecipe("mnist-mlp");
    QVERIFY_RESULT(recipe);
    for (const engine::ParamSpec &spec : (*recipe)->params) {
        auto *edit = form->findChild<QLineEdit *>(u"param_"_s + toQString(spec.name));
        QVERIFY2(edit, spec.name.c_str());
        QCOMPARE(edit->text(), toQString(spec.defaultValue));
        QVERIFY(!edit->accessibleDescription().isEmpty());
    }
    QVERIFY(form->isAcceptable());
}

void TestJobForm::complainsAsYouType_data()
{
    QTest::addColumn<QString>("parameter");
    QTest::addColumn<QString>("value");
    QTest::addColumn<bool>("fits");
    QTest::newRow("word") << u"epochs"_s << u"ten"_s << false;
    QTest::newRow("zero") << u"batchsize"_s << u"0"_s << false;
    QTest::newRow("fraction of a whole number") << u"epochs"_s << u"1.5"_s << false;
    QTest::newRow("momentum above one") << u"momentum"_s << u"1.1"_s << false;
    QTest::newRow("not a number") << u"lr"_s << u"nan"_s << false;
    QTest::newRow("whole") << u"epochs"_s << u"3"_s << true;
    QTest::newRow("real") << u"lr"_s << u"0.05"_s << true;
}

void TestJobForm::complainsAsYouType()
{
    QFETCH(QString, parameter);
    QFETCH(QString, value);
    QFETCH(bool, fits);
    const auto form = open();
    auto *edit = form->findChild<QLineEdit *>(u"param_"_s + parameter);
    auto *line = form->findChild<QLabel *>(u"param_%1Line"_s.arg(parameter));
    const QString help = line->text();
    edit->setFocus();
    edit->selectAll();
    QTest::keyClicks(edit, value);
    QCOMPARE(form->isAcceptable(), fits);
    QCOMPARE(form->findChild<QPushButton *>(u"jobFormRun"_s)->isEnabled(), fits);
    QCOMPARE(line->text() == help, fits);
    QCOMPARE(edit->accessibleDescription(), line->text());
    if (!fits) {
        QVERIFY2(line->text().contains("needed"_L1), qPrintable(line->text()));
        QTest::keyClick(edit, Qt::Key_Return); // must not run anything
        QVERIFY(form->isVisible());
    }
}

void TestJobForm::emptyMeansTheDefault()
{
    const auto form = open();
    auto *edit = form->findChild<QLineEdit *>(u"param_epochs"_s);
    edit->clear();
    QVERIFY(form->isAcceptable());
    QCOMPARE(form->request().params.front(), (std::pair<std::string, std::string>{"epochs", "10"}));
}

void TestJobForm::batchLargerThanTheDataIsToldBeforeRun()
{
    const auto form = open();
    auto *summary = form->findChild<QLabel *>(u"jobFormSummary"_s);
    QTRY_VERIFY(summary->text().contains("mnist-small"_L1)); // what would run
    auto *notice = form->findChild<Notice *>(u"jobFormNotice"_s);
    QVERIFY(!notice->isVisible());
    form->findChild<QLineEdit *>(u"param_batchsize"_s)->setText(u"20000"_s);
    QTRY_VERIFY(notice->isVisible());
    QVERIFY2(notice->text().contains("batchsize=20000"_L1), qPrintable(notice->text()));
    form->findChild<QLineEdit *>(u"param_batchsize"_s)->setText(u"100"_s);
    QTRY_VERIFY(!notice->isVisible());
}

void TestJobForm::dataSetsSayWhetherTheyAreReady()
{
    const auto form = open();
    auto *data = form->findChild<QComboBox *>(u"dataField"_s);
    QTRY_VERIFY(data->findData(u"mnist-small"_s) > 0);
    QVERIFY(data->itemText(data->findData(u"mnist-small"_s)).contains(u"mnist-small"_s));
    const int full = data->findData(u"mnist"_s);
    QVERIFY(full > 0);
    QVERIFY(!(data->model()->index(full, 0).flags() & Qt::ItemIsEnabled)); // not here: it can't be chosen
}

void TestJobForm::prefillsFromARun()
{
    RunRecord record;
    record.id = "old-runs_1700000000_0000000a";
    record.job.experiment = "old-runs";
    record.job.recipe = "mnist-mlp";
    record.job.params = {{"epochs", "7"}, {"lr", "0.5"}};
    record.job.data.name = "mnist-small";
    record.job.gpu = "never";
    record.job.maxDurationSeconds = 90;
    const auto form = open();
    form->prefill(record);
    auto *data = form->findChild<QComboBox *>(u"dataField"_s);
    QTRY_COMPARE(data->currentData().toString(), u"mnist-small"_s);
    const JobRequest request = form->request();
    QCOMPARE(request.experiment, std::string("old-runs"));
    QCOMPARE(request.gpu, std::string("never"));
    QCOMPARE(request.maxDurationSeconds, 90.0);
    QCOMPARE(request.params[0].second, std::string("7"));
    QCOMPARE(request.params[3].second, std::string("0.5"));
}

void TestJobForm::resumeTakesTheRunsParameters()
{
    RunRecord record;
    record.id = "old-runs_1700000000_0000000a";
    record.job.experiment = "old-runs";
    record.job.recipe = "mnist-mlp";
    record.job.params = {{"epochs", "7"}};
    record.status.state = RunState::Canceled;
    const auto form = open({record});
    auto *resume = form->findChild<QComboBox *>(u"resumeField"_s);
    QCOMPARE(resume->count(), 2);
    resume->setCurrentIndex(1);
    QCOMPARE(form->findChild<QLineEdit *>(u"param_epochs"_s)->text(), u"7"_s);
    QCOMPARE(form->request().resumeFrom, record.id);
}

void TestJobForm::everyControlHasAName()
{
    const auto form = open();
    for (const QWidget *widget : form->findChildren<QWidget *>()) {
        const bool isControl = qobject_cast<const QLineEdit *>(widget) || qobject_cast<const QComboBox *>(widget);
        if (isControl && !qobject_cast<const QComboBox *>(widget->parent()))
            QVERIFY2(!widget->accessibleName().isEmpty(), qPrintable(widget->objectName()));
    }
}

void TestJobForm::submitsByKeyboard()
{
    const auto form = open();
    QSignalSpy submitted(form.get(), &JobForm::submitted);
    auto *experiment = form->findChild<QComboBox *>(u"experimentField"_s);
    QTRY_VERIFY(experiment->hasFocus() || experiment->lineEdit()->hasFocus());
    experiment->lineEdit()->selectAll();
    QTest::keyClicks(experiment->lineEdit(), u"by-keyboard"_s);
    auto *epochs = form->findChild<QLineEdit *>(u"param_epochs"_s);
    for (int i = 0; i < 10 && !epochs->hasFocus(); ++i)
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
    QVERIFY(epochs->hasFocus());
    QTest::keyClicks(epochs, u"1"_s);
    QCOMPARE(epochs->text(), u"1"_s); // tabbing into a field selects its text
    QTest::keyClick(epochs, Qt::Key_Return, Qt::ControlModifier);
    QTRY_COMPARE_WITH_TIMEOUT(submitted.size(), 1, 20000);
    QVERIFY(!form->isVisible());
    const auto run = m_workspace->run(toStdString(submitted[0][0].toString()));
    QVERIFY_RESULT(run);
    const auto job = run->readJob();
    QVERIFY_RESULT(job);
    QCOMPARE(job->experiment, std::string("by-keyboard"));
    QCOMPARE(job->param("epochs"), std::string("1"));
    QTRY_VERIFY_WITH_TIMEOUT(isTerminal(readRunStatus(*run)->state), 60000);
    QCOMPARE(readRunStatus(*run)->state, RunState::Completed);
}

BOTTEGA_GUI_TEST_MAIN(TestJobForm)
#include "tst_jobform.moc"
