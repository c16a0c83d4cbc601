// SPDX-License-Identifier: Apache-2.0
#include "core/run/readmetrics.h"
#include "tests/core/agent/agenttest.h"

#include <QFile>

#include <fstream>
#include <unistd.h>

using namespace bottega;
using namespace Qt::StringLiterals;
namespace fs = std::filesystem;

/// Runs that go on, with the real trainer on data of its own: 256 noisy images of two classes.
class TestResume : public bottega::test::AgentTest
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void canceledRunGoesOn();
    void runWithoutACheckpointStartsAnew();
    void completedRunIsRefused();
    void runOfALostAgentGoesOn();

    void case01_killedTrainerKeepsItsPoints();
    void case01_damagedCheckpointIsPassedOver();
    void case19_interruptedRunGoesOn();
    void case21_stoppedTrainerGoesOn();
    void case25_notANumberIsTold();

private:
    static constexpr int stepsPerEpoch = 8;

    [[nodiscard]] static const char *trainer() { return BOTTEGA_BIN_DIR "/bottega-trainer"; }
    void makeRun(int epochs, const std::vector<std::pair<std::string, std::string>> &more = {{"lr", "0.01"}})
    {
        Job made = job({});
        made.params = {{"epochs", std::to_string(epochs)}, {"batchsize", "32"}, {"output_dir", "./outputs"},
                       {"hidden", "8"}, {"seed", "1"}};
        made.params.insert(made.params.end(), more.begin(), more.end());
        made.device = "cpu";
        made.data = {"tiny", m_data.path().toStdString(), {}, 256, 64};
        make(made);
    }
    [[nodiscard]] fs::path checkpoint(int epoch) const
    {
        return m_run->checkpoints() / QString::asprintf("epoch-%04d.npz", epoch).toStdString();
    }
    void killAfter(int epoch)
    {
        Agent agent = start({}, trainer());
        QTRY_VERIFY(fs::exists(checkpoint(epoch)));
        ::kill(workPid(), SIGKILL);
        QCOMPARE(exitCode(agent), 1);
    }
    [[nodiscard]] PagedArray<MetricPoint> losses() const { return readMetrics(m_run->metrics())->at("train/loss"); }
    [[nodiscard]] std::string log() const { return readFile(m_run->driverLog()).value_or(std::string()); }

    QTemporaryDir m_data;
};

void TestResume::initTestCase()
{
    const auto save = [this](const char *name, const std::vector<int> &dims, auto byteAt) {
        std::string bytes = {0, 0, 8, static_cast<char>(dims.size())};
        std::size_t count = 1;
        for (const int dim : dims) {
            for (const int shift : {24, 16, 8, 0})
                bytes += static_cast<char>(dim >> shift);
            count *= static_cast<std::size_t>(dim);
        }
        for (std::size_t i = 0; i < count; ++i)
            bytes += static_cast<char>(byteAt(i));
        std::ofstream(m_data.filePath(QString::fromUtf8(name)).toStdString(), std::ios::binary) << bytes;
    };
    const auto label = [](std::size_t i) { return static_cast<int>(i % 10); };
    const auto pixel = [](std::size_t i) { return static_cast<int>(i * 2654435761u >> 24 & 0x3f) + (i / 784 % 10) * 15; };
    save("train-images-idx3-ubyte", {256, 28, 28}, pixel);
    save("train-labels-idx1-ubyte", {256}, label);
    save("t10k-images-idx3-ubyte", {64, 28, 28}, pixel);
    save("t10k-labels-idx1-ubyte", {64}, label);
}

void TestResume::canceledRunGoesOn()
{
    makeRun(200);
    Agent agent = start({}, trainer());
    QTRY_VERIFY(fs::exists(checkpoint(2)));
    QVERIFY_RESULT(cancel());
    QCOMPARE(exitCode(agent), 1);
    QCOMPARE(status().state, RunState::Canceled);
    const std::size_t linesBefore = entries().size();
    const std::string bytesBefore = readFile(m_run->journal()).value();
    QCOMPARE(runToEnd({u"--resume"_s}, trainer()), 0);
    QCOMPARE(status().state, RunState::Completed);
    QCOMPARE(status().attempts, 2);
    QVERIFY(readFile(m_run->journal())->starts_with(bytesBefore)); // appended, not mixed
    for (std::size_t i = 0; i < entries().size(); ++i)
        QCOMPARE(entries()[i].attempt, i < linesBefore ? 1 : 2);
    const auto points = losses();
    QCOMPARE(points.back().step, std::int64_t{200 * stepsPerEpoch});
    QVERIFY(log().find("going on from ") != std::string::npos);
}

void TestResume::runWithoutACheckpointStartsAnew()
{
    makeRun(2);
    const std::string data = m_data.path().toStdString();
    const fs::path missing = fs::path(data) / "train-labels-idx1-ubyte";
    fs::rename(missing, missing.string() + ".away");
    QCOMPARE(runToEnd({}, trainer()), 1);
    QCOMPARE(status().state, RunState::Failed);
    fs::rename(missing.string() + ".away", missing);
    QCOMPARE(runToEnd({u"--resume"_s}, trainer()), 0);
    QCOMPARE(status().state, RunState::Completed);
    QVERIFY(status().error.empty());
    QCOMPARE(losses().size(), std::size_t{2 * stepsPerEpoch});
}

