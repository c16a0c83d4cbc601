// SPDX-License-Identifier: Apache-2.0
#include "tests/core/engine/syntheticdata.h"
#include "tests/support/testcase.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>

#include <cmath>
#include <csignal>

using namespace bottega;
using namespace bottega::test;
using namespace Qt::StringLiterals;

/// The program as its users and the agent see it: arguments, output, files, exit status.
class TrainerTest : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void printsTheTutorialsLines();
    void printsOneJsonDocument();
    void writesTheRunFolder();
    void wrongUsageExitsWithTwo_data();
    void wrongUsageExitsWithTwo();
    void missingThingsExitWithThree_data();
    void missingThingsExitWithThree();
    void errorsComeAsJsonToo();
    void unwritableOutputFailsBeforeTraining();
    void failureWritesTheEndRecord();
    void signalSavesAndExits_data();
    void signalSavesAndExits();
    void resumeTakesParametersFromTheCheckpoint();
    void selftestAndInfo();
    void benchMeasures();
    void isOneStaticFile();
    void presetsAndNetworkFiles();
    void twoRanksTrainAsOne_data();
    void twoRanksTrainAsOne();
    void ranksShareEvenly();
    void aDeadRankEndsTheOthers_data();
    void aDeadRankEndsTheOthers();
    void ranksStopTogether();

