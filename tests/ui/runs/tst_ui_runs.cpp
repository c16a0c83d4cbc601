// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/clock.h"
#include "tests/support/testcase.h"
#include "ui/runs/rundetails.h"
#include "ui/runs/runheader.h"
#include "ui/runs/runsfilter.h"
#include "ui/runs/runsmodel.h"
#include "ui/runs/runspanel.h"
#include "ui/runs/runstyle.h"
#include "ui/runs/statebadge.h"
#include "ui/widgets/errortext.h"

#include <QAbstractItemModelTester>
#include <QAction>
#include <QApplication>
#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTextDocument>
#include <QTreeView>

using namespace Qt::StringLiterals;
using namespace bottega;

namespace {

RunRecord makeRecord(int number, const char *experiment, RunState state, double accuracy = -1)
{
    RunRecord record;
    record.id = u"%1_%2_%3"_s.arg(QLatin1String(experiment)).arg(1'700'000'000 + number).arg(number, 8, 16, QChar(u'0')).toStdString();
    record.job.runId = record.id;
    record.job.experiment = experiment;
    record.job.recipe = "mnist-mlp";
    record.job.data.name = "mnist-small";
    record.job.data.trainCount = 10'000;
    record.job.params = {{"epochs", "10"}, {"batchsize", "128"}};
    record.job.createdAt = 1'700'000'000 + number;
    record.status.state = state;
    record.status.evidence = "pid 4121 alive";
    record.status.started = record.job.createdAt + 1;
    record.status.ended = isTerminal(state) ? record.status.started + 65 : 0;
    record.status.since = record.status.started;
    if (accuracy >= 0)
        record.metrics["val/accuracy"] = {accuracy, accuracy, 10, 10, 1};
    return record;
}

} // namespace

class TestUiRuns : public test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void groupsRunsByExperiment();
    void showsWhatPeopleLookFor();
    void changesOnlyTheRowsThatChanged();
    void addsAndRemoves();
    void timeOfLiveRunsMovesOn();
    void sortsByNumberNotText();
    void filterNeedsEveryWord();
    void scatteredRunsAreFilteredAtOnce();
    void panelOpensTheChosenRun();
    void panelFindsAFilteredRun();
    void panelTeachesWhenEmpty();
    void everyStateHasWordsIconAndColour();
    void headerShowsEvidenceWithItsAge();
    void headerShowsProgressAndTimeLeft();
    void detailsAreCopyable();
    void markupIsShownLiterally();
};

void TestUiRuns::initTestCase()
{
    qputenv("BOTTEGA_THEME", "light");
    theme::apply(*qobject_cast<QApplication *>(QCoreApplication::instance()));
}

void TestUiRuns::groupsRunsByExperiment()
{
    RunsModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setRecords({makeRecord(3, "alpha", RunState::Completed), makeRecord(2, "beta", RunState::Failed),
                      makeRecord(1, "alpha", RunState::Running)});
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.runCount(), 3);
    QCOMPARE(model.liveCount(), 1);
    QCOMPARE(model.experiments(), (QStringList{u"alpha"_s, u"beta"_s}));
    const QModelIndex alpha = model.index(0, 0);
    QCOMPARE(alpha.data().toString(), u"alpha"_s);
    QCOMPARE(model.rowCount(alpha), 2);
    QCOMPARE(model.index(0, 0, alpha).data(RunsModel::RunIdRole).toString(), u"alpha_1700000003_00000003"_s);
    QCOMPARE(model.indexOf(u"beta_1700000002_00000002"_s).parent(), model.index(1, 0));
    QVERIFY(!model.indexOf(u"gamma"_s).isValid());
    model.setRecords({});
    QCOMPARE(model.rowCount(), 0);
}

void TestUiRuns::showsWhatPeopleLookFor()
{
    RunsModel model;
    model.setRecords({makeRecord(1, "alpha", RunState::Completed, 0.9712)});
    const QModelIndex run = model.indexOf(u"alpha_1700000001_00000001"_s);
    QCOMPARE(run.data().toString(), u"00000001"_s);
    QCOMPARE(run.siblingAtColumn(RunsModel::State).data().toString(), u"Completed"_s);
    QCOMPARE(run.siblingAtColumn(RunsModel::Best).data().toString(), u"97.12 %"_s);
    QCOMPARE(run.siblingAtColumn(RunsModel::Time).data().toString(), u"1:05"_s);
    QCOMPARE(run.parent().siblingAtColumn(RunsModel::Best).data().toString(), u"97.12 %"_s);
}

