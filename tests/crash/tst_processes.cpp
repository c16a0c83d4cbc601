// SPDX-License-Identifier: Apache-2.0
#include "core/agent/agent.h"
#include "core/base/clock.h"
#include "core/engine/checkpoint.h"
#include "core/run/attempt.h"
#include "core/run/readmetrics.h"
#include "core/run/runstatus.h"
#include "core/workspace/index.h"
#include "core/workspace/trust.h"
#include "tests/support/testcase.h"

#include <QElapsedTimer>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QRandomGenerator>

#include <csignal>
#include <filesystem>
#include <set>

using namespace Qt::StringLiterals;
using namespace bottega;

namespace fs = std::filesystem;

namespace {

constexpr int patience = 30'000; // milliseconds
constexpr int truthWithin = 5'000;
constexpr int reopenWithin = 3'000;

int kills()
{
    bool isNumber = false;
    const int number = qEnvironmentVariableIntValue("BOTTEGA_CRASH_KILLS", &isNumber);
    return isNumber && number > 0 ? number : 30;
}

QString program(const char *name)
{
    return QStringLiteral(BOTTEGA_BIN_DIR "/") + QLatin1String(name);
}

/// (metric, step) of each point that a reader finds, which must come once, with its value.
using Points = std::map<std::pair<std::string, std::int64_t>, double>;

} // namespace

/// The real programs, killed at random while a real training runs.
class TestProcesses : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        const auto seed = static_cast<quint32>(qEnvironmentVariableIntValue("BOTTEGA_CRASH_SEED"));
        m_random.seed(seed ? seed : 1);
        qInfo("seed %u", seed ? seed : 1);
        m_folder = fs::path(m_scratch.path().toStdString()) / "ws";
        const auto workspace = Workspace::init(m_folder, "crash");
        QVERIFY_RESULT(workspace);
        QVERIFY_RESULT(trustWorkspace(*workspace)); // else nothing is trained in it
        m_workspace = std::make_unique<Workspace>(*workspace);
    }

    /// Trainer: what was seen stays, the state names the signal, the last checkpoint or the one before loads.
    void case01_trainerKilledAtRandom()
    {
        for (int i = 0; i < kills(); ++i) {
            const RunFolder run = submit();
            QVERIFY(waitForPoints(run));
            QTest::qSleep(static_cast<int>(m_random.bounded(30, 250))); // the moment is what is tried
            const Points seen = points(run);
            const auto attempt = newestAttempt(readJournal(run.journal())->entries);
            QVERIFY(attempt.work.has_value());
            ::kill(attempt.work->pid, SIGKILL);
            QTRY_VERIFY_WITH_TIMEOUT(isTerminal(status(run).state), truthWithin);
            QCOMPARE(status(run).state, RunState::Failed);
            QVERIFY2(status(run).evidence.find("signal 9 (Killed)") != std::string::npos, status(run).evidence.c_str());
            QVERIFY(contains(points(run), seen));
            QVERIFY(lastCheckpointLoads(run));
        }
    }

    /// Agent: the work goes on, and whoever waits for it learns its true end.
    void case02_agentKilledAtRandom()
    {
        for (int i = 0; i < kills(); ++i) {
            const RunFolder run = submit();
            QVERIFY(waitForPoints(run));
            QTest::qSleep(static_cast<int>(m_random.bounded(0, 150)));
            const Points seen = points(run);
            const auto attempt = newestAttempt(readJournal(run.journal())->entries);
            QVERIFY(attempt.agent.has_value() && attempt.work.has_value());
            ::kill(attempt.agent->pid, SIGKILL);
            QVERIFY(attempt.work->isAlive());
            QTRY_VERIFY(!attempt.agent->isAlive()); // before that nobody may adopt
            QProcess adopter;
            adopter.start(program("bottega-agent"), {u"adopt"_s, QString::fromStdString(run.root().string())});
            const auto isAdopted = [&run, &attempt] {
                const auto now = newestAttempt(readJournal(run.journal())->entries);
                return now.agent && now.agent->pid != attempt.agent->pid && now.agent->isAlive();
            };
            QVERIFY2(QTest::qWaitFor(isAdopted, truthWithin), (status(run).evidence + " " + adopter.readAllStandardError().toStdString()).c_str());
            ::kill(attempt.work->pid, SIGKILL);
            QTRY_VERIFY_WITH_TIMEOUT(isTerminal(status(run).state), truthWithin);
            QCOMPARE(status(run).state, RunState::Failed);
            QVERIFY(contains(points(run), seen));
            QTRY_COMPARE_WITH_TIMEOUT(adopter.state(), QProcess::NotRunning, patience);
        }
    }

    /// Studio: with a live run on its page; the run does not notice, and the next start is quick.
    void case03_studioKilledAtRandom()
    {
        const RunFolder run = submit(100000);
        QVERIFY(waitForPoints(run));
        for (int i = 0; i < kills(); ++i) {
            QProcess studio;
            startStudio(studio, run);
            QTest::qSleep(static_cast<int>(m_random.bounded(50, 600)));
            studio.kill();
            QVERIFY(studio.waitForFinished(patience));
            QVERIFY(newestAttempt(readJournal(run.journal())->entries).work->isAlive());
        }
        QVERIFY(reopens(run));
        stop(run);
    }

    /// All three at one moment.
    void case04_studioAgentAndTrainerKilledAtOnce()
    {
        for (int i = 0; i < (kills() + 2) / 3; ++i) {
            const RunFolder run = submit(100000);
            QVERIFY(waitForPoints(run));
            QProcess studio;
            startStudio(studio, run);
            QTest::qSleep(static_cast<int>(m_random.bounded(50, 500)));
            const Points seen = points(run);
            const auto attempt = newestAttempt(readJournal(run.journal())->entries);
            QVERIFY(attempt.agent.has_value() && attempt.work.has_value());
            studio.kill();
            ::kill(attempt.agent->pid, SIGKILL);
            ::kill(attempt.work->pid, SIGKILL);
            QVERIFY(studio.waitForFinished(patience));
            QTRY_VERIFY_WITH_TIMEOUT(status(run).state != RunState::Running && status(run).state != RunState::Starting, truthWithin);
            QVERIFY2(status(run).state == RunState::Failed, status(run).evidence.c_str());
            QVERIFY(contains(points(run), seen));
            QVERIFY(lastCheckpointLoads(run));
        }
        auto index = Index::open(*m_workspace);
        QVERIFY_RESULT(index);
        const auto differences = index->verify();
        QVERIFY_RESULT(differences);
        QVERIFY2(differences->empty(), differences->empty() ? "" : differences->front().c_str());
    }

