// SPDX-License-Identifier: Apache-2.0
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/formats/tfevents/eventwriter.h"
#include "core/workspace/models.h"
#include "core/workspace/runfeed.h"
#include "core/workspace/runmetrics.h"
#include "core/workspace/workspacewatcher.h"
#include "tests/core/workspace/fixture.h"
#include "tests/support/testcase.h"

#include <QSignalSpy>
#include <QThread>

#include <fstream>

using namespace bottega;
using namespace bottega::test;
namespace fs = std::filesystem;

class RunFeedTest : public TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void firstSignalsCarryEverything();
    void followsALiveRun();
    void liveRunIsReadOnFromItsCache();
    void longLogComesInOrder();
    void stateAndFilesAreFollowed();
    void deletedFolder();
    void damageIsCountedNotFatal();
    void endsQuickly();
    void watcherLoadsThenFollows();
    void watcherRefreshesWhenAsked();
    void watcherSaysWhatIsWrong();
};

namespace {

/// What a view would have collected, in the thread of the view.
struct Collector
{
    explicit Collector(RunFeed &feed)
    {
        QObject::connect(&feed, &RunFeed::pointsArrived, &feed, [this](const QList<MetricBatch> &batches) {
            isInOwnThread = isInOwnThread && QThread::currentThread() == QCoreApplication::instance()->thread();
            for (const MetricBatch &batch : batches) {
                for (const MetricPoint &point : batch.points)
                    points[batch.name].push_back(point.value);
            }
        });
        QObject::connect(&feed, &RunFeed::logArrived, &feed, [this](const QByteArray &bytes) { log += bytes; });
        QObject::connect(&feed, &RunFeed::recordChanged, &feed,
                         [this](const RunRecord &changed) { record = changed; });
        QObject::connect(&feed, &RunFeed::folderGone, &feed, [this] { ++gone; });
        QObject::connect(&feed, &RunFeed::problem, &feed, [this](const QString &text) { problems.append(text); });
    }

    std::map<std::string, std::vector<double>> points;
    QByteArray log;
    RunRecord record;
    QStringList problems;
    int gone = 0;
    bool isInOwnThread = true;
};

void append(const fs::path &path, const std::string &text)
{
    std::ofstream(path, std::ios::app | std::ios::binary) << text;
}

} // namespace

void RunFeedTest::firstSignalsCarryEverything()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun(3);
    append(run.driverLog(), "epoch 1\nepoch 2\n");
    RunFeed feed(run);
    const Collector seen(feed);
    QTRY_VERIFY(seen.record.status.state == RunState::Completed);
    QTRY_COMPARE(seen.log, QByteArray("epoch 1\nepoch 2\n"));
    QCOMPARE(seen.points.at("Accuracy"), (std::vector<double>{0.9 + 0.01 * 0, 0.9 + 0.01 * 1, 0.9 + 0.01 * 2}));
    QCOMPARE(seen.record.artifacts.at(0).path, std::string("outputs/model.npz"));
    QCOMPARE(seen.record.metrics.at("Accuracy").count, std::uint64_t{3});
    QVERIFY(seen.isInOwnThread);
    QVERIFY(seen.problems.isEmpty());
}

void RunFeedTest::followsALiveRun()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.newRun();
    WorkspaceFixture::journalAlive(run);
    RunFeed feed(run);
    const Collector seen(feed);
    QTRY_VERIFY(seen.record.status.state == RunState::Running);
    std::vector<double> expected;
    for (int i = 0; i < 5; ++i) {
        WorkspaceFixture::addMetric(run, "train/loss", {1.0 / (i + 1)}, ("writer" + std::to_string(i)).c_str());
        append(run.driverLog(), "line " + std::to_string(i) + "\n");
        expected.push_back(1.0 / (i + 1));
        QTRY_COMPARE(seen.points.contains("train/loss") ? seen.points.at("train/loss") : std::vector<double>(),
                     expected);
        QTRY_VERIFY(seen.log.endsWith("line " + QByteArray::number(i) + "\n"));
    }
    QCOMPARE(seen.log.count('\n'), 5); // nothing twice
    QTRY_COMPARE(seen.record.metrics.at("train/loss").count, std::uint64_t{5});
}

void RunFeedTest::liveRunIsReadOnFromItsCache()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.newRun();
    WorkspaceFixture::journalAlive(run);
    auto events = EventWriter::create(run.metrics(), 1, "trainer");
    QVERIFY_RESULT(events);
    std::vector<double> expected;
    const auto append = [&](int count) {
        for (int i = 0; i < count; ++i) {
            expected.push_back(0.5 * static_cast<double>(expected.size()));
            QVERIFY_RESULT(events->append(static_cast<std::int64_t>(expected.size()), {{"loss", expected.back()}}));
        }
    };
    append(60'000);
    {
        RunFeed feed(run);
        Collector seen(feed);
        QTRY_VERIFY(seen.points["loss"] == expected);
        QTRY_VERIFY(fs::exists(columnCacheOf(run)));
    }
    WorkspaceFixture::damageMiddle(fs::directory_iterator(run.metrics())->path()); // what is in the cache already
    append(100);
    RunFeed feed(run);
    Collector seen(feed);
    QTRY_VERIFY(seen.points["loss"] == expected);
    append(100);
    QTRY_VERIFY(seen.points["loss"] == expected);
    QVERIFY(seen.problems.isEmpty());
}

