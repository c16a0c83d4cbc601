// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/journal.h"
#include "core/run/process.h"
#include "core/run/runstatus.h"
#include "tests/support/testcase.h"
#include "ui/jobform/durationinput.h"
#include "ui/jobform/estimatetext.h"
#include "ui/jobform/formfield.h"
#include "ui/jobform/jobform.h"
#include "ui/jobform/ratecurve.h"
#include "ui/jobform/recipetexts.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/notice.h"
#include "ui/widgets/theme.h"

#include <QApplication>
#include <QComboBox>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QToolButton>
#include <QTreeView>

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
    void everyParameterHasItsField_data();
    void everyParameterHasItsField();
    void groupsFold();
    void presetsSetTheirValues();
    void choicesDecideWhatMatters();
    void changedValuesOutliveTheRecipe();
    void theNetworkIsDrawnAsItIsTyped();
    void anOwnNetworkIsCheckedLive();
    void theLearningRateIsPreviewed();
    void devicesAreListedWithTheirUse();
    void withoutAGpuItSaysWhy();
    void threadsAreBounded();
    void precisionIsForGpus();
    void timeAndMemoryAreEstimated();
    void pastRunsSharpenTheEstimate();
    void estimatesInWords();
    void thePanelGoesBelowWhereItIsNarrow();
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
    void putGpus(const QByteArray &lines); // what nvidia-smi says from now on
    static void chooseRecipe(JobForm &form, const QString &name);
    static QStringList drawing(const JobForm &form); // "Linear 100"

    QTemporaryDir m_folder;
    QTemporaryDir m_programs;
    std::optional<Workspace> m_workspace;
};