void TestUiRuns::changesOnlyTheRowsThatChanged()
{
    RunsModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QList<RunRecord> records;
    for (int i = 0; i < 6; ++i)
        records.append(makeRecord(i, "alpha", RunState::Running));
    model.setRecords(records);
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    model.updateRecords({makeRecord(1, "alpha", RunState::Completed), makeRecord(2, "alpha", RunState::Completed),
                         makeRecord(5, "alpha", RunState::Failed)});
    QCOMPARE(inserted.size(), 0);
    QCOMPARE(reset.size(), 0);
    QCOMPARE(changed.size(), 3); // rows 1–2 together, row 5, and the experiment
    QCOMPARE(changed[0][0].toModelIndex().row(), 1);
    QCOMPARE(changed[0][1].toModelIndex().row(), 2);
    QCOMPARE(changed[1][0].toModelIndex().row(), 5);
    QVERIFY(!changed[2][0].toModelIndex().parent().isValid());
    QCOMPARE(model.liveCount(), 3);
}

void TestUiRuns::addsAndRemoves()
{
    RunsModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setRecords({makeRecord(1, "alpha", RunState::Completed)});
    const QPersistentModelIndex first = model.indexOf(u"alpha_1700000001_00000001"_s);
    model.updateRecords({makeRecord(2, "alpha", RunState::Queued), makeRecord(3, "beta", RunState::Queued)});
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(first.row(), 1); // the newer one came before it
    QCOMPARE(model.record(first)->id, std::string("alpha_1700000001_00000001"));
    model.removeRuns({u"alpha_1700000002_00000002"_s, u"unknown"_s});
    QCOMPARE(first.row(), 0);
    model.removeRuns({u"alpha_1700000001_00000001"_s});
    QVERIFY(!first.isValid());
    QCOMPARE(model.experiments(), QStringList{u"beta"_s}); // an experiment goes with its last run
    QVERIFY(model.record(u"beta_1700000003_00000003"_s));
}

void TestUiRuns::timeOfLiveRunsMovesOn()
{
    RunsModel model;
    model.setRecords({makeRecord(1, "alpha", RunState::Completed), makeRecord(2, "alpha", RunState::Running)});
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    QVERIFY(changed.wait(5000));
    QCOMPARE(changed[0][0].toModelIndex(), model.indexOf(u"alpha_1700000002_00000002"_s).siblingAtColumn(RunsModel::Time));
    QCOMPARE(changed[0][1].toModelIndex(), changed[0][0].toModelIndex());
}