void TestResume::completedRunIsRefused()
{
    makeRun(1);
    QCOMPARE(runToEnd({}, trainer()), 0);
    const auto before = entries().size();
    Agent agent;
    agent.process->start(agentProgram(), {u"run"_s, u"--resume"_s, QString::fromStdString(m_run->root().string())});
    QCOMPARE(exitCode(agent), 2);
    const QByteArray said = agent.process->readAllStandardError();
    QVERIFY2(said.contains("The run has completed") && said.contains("nothing was changed") &&
                 said.contains("--resume-from") && said.contains("more epochs"),
             said.constData());
    QCOMPARE(entries().size(), before);
}

void TestResume::runOfALostAgentGoesOn()
{
    makeRun(200);
    Agent agent = start({}, trainer());
    QTRY_VERIFY(fs::exists(checkpoint(2)));
    ::kill(agent.pid(), SIGKILL);
    ::kill(workPid(), SIGKILL);
    QCOMPARE(exitCode(agent), 9);
    QTRY_VERIFY(isGone(workPid()));
    QCOMPARE(runToEnd({u"--resume"_s}, trainer()), 0);
    QCOMPARE(count(RunState::Failed), 1); // the end of the first attempt was written down first
    QCOMPARE(status().state, RunState::Completed);
    QCOMPARE(losses().back().step, std::int64_t{200 * stepsPerEpoch});
}

void TestResume::case01_killedTrainerKeepsItsPoints()
{
    for (const int epoch : {1, 3, 9}) {
        makeRun(200);
        killAfter(epoch);
        QCOMPARE(status().state, RunState::Failed);
        QCOMPARE(status().error, std::string("signal 9 (Killed)"));
        const auto points = losses(); // the epoch's checkpoint came after its steps were acknowledged
        QVERIFY(points.size() >= static_cast<std::size_t>(epoch * stepsPerEpoch));
        for (std::size_t i = 0; i < points.size(); ++i)
            QCOMPARE(points[i].step, static_cast<std::int64_t>(i + 1));
        QCOMPARE(runToEnd({u"--resume"_s}, trainer()), 0);
        QCOMPARE(status().state, RunState::Completed);
    }
}

void TestResume::case01_damagedCheckpointIsPassedOver()
{
    makeRun(200);
    killAfter(5);
    int newest = 5;
    while (fs::exists(checkpoint(newest + 1)))
        ++newest;
    fs::resize_file(checkpoint(newest), fs::file_size(checkpoint(newest)) / 2);
    QCOMPARE(runToEnd({u"--resume"_s}, trainer()), 0);
    QCOMPARE(status().state, RunState::Completed);
    const std::string said = log();
    const std::string damaged = "a checkpoint is passed over: ";
    QVERIFY2(said.find(damaged) != std::string::npos, said.c_str());
    QVERIFY(said.find(checkpoint(newest).string(), said.find(damaged)) != std::string::npos);
    QVERIFY(said.find("going on from " + checkpoint(newest - 1).filename().string()) != std::string::npos);
}

void TestResume::case19_interruptedRunGoesOn()
{
    if (machineId().empty())
        QSKIP("this machine has no id to know it by");
    makeRun(200);
    killAfter(2);
    const auto lines = entries(); // the same journal, as if written before the machine was restarted
    fs::remove(m_run->journal());
    for (JournalEntry line : lines) {
        if (isTerminal(line.state) || line.state == RunState::Finalizing)
            continue;
        line.bootId = "an-earlier-boot";
        QVERIFY_RESULT(appendJournal(m_run->journal(), line));
    }
    QVERIFY2(status().evidence.starts_with("interrupted: host " + hostName() + " was restarted at "), status().evidence.c_str());
    QCOMPARE(runToEnd({u"--resume"_s}, trainer()), 0);
    QCOMPARE(status().state, RunState::Completed);
    QCOMPARE(status().attempts, 2);
    QVERIFY(status().durationSeconds >= 0);
}

void TestResume::case21_stoppedTrainerGoesOn()
{
    makeRun(200);
    Agent agent = start({}, trainer());
    QTRY_VERIFY(fs::exists(checkpoint(2)));
    ::kill(workPid(), SIGSTOP);
    QTRY_VERIFY(status().evidence.find("stopped (SIGSTOP), not ended") != std::string::npos);
    const std::size_t before = losses().size();
    ::kill(agent.pid(), SIGSTOP);
    QCOMPARE(status().state, RunState::Running);
    QCOMPARE(losses().size(), before);
    ::kill(agent.pid(), SIGCONT);
    ::kill(workPid(), SIGCONT);
    QTRY_VERIFY(losses().size() > before);
    QCOMPARE(exitCode(agent), 0);
    QCOMPARE(status().state, RunState::Completed);
    QCOMPARE(losses().size(), std::size_t{200 * stepsPerEpoch});
}

void TestResume::case25_notANumberIsTold()
{
    makeRun(10, {{"lr", "1000"}, {"weight_decay", "1"}});
    QCOMPARE(runToEnd({}, trainer()), 1);
    QCOMPARE(status().state, RunState::Failed);
    QVERIFY2(status().error.find("The training loss is NaN at step ") != std::string::npos, status().error.c_str());
    QVERIFY2(status().error.find("Try a smaller lr") != std::string::npos, status().error.c_str());
}

BOTTEGA_TEST_MAIN(TestResume)
#include "tst_resume.moc"