private:
    struct Outcome
    {
        int exitStatus = -1;
        QString out;
        QString err;
    };
    Outcome run(const QStringList &arguments)
    {
        QProcess process;
        process.setWorkingDirectory(m_folder.path());
        process.start(program(), arguments);
        if (!process.waitForFinished(120'000) || process.exitStatus() != QProcess::NormalExit)
            return {};
        return {process.exitCode(), QString::fromUtf8(process.readAllStandardOutput()),
                QString::fromUtf8(process.readAllStandardError())};
    }
    static QString program() { return QStringLiteral(BOTTEGA_BIN_DIR "/bottega-trainer"); }
    QStringList quick(const QStringList &more = {}) const
    {
        return QStringList{u"--recipe"_s, u"mnist-mlp"_s, u"--data=%1"_s.arg(m_data), u"--hidden=20"_s,
                           u"--batchsize"_s, u"32"_s} + more;
    }
    QString fresh() { return m_folder.filePath(u"run%1"_s.arg(++m_count)); }
    static QJsonObject endRecord(const QString &runFolder)
    {
        return QJsonDocument::fromJson(fileBytes(toPath(runFolder) / "end.json")).object();
    }

    QTemporaryDir m_folder;
    QString m_data;
    int m_count = 0;
};

void TrainerTest::initTestCase()
{
    m_data = m_folder.filePath(u"data"_s);
    writeSyntheticData(toPath(m_data));
    QVERIFY2(QFileInfo::exists(program()), qPrintable(program()));
}

void TrainerTest::printsTheTutorialsLines()
{
    const Outcome outcome = run(quick({u"--epochs"_s, u"2"_s}));
    QCOMPARE(outcome.exitStatus, 0);
    const QRegularExpression lines(
        u"\\Aepoch:01 train_loss:\\d\\.\\d{4} val_loss:\\d\\.\\d{4} val_accuracy:[01]\\.\\d{4}\n"
        "epoch:02 train_loss:\\d\\.\\d{4} val_loss:\\d\\.\\d{4} val_accuracy:[01]\\.\\d{4}\n"
        "Saved \\./outputs/model\\.npz\n\\z"_s);
    QVERIFY2(lines.match(outcome.out).hasMatch(), qPrintable(outcome.out));
    QVERIFY2(outcome.err.isEmpty(), qPrintable(outcome.err));
    QVERIFY(QFileInfo::exists(m_folder.filePath(u"outputs/model.npz"_s)));
}

void TrainerTest::printsOneJsonDocument()
{
    const Outcome outcome = run(quick({u"--epochs=2"_s, u"--json"_s, u"--device=cpu"_s, u"--precision=fp32"_s}));
    QCOMPARE(outcome.exitStatus, 0);
    const QJsonObject document = QJsonDocument::fromJson(outcome.out.toUtf8()).object();
    QCOMPARE(document.keys(), (QStringList{u"accuracy"_s, u"bestAccuracy"_s, u"bestEpoch"_s, u"epochs"_s, u"files"_s,
                                           u"imagesPerSecond"_s, u"loss"_s, u"seconds"_s, u"state"_s, u"steps"_s,
                                           u"stoppedEarly"_s}));
    QCOMPARE(document[u"state"_s].toString(), u"Completed"_s);
    QCOMPARE(document[u"epochs"_s].toInt(), 2);
    QCOMPARE(document[u"steps"_s].toInt(), 19);
    QCOMPARE(document[u"files"_s].toArray().first().toString(), u"./outputs/model.npz"_s);
    QVERIFY(outcome.err.contains(u"epoch:02"_s));
}

void TrainerTest::writesTheRunFolder()
{
    const QString folder = fresh();
    const Outcome outcome = run(quick({u"--epochs=2"_s, u"--run-dir"_s, folder, u"--attempt"_s, u"3"_s,
                                       u"--output_dir"_s, folder + u"/work/outputs"_s}));
    QCOMPARE(outcome.exitStatus, 0);
    QVERIFY(QFileInfo::exists(folder + u"/work/outputs/model.npz"_s));
    QVERIFY(QFileInfo::exists(folder + u"/checkpoints/epoch-0002.npz"_s));
    const QStringList events = QDir(folder + u"/metrics"_s).entryList(QDir::Files);
    QCOMPARE(events.size(), 1);
    QVERIFY2(events.first().contains(u".a3.trainer"_s), qPrintable(events.first()));
    const QJsonObject end = endRecord(folder);
    QCOMPARE(end[u"attempt"_s].toInt(), 3);
    QCOMPARE(end[u"exitStatus"_s].toInt(-1), 0);
    QCOMPARE(end[u"state"_s].toString(), u"Completed"_s);
    QVERIFY(end[u"pid"_s].toInt() > 0);
    QVERIFY(end[u"time"_s].toDouble() > 1.7e9);
    QVERIFY(!end.contains(u"error"_s));
}

void TrainerTest::wrongUsageExitsWithTwo_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("message");
    QTest::newRow("nothing") << QStringList() << u"--recipe is missing"_s;
    QTest::newRow("no data") << QStringList{u"--recipe=mnist-mlp"_s} << u"--data is missing"_s;
    QTest::newRow("epochs") << quick({u"--epochs"_s, u"ten"_s}) << u"epochs=ten: a whole number"_s;
    QTest::newRow("batch of 0") << quick({u"--epochs=0"_s}) << u"epochs=0: a whole number"_s;
    QTest::newRow("lr") << quick({u"--lr=nan"_s}) << u"lr=nan: a number"_s;
    QTest::newRow("unknown") << quick({u"--colour=red"_s}) << u"no parameter \"colour\""_s;
    QTest::newRow("no value") << quick({u"--epochs"_s}) << u"--epochs needs a value"_s;
    QTest::newRow("word") << quick({u"please"_s}) << u"\"please\" is neither a command nor an option"_s;
    QTest::newRow("attempt") << quick({u"--attempt=0"_s}) << u"--attempt 0"_s;
    QTest::newRow("precision") << quick({u"--precision"_s, u"fp16"_s}) << u"--precision fp16: fp32, tf32 or bf16"_s;
    QTest::newRow("precision of a CPU") << quick({u"--device=cpu"_s, u"--precision=tf32"_s}) << u"computes in fp32 only"_s;
    QTest::newRow("precision of a bench") << QStringList{u"bench"_s, u"--data"_s, m_data, u"--device=cpu"_s, u"--precision=bf16"_s}
                                          << u"The precision bf16 needs a GPU"_s;
    QTest::newRow("dashes") << quick({u"--"_s}) << u"\"--\" is neither"_s;
    QTest::newRow("no name") << quick({u"--=5"_s}) << u"no parameter \"\""_s;
    QTest::newRow("batch") << quick({u"--seed=1"_s, u"--seed=2"_s}) << u"seed is given twice"_s;
}

void TrainerTest::wrongUsageExitsWithTwo()
{
    QFETCH(QStringList, arguments);
    QFETCH(QString, message);
    const Outcome outcome = run(arguments);
    QCOMPARE(outcome.exitStatus, 2);
    QVERIFY2(outcome.err.contains(message), qPrintable(outcome.err));
    QVERIFY(outcome.out.isEmpty());
}