void TestJobForm::initTestCase()
{
    qputenv("BOTTEGA_THEME", "light");
    qputenv("BOTTEGA_LIBEXEC", BOTTEGA_BIN_DIR);
    theme::apply(*qobject_cast<QApplication *>(QCoreApplication::instance()));
    QLocale::setDefault(QLocale(QLocale::English));
    putGpus({});
    qputenv("PATH", m_programs.path().toUtf8() + ':' + qgetenv("PATH"));
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

void TestJobForm::putGpus(const QByteArray &lines)
{
    QFile file(m_programs.filePath(u"nvidia-smi"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("#!/bin/sh\ncat <<END\n" + lines + "END\n");
    file.close();
    QVERIFY(file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
}

void TestJobForm::chooseRecipe(JobForm &form, const QString &name)
{
    auto *recipe = form.findChild<QComboBox *>(u"recipeField"_s);
    recipe->setCurrentIndex(recipe->findData(name));
    QCOMPARE(recipe->currentData().toString(), name);
}

QStringList TestJobForm::drawing(const JobForm &form)
{
    const QAbstractItemModel *model = form.findChild<QTreeView *>(u"networkDrawing"_s)->model();
    QStringList rows;
    for (int row = 0; row < model->rowCount(); ++row)
        rows += model->index(row, 0).data().toString() + u' ' + model->index(row, 1).data().toString();
    return rows;
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
            texts += {toQString(spec.help), toQString(spec.group)};
        for (const engine::Preset &preset : recipe.presets)
            texts += toQString(preset.title);
        for (const QString &text : texts)
            QVERIFY2(source.contains(u"\"%1\""_s.arg(text)), qPrintable(text));
    }
}

void TestJobForm::everyParameterHasItsField_data()
{
    QTest::addColumn<QString>("name");
    for (const engine::Recipe &recipe : engine::recipes())
        QTest::newRow(recipe.name.c_str()) << toQString(recipe.name);
}

void TestJobForm::everyParameterHasItsField()
{
    QFETCH(QString, name);
    const auto form = open();
    chooseRecipe(*form, name);
    const auto recipe = engine::findRecipe(toStdString(name));
    QVERIFY_RESULT(recipe);
    const JobRequest request = form->request();
    for (const engine::ParamSpec &spec : (*recipe)->params) {
        auto *edit = form->findChild<QWidget *>(u"param_"_s + toQString(spec.name));
        QVERIFY2(edit, spec.name.c_str());
        QVERIFY(!edit->accessibleName().isEmpty());
        QVERIFY(!edit->accessibleDescription().isEmpty());
        if (spec.type == engine::ParamType::Network)
            continue;
        QCOMPARE(engine::paramOf(request.params, spec.name), spec.defaultValue);
        for (const std::string &choice : spec.choices)
            QVERIFY2(choiceText(spec.name, choice) != toQString(choice), choice.c_str());
    }
    QVERIFY(form->isAcceptable());
    QVERIFY(drawing(*form).size() > 3);
}

void TestJobForm::groupsFold()
{
    const auto form = open();
    auto *optimizer = form->findChild<QWidget *>(u"param_optimizer"_s);
    auto *epochs = form->findChild<QWidget *>(u"param_epochs"_s);
    QVERIFY(epochs->isVisible()); // the basic ones
    QVERIFY(!optimizer->isVisible());
    auto *button = form->findChild<QToolButton *>(u"groupButton_Optimizer"_s);
    QVERIFY(button->accessibleDescription().startsWith("Closed"_L1));
    button->setFocus();
    QTest::keyClick(button, Qt::Key_Space);
    QVERIFY(optimizer->isVisible());
    QVERIFY(button->accessibleDescription().startsWith("Open"_L1));
    chooseRecipe(*form, u"mnist-cnn"_s); // stays as the user left it
    QTRY_VERIFY(form->findChild<QWidget *>(u"param_optimizer"_s)->isVisible());
    // A value that is wrong must be seen.
    form->findChild<QLineEdit *>(u"param_shift"_s)->setText(u"far"_s);
    QTRY_VERIFY(form->findChild<QLineEdit *>(u"param_shift"_s)->isVisible());
    QVERIFY(!form->isAcceptable());
}

void TestJobForm::presetsSetTheirValues()
{
    const auto form = open();
    chooseRecipe(*form, u"mnist-cnn"_s);
    auto *preset = form->findChild<QComboBox *>(u"presetField"_s);
    QVERIFY(preset);
    QCOMPARE(preset->currentData().toString(), QString()); // the defaults
    const auto recipe = engine::findRecipe("mnist-cnn");
    const engine::Preset &wanted = (*recipe)->presets.front();
    preset->setCurrentIndex(preset->findData(toQString(wanted.name)));
    Q_EMIT preset->activated(preset->currentIndex());
    for (const auto &[name, value] : wanted.params)
        QCOMPARE(engine::paramOf(form->request().params, name), value);
    QCOMPARE(preset->currentData().toString(), toQString(wanted.name));
    form->findChild<QLineEdit *>(u"param_epochs"_s)->setText(u"3"_s);
    QCOMPARE(preset->currentData().toString(), u"own"_s);
    preset->setCurrentIndex(1);
    Q_EMIT preset->activated(1);
    for (const engine::ParamSpec &spec : (*recipe)->params)
        QCOMPARE(engine::paramOf(form->request().params, spec.name), spec.defaultValue);
}

void TestJobForm::choicesDecideWhatMatters()
{
    const auto form = open();
    const auto choose = [&form](const char *name, const char *value) {
        auto *combo = form->findChild<QComboBox *>(u"param_"_s + QLatin1String(name));
        combo->setCurrentIndex(combo->findData(QLatin1String(value)));
    };
    const auto matters = [&form](const char *name) { return form->findChild<QWidget *>(u"param_"_s + QLatin1String(name))->isEnabled(); };
    QVERIFY(matters("momentum"));
    QVERIFY(!matters("step_factor"));
    choose("optimizer", "adam");
    QVERIFY(!matters("momentum"));
    choose("optimizer", "nesterov");
    QVERIFY(matters("momentum"));
    choose("schedule", "step");
    QVERIFY(matters("step_factor") && matters("step_epochs"));
    QCOMPARE(engine::paramOf(form->request().params, "schedule"), std::string("step"));
}

void TestJobForm::changedValuesOutliveTheRecipe()
{
    const auto form = open();
    form->findChild<QLineEdit *>(u"param_epochs"_s)->setText(u"3"_s);
    chooseRecipe(*form, u"mnist-cnn"_s);
    QCOMPARE(engine::paramOf(form->request().params, "epochs"), std::string("3"));
    QCOMPARE(engine::paramOf(form->request().params, "lr"), std::string("0.05")); // this recipe's own default
}

void TestJobForm::theNetworkIsDrawnAsItIsTyped()
{
    const auto form = open();
    QCOMPARE(drawing(*form), (QStringList{u"Image 1 × 28 × 28"_s, u"Linear 100"_s, u"ReLU 100"_s, u"Linear 100"_s, u"ReLU 100"_s, u"Linear 10"_s}));
    auto *hidden = form->findChild<QLineEdit *>(u"param_hidden"_s);
    hidden->setFocus();
    hidden->selectAll();
    QTest::keyClicks(hidden, u"300, 50"_s);
    QCOMPARE(drawing(*form), (QStringList{u"Image 1 × 28 × 28"_s, u"Linear 300"_s, u"ReLU 300"_s, u"Linear 50"_s, u"ReLU 50"_s, u"Linear 10"_s}));
    QCOMPARE(engine::paramOf(form->request().params, "hidden"), std::string("300,50"));
    hidden->setText(u"300,"_s);
    QVERIFY(!form->isAcceptable());
    chooseRecipe(*form, u"mnist-cnn-small"_s);
    QVERIFY(drawing(*form).contains(u"Convolution 3 × 3 8 × 26 × 26"_s));
}

void TestJobForm::anOwnNetworkIsCheckedLive()
{
    const auto form = open();
    chooseRecipe(*form, u"network"_s);
    QVERIFY(form->isAcceptable());
    auto *edit = form->findChild<QPlainTextEdit *>(u"networkEdit"_s);
    QTRY_VERIFY(edit->isVisible());
    QVERIFY(!edit->accessibleName().isEmpty());
    QVERIFY(QFontInfo(edit->font()).fixedPitch());
    auto *line = form->findChild<QLabel *>(u"param_networkLine"_s);
    edit->setPlainText(u"{\"layers\": [\n{\"type\": \"linear\", \"units\": 20},\n{\"type\": \"magic\"}]}"_s);
    QVERIFY(!form->isAcceptable());
    QVERIFY2(line->text().startsWith("Line 3: layer 2"_L1), qPrintable(line->text()));
    QCOMPARE(edit->accessibleDescription(), line->text());
    // Right by itself, but too large for the pictures.
    edit->setPlainText(u"{\"layers\": [\n{\"type\": \"conv2d\", \"channels\": 2, \"kernel\": 40},\n{\"type\": \"linear\"}]}"_s);
    QVERIFY(!form->isAcceptable());
    QVERIFY2(line->text().contains("does not fit"_L1), qPrintable(line->text()));
    QVERIFY(form->findChild<QLabel *>(u"networkSums"_s)->text().contains("does not fit"_L1));
    edit->setPlainText(u"{\"layers\": [\n{\"type\": \"linear\", \"units\": 20}, {\"type\": \"tanh\"},\n{\"type\": \"linear\"}]}"_s);
    QVERIFY(form->isAcceptable());
    QCOMPARE(drawing(*form), (QStringList{u"Image 1 × 28 × 28"_s, u"Linear 20"_s, u"tanh 20"_s, u"Linear 10"_s}));
    const std::string sent = engine::paramOf(form->request().params, "network");
    QVERIFY2(sent.find('\n') == std::string::npos, sent.c_str()); // one argument, in one line
    auto *notice = form->findChild<Notice *>(u"jobFormNotice"_s);
    QTRY_VERIFY(form->findChild<QLabel *>(u"jobFormSummary"_s)->text().contains("mnist-small"_L1));
    QVERIFY(!notice->isVisible());
}

void TestJobForm::theLearningRateIsPreviewed()
{
    const auto form = open();
    auto *curve = form->findChild<RateCurve *>(u"rateCurve"_s);
    QVERIFY(curve->rates().front() == 0.01f && curve->rates().back() == 0.01f);
    auto *schedule = form->findChild<QComboBox *>(u"param_schedule"_s);
    schedule->setCurrentIndex(schedule->findData(u"cosine"_s));
    QCOMPARE(curve->rates().front(), 0.01f);
    QVERIFY(curve->rates().back() < 0.0001f);
    form->findChild<QLineEdit *>(u"param_warmup"_s)->setText(u"2"_s);
    QVERIFY(curve->rates().front() < 0.0001f);
    const float highest = *std::max_element(curve->rates().begin(), curve->rates().end());
    QVERIFY(highest > 0.0099f && highest <= 0.01f);
    QVERIFY(curve->accessibleDescription().contains("0.01"_L1));
}

void TestJobForm::devicesAreListedWithTheirUse()
{
    putGpus("0, GPU-aaaa, NVIDIA H100, 81559, 1024, 37, 580.95\n1, GPU-bbbb, NVIDIA T4, 15360, 0, [N/A], 580.95\n");
    const auto form = open();
    auto *device = form->findChild<QComboBox *>(u"deviceField"_s);
    auto *line = form->findChild<QLabel *>(u"deviceFieldLine"_s);
    auto *threads = form->findChild<QLineEdit *>(u"threadsField"_s);
    QTRY_VERIFY(device->findData(u"cuda:GPU-bbbb"_s) > 0);
    QVERIFY(device->itemText(device->findData(u"cpu"_s)).startsWith("CPU: "_L1));
    const int first = device->findData(u"cuda:GPU-aaaa"_s);
    QVERIFY2(device->itemText(first).startsWith("GPU 0: NVIDIA H100, "_L1), qPrintable(device->itemText(first)));
    device->setCurrentIndex(first);
    QVERIFY2(line->text().contains("37 % busy"_L1), qPrintable(line->text()));
    QVERIFY(!threads->isEnabled());
    QCOMPARE(form->request().device, std::string("cuda:GPU-aaaa"));
    QCOMPARE(form->request().gpu, std::string("auto"));
    // Use changes while the form is open, and the choice stays.
    putGpus("0, GPU-aaaa, NVIDIA H100, 81559, 2048, 99, 580.95\n");
    QTRY_VERIFY_WITH_TIMEOUT(line->text().contains("99 % busy"_L1), 10'000);
    QCOMPARE(device->currentIndex(), first);
    QCOMPARE(device->findData(u"cuda:GPU-bbbb"_s), -1);
    device->setCurrentIndex(device->findData(u"cpu"_s));
    QVERIFY(threads->isEnabled());
    QCOMPARE(form->request().gpu, std::string("never"));
    // A run of another machine keeps the name of its GPU.
    RunRecord record;
    record.job.recipe = "mnist-mlp";
    record.job.device = "cuda:GPU-cccc";
    form->prefill(record);
    QCOMPARE(form->request().device, std::string("cuda:GPU-cccc"));
    putGpus({});
}

void TestJobForm::withoutAGpuItSaysWhy()
{
    const auto form = open();
    auto *line = form->findChild<QLabel *>(u"deviceFieldLine"_s);
    QTRY_VERIFY2(line->text().contains("finds none"_L1), qPrintable(line->text()));
    QVERIFY(!form->findChild<QComboBox *>(u"precisionField"_s)->isEnabled());
    QCOMPARE(form->request().device, std::string("auto"));
}

void TestJobForm::threadsAreBounded()
{
    const auto form = open();
    auto *threads = form->findChild<QLineEdit *>(u"threadsField"_s);
    QTRY_VERIFY(!threads->placeholderText().isEmpty());
    QCOMPARE(form->request().threads, 0);
    threads->setText(u"1"_s);
    QVERIFY(form->isAcceptable());
    QCOMPARE(form->request().threads, 1);
    for (const QString &wrong : {u"0"_s, u"two"_s, u"100000"_s}) {
        threads->setText(wrong);
        QVERIFY2(!form->isAcceptable(), qPrintable(wrong));
    }
}

void TestJobForm::precisionIsForGpus()
{
    putGpus("0, GPU-aaaa, NVIDIA H100, 81559, 1024, 37, 580.95\n");
    const auto form = open();
    auto *device = form->findChild<QComboBox *>(u"deviceField"_s);
    auto *precision = form->findChild<QComboBox *>(u"precisionField"_s);
    QTRY_VERIFY(device->findData(u"cuda:GPU-aaaa"_s) > 0);
    QCOMPARE(device->currentData().toString(), u"auto"_s);
    QVERIFY(precision->isEnabled());
    QCOMPARE(form->request().precision, std::string("fp32"));
    precision->setCurrentIndex(precision->findData(u"bf16"_s));
    QCOMPARE(form->request().precision, std::string("bf16"));
    device->setCurrentIndex(device->findData(u"cpu"_s));
    QVERIFY(!precision->isEnabled());
    QCOMPARE(form->request().precision, std::string("fp32"));
    device->setCurrentIndex(device->findData(u"cuda:GPU-aaaa"_s));
    QVERIFY(precision->isEnabled());
    RunRecord record;
    record.job.recipe = "mnist-mlp";
    record.job.device = "cuda:GPU-aaaa";
    record.job.precision = "tf32";
    form->prefill(record);
    QCOMPARE(precision->currentText(), u"TF32"_s);
    QCOMPARE(form->request().precision, std::string("tf32"));
    putGpus({});
}

void TestJobForm::timeAndMemoryAreEstimated()
{
    const auto form = open();
    auto *estimate = form->findChild<QLabel *>(u"jobFormEstimate"_s);
    QTRY_VERIFY2(estimate->text().startsWith("About "_L1), qPrintable(estimate->text()));
    QVERIFY2(estimate->text().contains("cautious"_L1), qPrintable(estimate->text())); // nothing has run here yet
    const QString few = estimate->text();
    form->findChild<QLineEdit *>(u"param_epochs"_s)->setText(u"10000"_s);
    QTRY_VERIFY(!estimate->text().isEmpty() && estimate->text() != few);
    QVERIFY2(estimate->text().contains(" min"_L1) || estimate->text().contains(" h"_L1), qPrintable(estimate->text()));
    form->findChild<QLineEdit *>(u"param_epochs"_s)->setText(u"no"_s);
    QVERIFY(estimate->text().isEmpty());
}

void TestJobForm::pastRunsSharpenTheEstimate()
{
    RunRecord record;
    record.job.runId = record.id = makeRunId("speed");
    record.job.experiment = "speed";
    record.job.recipe = "mnist-mlp";
    record.job.data.name = "mnist-small";
    record.status.state = RunState::Completed;
    record.metrics["images/s"].last = 100; // 10,000 images and 10 epochs: 1000 s
    const auto folder = RunFolder::create(m_workspace->runsFolder(), record.job);
    QVERIFY_RESULT(folder);
    JournalEntry entry;
    entry.state = RunState::Completed;
    entry.agentPid = 1;
    entry.host = hostName();
    QVERIFY_RESULT(appendJournal(folder->journal(), entry));
    const auto form = open({record});
    auto *estimate = form->findChild<QLabel *>(u"jobFormEstimate"_s);
    QTRY_VERIFY2(estimate->text().contains(toQString(record.id).section(u'_', -1)), qPrintable(estimate->text()));
    QVERIFY2(estimate->text().startsWith("About 17 min and "_L1), qPrintable(estimate->text()));
}

void TestJobForm::estimatesInWords()
{
    QCOMPARE(roundedDuration(0.2), u"1 s"_s);
    QCOMPARE(roundedDuration(12.7), u"13 s"_s);
    QCOMPARE(roundedDuration(95), u"1.6 min"_s);
    QCOMPARE(roundedDuration(7'500), u"2.1 h"_s);
    QCOMPARE(roundedDuration(86'400 * 20), u"20 days"_s);
    Estimate estimate{0, 80e6, Estimate::Basis::None, {}};
    QCOMPARE(estimateText(estimate, true), u"About 80 MB of GPU memory; the time is known after the first run on this GPU"_s);
    estimate = {12, 80e6, Estimate::Basis::SameDevice, "digits_1700000000_0000000a"};
    QCOMPARE(estimateText(estimate, false), u"About 12 s and 80 MB, judging by run 0000000a of another network"_s);
}

void TestJobForm::thePanelGoesBelowWhereItIsNarrow()
{
    const auto form = open();
    auto *view = form->findChild<QWidget *>(u"networkView"_s);
    auto *side = form->findChild<QWidget *>(u"planSide"_s);
    form->resize(1240, 860);
    QTRY_VERIFY(side->isVisible());
    QVERIFY(side->isAncestorOf(view));
    form->resize(760, 700);
    QTRY_VERIFY(!side->isVisible() && view->isVisible());
    form->resize(1240, 860);
    QTRY_VERIFY(side->isAncestorOf(view) && view->isVisible());
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