void TestUiRuns::sortsByNumberNotText()
{
    RunsModel model;
    RunsFilter filter;
    filter.setSourceModel(&model);
    const QAbstractItemModelTester tester(&filter, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setRecords({makeRecord(1, "alpha", RunState::Completed, 0.0999), makeRecord(2, "alpha", RunState::Completed, 1.0),
                      makeRecord(3, "alpha", RunState::Completed, 0.2)});
    filter.sort(RunsModel::Best, Qt::DescendingOrder);
    const QModelIndex alpha = filter.index(0, 0);
    QStringList order;
    for (int row = 0; row < 3; ++row)
        order += filter.index(row, RunsModel::Best, alpha).data().toString();
    QCOMPARE(order, (QStringList{u"100.00 %"_s, u"20.00 %"_s, u"9.99 %"_s}));
    filter.sort(RunsModel::Name, Qt::DescendingOrder);
    QCOMPARE(filter.index(0, 0, alpha).data().toString(), u"00000003"_s); // newest first
}

void TestUiRuns::filterNeedsEveryWord()
{
    RunsModel model;
    RunsFilter filter;
    filter.setSourceModel(&model);
    const QAbstractItemModelTester tester(&filter, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setRecords({makeRecord(1, "alpha", RunState::Completed), makeRecord(2, "alpha", RunState::Failed),
                      makeRecord(3, "beta", RunState::Failed)});
    filter.setWords(u"failed"_s);
    QCOMPARE(filter.rowCount(), 2);
    filter.setWords(u"  ALPHA failed "_s);
    QCOMPARE(filter.rowCount(), 1);
    QCOMPARE(filter.rowCount(filter.index(0, 0)), 1);
    filter.setWords(u"alpha nothing"_s);
    QCOMPARE(filter.rowCount(), 0);
    filter.setWords({});
    QCOMPARE(filter.rowCount(), 2);
}

/// Rows that go one by one, each a piece of its own, take seconds where there are ten thousand.
void TestUiRuns::scatteredRunsAreFilteredAtOnce()
{
    RunsModel model;
    RunsFilter filter;
    filter.setSourceModel(&model);
    const QAbstractItemModelTester tester(&filter, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QList<RunRecord> records;
    for (int i = 1; i <= 200; ++i)
        records.push_back(makeRecord(i, "alpha", i % 2 == 0 ? RunState::Failed : RunState::Completed));
    model.setRecords(records);
    const QModelIndex kept = model.indexOf(toQString(records[1].id));
    const QPersistentModelIndex shown = filter.mapFromSource(kept);
    QSignalSpy removed(&filter, &QAbstractItemModel::rowsRemoved), inserted(&filter, &QAbstractItemModel::rowsInserted);
    filter.setWords(u"failed"_s);
    QCOMPARE(filter.rowCount(filter.index(0, 0)), 100);
    QVERIFY(shown == filter.mapFromSource(kept) && shown.isValid()); // what is chosen stays chosen
    filter.setWords({});
    QCOMPARE(filter.rowCount(filter.index(0, 0)), 200);
    QCOMPARE(removed.count() + inserted.count(), 0);
}

void TestUiRuns::panelOpensTheChosenRun()
{
    RunsModel model;
    RunsPanel panel(&model);
    panel.resize(420, 600);
    panel.show();
    panel.activateWindow(); // there is no window manager on the test's display
    QVERIFY(QTest::qWaitForWindowActive(&panel));
    model.setRecords({makeRecord(2, "alpha", RunState::Completed), makeRecord(1, "alpha", RunState::Running)});
    QSignalSpy selected(&panel, &RunsPanel::runSelected);
    auto *tree = panel.findChild<QTreeView *>(u"runsTree"_s);
    tree->setFocus();
    QTest::keyClick(tree, Qt::Key_Home);
    QTest::keyClick(tree, Qt::Key_Down);
    QCOMPARE(selected.size(), 1);
    QCOMPARE(selected[0][0].toString(), u"alpha_1700000002_00000002"_s);
    model.updateRecords({makeRecord(2, "alpha", RunState::Completed, 0.5)});
    QCOMPARE(selected.size(), 1); // news of a run don't open it again
    QCOMPARE(panel.selectedRun(), u"alpha_1700000002_00000002"_s);
    const QString state = panel.headerState();
    panel.restoreHeaderState(state);
    QCOMPARE(panel.headerState(), state);
}

void TestUiRuns::panelFindsAFilteredRun()
{
    RunsModel model;
    RunsPanel panel(&model);
    model.setRecords({makeRecord(2, "alpha", RunState::Completed), makeRecord(1, "beta", RunState::Running)});
    auto *words = panel.findChild<QLineEdit *>(u"runsFilter"_s);
    words->setText(u"alpha"_s);
    panel.select(u"beta_1700000001_00000001"_s);
    QVERIFY(words->text().isEmpty());
    QCOMPARE(panel.selectedRun(), u"beta_1700000001_00000001"_s);
}

void TestUiRuns::panelTeachesWhenEmpty()
{
    RunsModel model;
    RunsPanel panel(&model);
    panel.show();
    auto *tree = panel.findChild<QTreeView *>(u"runsTree"_s);
    QVERIFY(!tree->isVisible());
    model.setRecords({makeRecord(1, "alpha", RunState::Completed)});
    QVERIFY(tree->isVisible());
    panel.findChild<QLineEdit *>(u"runsFilter"_s)->setText(u"zzz"_s);
    QVERIFY(!tree->isVisible());
}

void TestUiRuns::everyStateHasWordsIconAndColour()
{
    QSet<QString> words;
    for (int state = int(RunState::NotStarted); state <= int(RunState::NotResponding); ++state) {
        words.insert(stateText(RunState(state)));
        QVERIFY(!stateIcon(RunState(state)).pixmap(16, 16).isNull());
        StateBadge badge;
        badge.setState(RunState(state));
        QVERIFY(badge.accessibleName().contains(stateText(RunState(state))));
    }
    QCOMPARE(words.size(), int(RunState::NotResponding) + 1);
    QVERIFY(stateColor(RunState::Failed) != stateColor(RunState::Completed));
}

void TestUiRuns::headerShowsEvidenceWithItsAge()
{
    const RunRecord live = makeRecord(1, "alpha", RunState::Running);
    QCOMPARE(evidenceText(live, 100, 102.5), u"pid 4121 alive, 2 s ago"_s);
    RunRecord silent = makeRecord(1, "alpha", RunState::NotResponding);
    silent.status.since = 1000;
    QCOMPARE(evidenceText(silent, 5000, 1000 + 180), u"pid 4121 alive, 3 min ago"_s);
    RunHeader header({});
    header.setRecord(live);
    QVERIFY(header.findChild<QLabel *>(u"runEvidence"_s)->text().startsWith("pid 4121 alive, "_L1));
}

void TestUiRuns::headerShowsProgressAndTimeLeft()
{
    RunRecord record = makeRecord(1, "alpha", RunState::Running, 0.9);
    record.status.started = 1000;
    QVERIFY(!secondsLeft(record, 1010));
    record.metrics["train/loss"] = {0.1, 0.1, 391, 391, 391};
    record.metrics["epoch"] = {5, 5, 391, 391, 5};
    QCOMPARE(record.totalSteps(), 782);
    QCOMPARE(*secondsLeft(record, 1030), 30.0);
    record.status.started = wallTime() - 30;
    RunHeader header({new QAction(u"Cancel"_s, this)});
    header.setRecord(record);
    QVERIFY2(header.progressText().startsWith(u"50 % · epoch 5 of 10 · 0:"_s), qPrintable(header.progressText()));
    QCOMPARE(header.findChild<QLabel *>(u"runAccuracy"_s)->text(), u"90.00 %"_s);
}

void TestUiRuns::detailsAreCopyable()
{
    RunDetails details;
    const RunRecord record = makeRecord(1, "alpha", RunState::Completed, 0.9);
    details.setRecord(RunFolder("/somewhere/" + record.id), record);
    const QString text = details.plainText();
    QVERIFY(text.contains("batchsize\t128"_L1));
    QVERIFY(text.contains("Folder\t/somewhere/alpha_1700000001_00000001"_L1));
    for (const QLabel *label : details.findChildren<QLabel *>()) {
        if (label->text() == "128"_L1)
            QVERIFY(label->textInteractionFlags() & Qt::TextSelectableByKeyboard);
    }
}

void TestUiRuns::markupIsShownLiterally()
{
    RunRecord record = makeRecord(1, "alpha", RunState::Failed);
    const std::string bad = "<img src='/dev/zero'><b>x</b>";
    record.job.data.name = record.job.recipe = record.status.evidence = bad;
    record.job.params = {{bad, bad}};
    RunHeader header({});
    header.setRecord(record);
    RunDetails details;
    details.setRecord(RunFolder("/somewhere"), record);
    RunsModel model;
    model.setRecords({record});
    int seen = 0;
    for (const QWidget *widget : {static_cast<QWidget *>(&header), static_cast<QWidget *>(&details)}) {
        for (const QLabel *label : widget->findChildren<QLabel *>()) {
            QCOMPARE(label->textFormat(), Qt::PlainText);
            QVERIFY(!label->toolTip().contains("<img"_L1));
            seen += label->text().contains("<b>x</b>"_L1);
        }
    }
    QVERIFY(seen >= 5);
    const QString toolTip = model.indexOf(toQString(record.id)).data(Qt::ToolTipRole).toString();
    QVERIFY(!toolTip.contains("<img"_L1) || !Qt::mightBeRichText(toolTip));
}

BOTTEGA_GUI_TEST_MAIN(TestUiRuns)
#include "tst_ui_runs.moc"