void TrainerTest::missingThingsExitWithThree_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("message");
    QTest::newRow("recipe") << QStringList{u"--recipe=gpt"_s, u"--data=x"_s} << u"Known recipes: mnist-mlp"_s;
    QTest::newRow("data") << QStringList{u"--recipe=mnist-mlp"_s, u"--data=nowhere"_s} << u"train-images-idx3-ubyte"_s;
    QTest::newRow("device") << QStringList{u"--recipe=mnist-mlp"_s, u"--data=x"_s, u"--device=tpu"_s} << u"reference"_s;
    QTest::newRow("checkpoint") << QStringList{u"--recipe=mnist-mlp"_s, u"--data=x"_s, u"--resume-from=none.npz"_s}
                                << u"none.npz"_s;
}

void TrainerTest::missingThingsExitWithThree()
{
    QFETCH(QStringList, arguments);
    QFETCH(QString, message);
    const Outcome outcome = run(arguments);
    QCOMPARE(outcome.exitStatus, 3);
    QVERIFY2(outcome.err.contains(message), qPrintable(outcome.err));
}

void TrainerTest::errorsComeAsJsonToo()
{
    const Outcome outcome =
        run({u"--recipe=mnist-mlp"_s, u"--data"_s, m_data, u"--json"_s, u"--batchsize=1000"_s});
    QCOMPARE(outcome.exitStatus, 2);
    const QJsonObject error = QJsonDocument::fromJson(outcome.err.toUtf8()).object()[u"error"_s].toObject();
    QCOMPARE(error[u"code"_s].toString(), u"usage"_s);
    QVERIFY(error[u"what"_s].toString().contains(u"batchsize=1000 is larger than the training set of 300"_s));
    QCOMPARE(error.keys(), (QStringList{u"code"_s, u"kept"_s, u"remedy"_s, u"what"_s, u"where"_s}));
    QVERIFY(outcome.out.isEmpty());
}

void TrainerTest::unwritableOutputFailsBeforeTraining()
{
    const QString file = fresh();
    QVERIFY(QFile(file).open(QIODevice::WriteOnly));
    const Outcome outcome = run(quick({u"--output_dir"_s, file + u"/outputs"_s}));
    QVERIFY(outcome.exitStatus != 0 && outcome.exitStatus != -1);
    QVERIFY2(outcome.err.contains(file + u"/outputs"_s), qPrintable(outcome.err));
    QVERIFY2(outcome.out.isEmpty(), "an epoch was trained");
}

void TrainerTest::failureWritesTheEndRecord()
{
    const QString first = fresh(), folder = fresh(), exploding = fresh();
    QCOMPARE(run(quick({u"--epochs=1"_s, u"--run-dir"_s, first})).exitStatus, 0);
    QVERIFY_RESULT(writeExplodingCheckpoint(toPath(first) / "checkpoints" / "epoch-0001.npz", toPath(exploding)));
    const Outcome outcome = run(quick({u"--run-dir"_s, folder, u"--resume-from"_s, exploding, u"--epochs=2"_s,
                                       u"--output_dir"_s, folder + u"/outputs"_s}));
    QCOMPARE(outcome.exitStatus, 1);
    QVERIFY2(outcome.err.contains(u" at step "_s), qPrintable(outcome.err));
    const QJsonObject end = endRecord(folder);
    QCOMPARE(end[u"state"_s].toString(), u"Failed"_s);
    QCOMPARE(end[u"exitStatus"_s].toInt(), 1);
    QVERIFY(end[u"error"_s].toObject()[u"what"_s].toString().contains(u" at step "_s));
}

void TrainerTest::signalSavesAndExits_data()
{
    QTest::addColumn<int>("signal");
    QTest::addColumn<int>("exitStatus");
    QTest::newRow("SIGTERM") << SIGTERM << 143;
    QTest::newRow("SIGINT") << SIGINT << 130;
}