void RunFeedTest::longLogComesInOrder()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun();
    std::string text;
    for (int i = 0; text.size() < 3'000'000; ++i)
        text += "line " + std::to_string(i) + "\n";
    append(run.driverLog(), text);
    RunFeed feed(run);
    const Collector seen(feed);
    QTRY_COMPARE(seen.log.size(), static_cast<qsizetype>(text.size()));
    QVERIFY(seen.log == QByteArray::fromStdString(text));
    append(run.driverLog(), "one more\n"); // also after the end, though more slowly
    QTRY_VERIFY(seen.log.endsWith("one more\n"));
}

void RunFeedTest::stateAndFilesAreFollowed()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.newRun();
    RunFeed feed(run);
    const Collector seen(feed);
    QTRY_COMPARE(seen.record.id, run.id());
    QVERIFY(seen.record.artifacts.empty());
    WorkspaceFixture::journal(run, RunState::Queued, wallTime());
    QTRY_VERIFY(seen.record.status.state == RunState::Queued);
    WorkspaceFixture::write(run.work() / "outputs/a.txt", "a");
    QTRY_COMPARE(seen.record.artifacts.size(), std::size_t{1});
    WorkspaceFixture::journal(run, RunState::Failed, wallTime(), "signal 9 (Killed)");
    QTRY_COMPARE(seen.record.status.error, std::string("signal 9 (Killed)"));
    QVERIFY_RESULT(Models(fixture.workspace).registerFromRun(run, {"digits", "outputs/a.txt", {}, {}}));
    QTRY_COMPARE(seen.record.model, std::string("digits:1"));
}

void RunFeedTest::deletedFolder()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun();
    RunFeed feed(run);
    const Collector seen(feed);
    QTRY_VERIFY(seen.record.status.state == RunState::Completed);
    QVERIFY_RESULT(removeTree(run.root()));
    QTRY_COMPARE(seen.gone, 1);
    QCOMPARE(seen.points.at("Accuracy").size(), std::size_t{3});
    // A feed of a folder that never was.
    RunFeed none(RunFolder(fixture.workspace.runsFolder() / "digits_1_00000000"));
    const Collector other(none);
    QTRY_COMPARE(other.gone, 1);
}

void RunFeedTest::damageIsCountedNotFatal()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun(5);
    for (const auto &entry : fs::directory_iterator(run.metrics())) {
        std::string bytes = WorkspaceFixture::read(entry.path());
        bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
        WorkspaceFixture::write(entry.path(), bytes);
    }
    RunFeed feed(run);
    const Collector seen(feed);
    QTRY_COMPARE(seen.problems.size(), 1);
    QVERIFY2(seen.problems[0].startsWith(QLatin1StringView("1 damaged")), qPrintable(seen.problems[0]));
    QTRY_COMPARE(seen.points.at("Accuracy").size(), std::size_t{4});
}

void RunFeedTest::endsQuickly()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun();
    for (int i = 0; i < 20; ++i)
        RunFeed feed(run); // gone before its thread has said anything
    for (int i = 0; i < 20; ++i)
        WorkspaceWatcher watcher(fixture.workspace);
}

void RunFeedTest::watcherLoadsThenFollows()
{
    WorkspaceFixture fixture;
    const RunFolder first = fixture.completedRun();
    const RunFolder live = fixture.newRun();
    WorkspaceFixture::journalAlive(live);
    WorkspaceWatcher watcher(fixture.workspace);
    QSignalSpy loaded(&watcher, &WorkspaceWatcher::runsLoaded);
    QSignalSpy removed(&watcher, &WorkspaceWatcher::runsRemoved);
    QList<RunRecord> changed;
    connect(&watcher, &WorkspaceWatcher::runsChanged, this,
            [&changed](const QList<RunRecord> &records) { changed += records; });
    QTRY_COMPARE(loaded.size(), 1);
    QCOMPARE(loaded[0][0].value<QList<RunRecord>>().size(), 2);
    WorkspaceFixture::addMetric(live, "Accuracy", {0.7});
    QTRY_COMPARE(changed.size(), 1);
    QCOMPARE(changed[0].metrics.at("Accuracy").last, 0.7);
    QVERIFY_RESULT(removeTree(first.root()));
    QTRY_COMPARE(removed.size(), 1);
    QCOMPARE(removed[0][0].toStringList(), QStringList(QString::fromStdString(first.id())));
    QCOMPARE(loaded.size(), 1);
}

void RunFeedTest::watcherRefreshesWhenAsked()
{
    WorkspaceFixture fixture;
    WorkspaceWatcher watcher(fixture.workspace);
    QSignalSpy loaded(&watcher, &WorkspaceWatcher::runsLoaded);
    QSignalSpy changed(&watcher, &WorkspaceWatcher::runsChanged);
    QTRY_COMPARE(loaded.size(), 1);
    QVERIFY(loaded[0][0].value<QList<RunRecord>>().isEmpty());
    fixture.completedRun();
    watcher.refreshNow();
    QTRY_COMPARE(changed.size(), 1);
}

void RunFeedTest::watcherSaysWhatIsWrong()
{
    const WorkspaceFixture fixture;
    const Workspace workspace = fixture.workspace;
    QVERIFY_RESULT(removeTree(workspace.root()));
    WorkspaceWatcher watcher(workspace);
    QSignalSpy problems(&watcher, &WorkspaceWatcher::problem);
    QTRY_COMPARE(problems.size(), 1);
    QVERIFY(problems[0][0].toString().contains(QString::fromStdString(workspace.root().string())));
    watcher.refreshNow();
    QVERIFY(!problems.wait(300)); // the same again is no news
}

BOTTEGA_TEST_MAIN(RunFeedTest)
#include "tst_runfeed.moc"