private:
    RunFolder submit(int epochs = 1000)
    {
        QProcess cli;
        cli.start(program("bottega-cli"),
                  {u"--workspace"_s, QString::fromStdString(m_folder.string()), u"run"_s, u"submit"_s, u"--experiment"_s,
                   u"crash"_s, u"--recipe"_s, u"mnist-mlp"_s, u"--param"_s, u"epochs=%1"_s.arg(epochs), u"--param"_s,
                   u"batchsize=50"_s, u"--gpu"_s, u"never"_s, u"--json"_s});
        if (!cli.waitForFinished(patience) || cli.exitCode() != 0)
            qFatal("no run: %s", cli.readAllStandardError().constData());
        const QString id = QJsonDocument::fromJson(cli.readAllStandardOutput()).object().value(u"id"_s).toString();
        return RunFolder(m_workspace->runsFolder() / id.toStdString());
    }

    static RunStatus status(const RunFolder &run)
    {
        const auto known = readRunStatus(run);
        return known ? *known : RunStatus();
    }

    static Points points(const RunFolder &run)
    {
        Points all;
        const auto metrics = readMetrics(run.metrics());
        if (!metrics)
            return all;
        for (const auto &[name, series] : *metrics) {
            for (const MetricPoint &point : series) {
                if (!all.emplace(std::pair(name, point.step), point.value).second)
                    qFatal("%s, step %lld is there twice", name.c_str(), static_cast<long long>(point.step));
            }
        }
        return all;
    }

    static bool contains(const Points &all, const Points &some)
    {
        return std::all_of(some.begin(), some.end(), [&all](const auto &point) {
            const auto found = all.find(point.first);
            return found != all.end() && found->second == point.second;
        });
    }

    static bool waitForPoints(const RunFolder &run)
    {
        return QTest::qWaitFor([&run] { return points(run).size() >= 3; }, patience);
    }

    static bool lastCheckpointLoads(const RunFolder &run)
    {
        std::set<fs::path> paths;
        for (const auto &entry : fs::directory_iterator(run.checkpoints())) {
            if (entry.path().extension() == ".npz")
                paths.insert(entry.path());
        }
        return std::all_of(paths.begin(), paths.end(),
                           [](const fs::path &path) { return engine::readCheckpoint(path).has_value(); });
    }

    void startStudio(QProcess &studio, const RunFolder &run)
    {
        studio.start(program("bottega"), {QString::fromStdString(m_folder.string()), u"--run"_s, QString::fromStdString(run.id())});
        QVERIFY(studio.waitForStarted(patience));
    }

    bool reopens(const RunFolder &run)
    {
        QElapsedTimer time;
        time.start();
        QProcess studio;
        studio.start(program("bottega"), {QString::fromStdString(m_folder.string()), u"--run"_s, QString::fromStdString(run.id()),
                                          u"--exit-when-ready"_s});
        const bool isOpen = studio.waitForFinished(patience) && studio.exitCode() == 0;
        qInfo("reopened in %lld ms: %s", time.elapsed(), studio.readAllStandardError().constData());
        return isOpen && time.elapsed() < reopenWithin;
    }

    void stop(const RunFolder &run)
    {
        QProcess cli;
        cli.start(program("bottega-cli"), {u"--workspace"_s, QString::fromStdString(m_folder.string()), u"run"_s, u"cancel"_s,
                                           QString::fromStdString(run.id())});
        QVERIFY(cli.waitForFinished(patience));
        QTRY_VERIFY_WITH_TIMEOUT(isTerminal(status(run).state), patience);
    }

    QTemporaryDir m_scratch;
    fs::path m_folder;
    std::unique_ptr<Workspace> m_workspace;
    QRandomGenerator m_random;
};

BOTTEGA_TEST_MAIN(TestProcesses)
#include "tst_processes.moc"