void TrainerTest::signalSavesAndExits()
{
    QFETCH(int, signal);
    QFETCH(int, exitStatus);
    const QString folder = fresh();
    QProcess process;
    process.start(program(), quick({u"--epochs=100000"_s, u"--run-dir"_s, folder, u"--output_dir"_s,
                                    folder + u"/outputs"_s}));
    QTRY_VERIFY_WITH_TIMEOUT(process.canReadLine(), 60'000);
    QCOMPARE(::kill(static_cast<pid_t>(process.processId()), signal), 0);
    QVERIFY(process.waitForFinished(60'000));
    QCOMPARE(process.exitStatus(), QProcess::NormalExit);
    QCOMPARE(process.exitCode(), exitStatus);
    const QStringList saved = QDir(folder + u"/checkpoints"_s).entryList({u"step-*.npz"_s}, QDir::Files);
    QCOMPARE(saved.size(), 1);
    QVERIFY(!QFileInfo::exists(folder + u"/outputs/model.npz"_s));
    const QJsonObject end = endRecord(folder);
    QCOMPARE(end[u"state"_s].toString(), u"Canceled"_s);
    QCOMPARE(end[u"exitStatus"_s].toInt(), exitStatus);
    QVERIFY(process.readAllStandardOutput().contains(saved.first().toUtf8()));
}

void TrainerTest::resumeTakesParametersFromTheCheckpoint()
{
    const QString folder = fresh();
    QCOMPARE(run(quick({u"--epochs=2"_s, u"--seed=9"_s, u"--run-dir"_s, folder, u"--output_dir"_s, folder})).exitStatus, 0);
    const QString checkpoint = folder + u"/checkpoints/epoch-0001.npz"_s;
    const QStringList resume = {u"--recipe=mnist-mlp"_s, u"--data"_s, m_data, u"--resume-from"_s, checkpoint};
    const QString resumed = fresh();
    const Outcome outcome = run(resume + QStringList{u"--output_dir"_s, resumed});
    QCOMPARE(outcome.exitStatus, 0);
    QVERIFY(outcome.out.startsWith(u"epoch:02 "_s));
    QVERIFY(fileBytes(toPath(folder) / "model.npz") == fileBytes(toPath(resumed) / "model.npz"));
    const Outcome refused = run(resume + QStringList{u"--hidden=30"_s});
    QCOMPARE(refused.exitStatus, 2);
    QVERIFY2(refused.err.contains(u"made with hidden=20, not 30"_s), qPrintable(refused.err));
}

void TrainerTest::selftestAndInfo()
{
    const Outcome selftest = run({u"selftest"_s, u"--device"_s, u"cpu"_s});
    QCOMPARE(selftest.exitStatus, 0);
    QVERIFY2(selftest.out.contains(u" passed, 0 failed"_s), qPrintable(selftest.out));
    const QJsonObject info = QJsonDocument::fromJson(run({u"info"_s, u"--json"_s}).out.toUtf8()).object();
    QVERIFY(info[u"devices"_s].toArray().size() >= 2);
    QCOMPARE(info[u"devices"_s].toArray().last()[u"precisions"_s].toArray(), QJsonArray{u"fp32"_s});
    QVERIFY(run({u"--help"_s}).out.contains(u"--batchsize 128"_s));
    QVERIFY(run({u"--version"_s}).out.startsWith(u"bottega-trainer "_s));
}

void TrainerTest::benchMeasures()
{
    const QStringList bench = {u"bench"_s, u"--data"_s, m_data, u"--net"_s, u"mlp"_s, u"--threads"_s, u"2"_s, u"--epochs"_s, u"2"_s};
    const Outcome outcome = run(bench + QStringList{u"--json"_s});
    QVERIFY2(outcome.exitStatus == 0, qPrintable(outcome.err));
    const QJsonDocument document = QJsonDocument::fromJson(outcome.out.toUtf8());
    QVERIFY(!document[u"machine"_s][u"processor"_s].toString().isEmpty());
    QCOMPARE(document[u"results"_s].toArray().size(), 1);
    const QJsonObject result = document[u"results"_s].toArray().first().toObject();
    QCOMPARE(result[u"name"_s].toString(), u"mnist-mlp"_s);
    QCOMPARE(result[u"threads"_s].toInt(), 2);
    QCOMPARE(result[u"precision"_s].toString(), u"fp32"_s);
    QCOMPARE(result[u"epochs"_s].toArray().size(), 2);
    QVERIFY(result[u"imagesPerSecond"_s].toDouble() > 0);
    // 81-100-100-10: forward and weight gradients of all layers, input gradients of all but the first
    QCOMPARE(result[u"flopsPerImage"_s].toDouble(), 2.0 * (2 * (8'100 + 10'000 + 1'000) + 11'000));
    QVERIFY(result[u"shareOfPeak"_s].toDouble() > 0);
    QVERIFY(result[u"accuracy"_s].toDouble() > 0);
    QVERIFY(run(bench).out.contains(u"packaging/bootstrap bench"_s));
    QVERIFY(!run(bench + QStringList{u"--no-peers"_s}).out.contains(u"bootstrap"_s));
    const QString unmeasured = run({u"bench"_s, u"--data"_s, m_data, u"--net=mlp"_s, u"--epochs=1"_s, u"--device=reference"_s}).out;
    QVERIFY2(QRegularExpression(uR"(mnist-mlp +\d+ +\d+\.\d\d %\n)"_s).match(unmeasured).hasMatch(), qPrintable(unmeasured));
    QCOMPARE(run({u"bench"_s}).exitStatus, 2);
    QCOMPARE(run(bench + QStringList{u"--lr"_s, u"1"_s}).exitStatus, 2);
    QCOMPARE(run({u"bench"_s, u"--data"_s, m_data, u"--net"_s, u"none"_s}).exitStatus, 3);
}

void TrainerTest::isOneStaticFile()
{
#if defined(__SANITIZE_ADDRESS__)
    QSKIP("sanitizers need a dynamic program");
#endif
    const QByteArray bytes = fileBytes(toPath(program()));
    QVERIFY(bytes.startsWith("\x7f" "ELF\x02"));
    const auto number = [&bytes](qsizetype at, qsizetype size) {
        qsizetype value = 0;
        for (qsizetype i = size - 1; i >= 0; --i)
            value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
        return value;
    };
    constexpr qsizetype interpreter = 3; // PT_INTERP
    const qsizetype headers = number(32, 8), size = number(54, 2), count = number(56, 2);
    QVERIFY(count > 0);
    for (qsizetype i = 0; i < count; ++i)
        QVERIFY2(number(headers + i * size, 4) != interpreter, "the program asks for a dynamic loader");
}

void TrainerTest::presetsAndNetworkFiles()
{
    const QString file = fresh() + u".json"_s, folder = fresh();
    QFile network(file);
    QVERIFY(network.open(QIODevice::WriteOnly));
    network.write(R"({"layers": [{"type": "linear", "units": 7}, {"type": "tanh"}, {"type": "linear"}]})");
    network.close();
    const QStringList own = {u"--recipe=network"_s, u"--data"_s, m_data, u"--batchsize=32"_s, u"--epochs=1"_s,
                             u"--output_dir"_s, folder, u"--network"_s};
    QCOMPARE(run(own + QStringList{file}).exitStatus, 0);
    const auto model = readNpz(toPath(folder) / "model.npz");
    QVERIFY_RESULT(model);
    QCOMPARE(model->at("l1/W").shape, (std::vector<std::uint64_t>{7, 81}));
    QCOMPARE(run(own + QStringList{u"/nowhere.json"_s}).exitStatus, 3);
    const QStringList cnn = {u"--recipe=mnist-cnn"_s, u"--data"_s, m_data, u"--output_dir"_s, folder};
    const Outcome unknown = run(cnn + QStringList{u"--preset=fast"_s});
    QCOMPARE(unknown.exitStatus, 3);
    QVERIFY2(unknown.err.contains(u"It has accurate"_s), qPrintable(unknown.err));
    const Outcome small = run(cnn + QStringList{u"--preset=accurate"_s}); // pictures of 9 × 9 are too small for it
    QCOMPARE(small.exitStatus, 2);
    QVERIFY2(small.err.contains(u"conv2"_s), qPrintable(small.err));
}

void TrainerTest::twoRanksTrainAsOne_data()
{
    QTest::addColumn<QStringList>("options");
    QTest::newRow("mlp") << QStringList{u"--recipe=mnist-mlp"_s, u"--hidden=20"_s, u"--lr=0.1"_s};
    QTest::newRow("clipped adam, averages, moved pictures, cosine")
        << QStringList{u"--recipe=mnist-mlp"_s, u"--optimizer=adam"_s, u"--lr=0.01"_s, u"--clip_norm=0.5"_s,
                       u"--average=0.9"_s, u"--shift=1"_s, u"--elastic=1"_s, u"--schedule=cosine"_s};
    QTest::newRow("dropout")
        << QStringList{u"--recipe=network"_s, u"--network"_s,
                       uR"({"layers": [{"type": "conv2d", "channels": 3, "kernel": 3}, {"type": "relu"},
                       {"type": "dropout", "rate": 0.3}, {"type": "flatten"}, {"type": "linear"}]})"_s};
}

void TrainerTest::twoRanksTrainAsOne()
{
    QFETCH(QStringList, options);
    NpzArrays models[2];
    for (const int ranks : {1, 2}) {
        const QString folder = fresh();
        const Outcome outcome = run(options + QStringList{u"--data"_s, m_data, u"--batchsize=32"_s, u"--epochs=3"_s,
                                                          u"--output_dir"_s, folder, u"--ranks=%1"_s.arg(ranks)});
        QVERIFY2(outcome.exitStatus == 0, qPrintable(outcome.err));
        QCOMPARE(outcome.out.count(u"epoch:"_s), 3); // one rank speaks
        auto model = readNpz(toPath(folder) / "model.npz");
        QVERIFY_RESULT(model);
        models[ranks - 1] = std::move(*model);
    }
    for (const auto &[key, array] : models[0]) {
        if (key == "network")
            continue;
        const auto one = array.toFloats().value(), two = models[1].at(key).toFloats().value();
        for (std::size_t i = 0; i < one.size(); ++i)
            QVERIFY2(std::abs(one[i] - two[i]) < 2e-3f, qPrintable(u"%1: %2 %3"_s.arg(QString::fromStdString(key)).arg(one[i]).arg(two[i])));
    }
}

void TrainerTest::ranksShareEvenly()
{
    const Outcome outcome = run(quick({u"--ranks=3"_s}));
    QCOMPARE(outcome.exitStatus, 2);
    QVERIFY2(outcome.err.contains(u"batchsize=32 cannot be shared evenly by 3 ranks"_s), qPrintable(outcome.err));
    QCOMPARE(run(quick({u"--ranks=2"_s, u"--device=reference"_s})).exitStatus, 1);
}

namespace {

/// Process ids of a process' children.
QList<pid_t> childrenOf(qint64 pid)
{
    QList<pid_t> children;
    QFile file(u"/proc/%1/task/%1/children"_s.arg(pid));
    if (file.open(QIODevice::ReadOnly)) {
        for (const QByteArray &child : file.readAll().simplified().split(' ')) {
            if (!child.isEmpty())
                children << pid_t(child.toInt());
        }
    }
    return children;
}

} // namespace

void TrainerTest::aDeadRankEndsTheOthers_data()
{
    QTest::addColumn<bool>("isFirstKilled");
    QTest::newRow("another rank") << false;
    QTest::newRow("rank 0") << true;
}

void TrainerTest::aDeadRankEndsTheOthers()
{
    QFETCH(bool, isFirstKilled);
    QProcess process;
    process.start(program(), quick({u"--epochs=100000"_s, u"--ranks=2"_s, u"--output_dir"_s, fresh()}));
    QTRY_VERIFY_WITH_TIMEOUT(process.canReadLine(), 60'000);
    const QList<pid_t> children = childrenOf(process.processId());
    QCOMPARE(children.size(), 1);
    QElapsedTimer timer;
    timer.start();
    QCOMPARE(::kill(isFirstKilled ? pid_t(process.processId()) : children.first(), SIGKILL), 0);
    QVERIFY(process.waitForFinished(10'000));
    if (!isFirstKilled) {
        QCOMPARE(process.exitCode(), 1);
        const QString said = QString::fromUtf8(process.readAllStandardError());
        QVERIFY2(said.contains(u"Rank 1 of 2 (process %1) is gone"_s.arg(children.first())), qPrintable(said));
    }
    const auto isGone = [pid = children.first()] {
        QFile state(u"/proc/%1/stat"_s.arg(pid));
        return !state.open(QIODevice::ReadOnly) || state.readAll().contains(") Z "); // nobody may be there to wait for it
    };
    QTRY_VERIFY_WITH_TIMEOUT(isGone(), 5'000);
    QVERIFY2(timer.elapsed() < 5'000, qPrintable(QString::number(timer.elapsed())));
}

void TrainerTest::ranksStopTogether()
{
    const QString folder = fresh();
    QProcess process;
    process.start(program(), quick({u"--epochs=100000"_s, u"--ranks=2"_s, u"--run-dir"_s, folder, u"--output_dir"_s, folder}));
    QTRY_VERIFY_WITH_TIMEOUT(process.canReadLine(), 60'000);
    const QList<pid_t> children = childrenOf(process.processId());
    QCOMPARE(::kill(children.value(0), SIGTERM), 0); // only one of them hears it
    QVERIFY(process.waitForFinished(60'000));
    QVERIFY(process.exitCode() >= 128);
    QCOMPARE(QDir(folder + u"/checkpoints"_s).entryList({u"step-*.npz"_s}, QDir::Files).size(), 1);
    QVERIFY(childrenOf(process.processId()).isEmpty());
}

BOTTEGA_TEST_MAIN(TrainerTest)
#include "tst_trainer.moc"
