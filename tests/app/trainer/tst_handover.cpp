// SPDX-License-Identifier: Apache-2.0
#include "app/trainer/handover.h"
#include "tests/core/engine/syntheticdata.h"
#include "tests/support/testcase.h"

#include <QDir>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>

#include <cstdlib>
#include <sys/wait.h>
#include <unistd.h>

using namespace bottega::test;
using namespace bottega::trainer;
using namespace Qt::StringLiterals;

/// The static trainer and the one for NVIDIA GPUs: who runs, and what is said where a GPU can't be used.
class HandoverTest : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init();
    void knowsTheWish_data();
    void knowsTheWish();
    void driverNeedsNodeAndEntry();
    void handsOverToTheCudaTrainer();
    void handsOverWhereADriverIs();
    void staysWhereNoDriverIs();
    void tellsWhyTheCudaTrainerCannotRun();
    void goesOnWithTheCpuWhereAutoIsAsked();
    void tellsThatTheCudaTrainerIsMissing();
    void cudaTrainerTellsThatThereIsNoDriver();
    void cudaTrainerTrainsOnTheCpu();
    void autoWithoutAGpuHasOnePrecision();
    void cudaTrainerListsLibraries();
    void cudaTrainerTellsOfABrokenModule();

private:
    struct Outcome
    {
        int exitStatus = -1;
        QString out;
        QString err;
    };
    static Outcome run(const QString &program, const QStringList &arguments, const QString &libexec = {})
    {
        QProcess process;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.remove(u"BOTTEGA_LIBEXEC"_s);
        if (!libexec.isEmpty())
            environment.insert(u"BOTTEGA_LIBEXEC"_s, libexec);
        process.setProcessEnvironment(environment);
        process.start(program, arguments);
        if (!process.waitForFinished(120'000) || process.exitStatus() != QProcess::NormalExit)
            return {};
        return {process.exitCode(), QString::fromUtf8(process.readAllStandardOutput()),
                QString::fromUtf8(process.readAllStandardError())};
    }
    /// A program named like the CUDA trainer, in a folder of its own: the folder.
    QString fakeTrainer(const QByteArray &script)
    {
        const QString folder = m_folder.filePath(u"fake%1"_s.arg(++m_count));
        QDir().mkpath(folder);
        QFile file(folder + u"/bottega-trainer-cuda"_s);
        if (file.open(QIODevice::WriteOnly))
            file.write("#!/bin/sh\n" + script);
        file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        return folder;
    }
    /// What looks like a machine with a driver: its root.
    QString driverRoot()
    {
        const QString root = m_folder.filePath(u"root"_s);
        QDir().mkpath(root + u"/proc/driver/nvidia"_s);
        QDir().mkpath(root + u"/dev/nvidiactl"_s);
        return root;
    }
    static QString trainer() { return QStringLiteral(BOTTEGA_BIN_DIR "/bottega-trainer"); }
    static QString cudaTrainer() { return trainer() + u"-cuda"_s; }
    static bool isOneLine(const QString &text) { return text.endsWith(u'\n') && text.count(u'\n') == 1; }

    QTemporaryDir m_folder;
    int m_count = 0;
};

void HandoverTest::initTestCase()
{
    QVERIFY(QFileInfo::exists(trainer()));
}

void HandoverTest::init()
{
    TestCase::init();
    qunsetenv("BOTTEGA_LIBEXEC");
}

void HandoverTest::knowsTheWish_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("wish");
    const auto row = [](const char *name, const QStringList &arguments, Wish wish) {
        QTest::newRow(name) << arguments << static_cast<int>(wish);
    };
    row("nothing named", {u"--recipe"_s, u"mnist-mlp"_s}, Wish::Either);
    row("auto", {u"--device=auto"_s}, Wish::Either);
    row("info", {u"info"_s}, Wish::Either);
    row("a GPU", {u"--device"_s, u"cuda:1"_s}, Wish::Gpu);
    row("any GPU", {u"selftest"_s, u"--device=cuda"_s}, Wish::Gpu);
    row("a GPU by its UUID", {u"--device=cuda:GPU-8f6d"_s}, Wish::Gpu);
    row("cpu", {u"--device"_s, u"cpu"_s}, Wish::Cpu);
    row("version", {u"--version"_s}, Wish::Cpu);
    row("help", {u"--help"_s}, Wish::Cpu);
    row("wrong usage", {u"--device"_s}, Wish::Cpu);
}

void HandoverTest::knowsTheWish()
{
    QFETCH(QStringList, arguments);
    std::vector<std::string> plain;
    for (const QString &argument : arguments)
        plain.push_back(argument.toStdString());
    QTEST(static_cast<int>(wishOf(plain)), "wish");
}

void HandoverTest::driverNeedsNodeAndEntry()
{
    const QString root = m_folder.filePath(u"half"_s);
    QDir().mkpath(root + u"/dev/nvidiactl"_s);
    QVERIFY(!hasNvidiaDriver(root.toStdString()));
    QVERIFY(hasNvidiaDriver(driverRoot().toStdString()));
}

void HandoverTest::handsOverToTheCudaTrainer()
{
    const QString folder = fakeTrainer("[ \"$1\" = --version ] && exit 0\nprintf '%s|' \"$@\"\nexit 7\n");
    const Outcome outcome =
        run(trainer(), {u"--recipe"_s, u"mnist-mlp"_s, u"--data"_s, u"a b"_s, u"--device=cuda:1"_s,
                                 u"--precision"_s, u"tf32"_s}, folder);
    QCOMPARE(outcome.exitStatus, 7);
    QCOMPARE(outcome.out, u"--recipe|mnist-mlp|--data|a b|--device=cuda:1|--precision|tf32|"_s);
    QCOMPARE(outcome.err, QString());
}

void HandoverTest::handsOverWhereADriverIs()
{
    const QString folder = fakeTrainer("[ \"$1\" = --version ] && exit 0\nexit 9\n");
    const std::string root = driverRoot().toStdString();
    qputenv("BOTTEGA_LIBEXEC", folder.toUtf8());
    const pid_t child = ::fork();
    if (child == 0) {
        static_cast<void>(handOver({"info"}, root)); // becomes the other program
        ::_exit(1);
    }
    int status = 0;
    QCOMPARE(::waitpid(child, &status, 0), child);
    QVERIFY(WIFEXITED(status));
    QCOMPARE(WEXITSTATUS(status), 9);
}

void HandoverTest::staysWhereNoDriverIs()
{
    qputenv("BOTTEGA_LIBEXEC", fakeTrainer("exit 9\n").toUtf8());
    QCOMPARE(handOver({"info"}, m_folder.path().toStdString()), std::string());
    QCOMPARE(handOver({"--device", "cpu"}, driverRoot().toStdString()), std::string());
}

void HandoverTest::tellsWhyTheCudaTrainerCannotRun()
{
    const QString folder = fakeTrainer("echo 'version GLIBC_2.99 not found' >&2\necho more >&2\nexit 127\n");
    const Outcome outcome = run(trainer(), {u"selftest"_s, u"--device"_s, u"cuda:0"_s}, folder);
    QCOMPARE(outcome.exitStatus, 3);
    QCOMPARE(outcome.err, u"error: The device cuda:0 can't be used: %1/bottega-trainer-cuda can't run here: version "
                          "GLIBC_2.99 not found. Use --device cpu, or auto\n"_s.arg(folder));
}

void HandoverTest::goesOnWithTheCpuWhereAutoIsAsked()
{
    const QString folder = fakeTrainer("exit 1\n");
    qputenv("BOTTEGA_LIBEXEC", folder.toUtf8());
    QCOMPARE(handOver({"info"}, driverRoot().toStdString()),
             (folder + u"/bottega-trainer-cuda can't run here: it does not run"_s).toStdString());
    const QString script = folder + u"/bottega-trainer-cuda"_s;
    QFile file(script);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("neither script nor program");
    file.close();
    const QString why = QString::fromStdString(handOver({"info"}, driverRoot().toStdString()));
    QCOMPARE(why, script + u" can't run here: Exec format error"_s);
}

void HandoverTest::tellsThatTheCudaTrainerIsMissing()
{
    const QString alone = m_folder.filePath(u"bottega-trainer"_s);
    QVERIFY(QFile::copy(trainer(), alone));
    const Outcome outcome = run(alone, {u"selftest"_s, u"--device"_s, u"cuda"_s}, m_folder.path());
    QCOMPARE(outcome.exitStatus, 3);
    QCOMPARE(outcome.err, u"error: The device cuda can't be used: bottega-trainer-cuda is missing from this installation. "
                          "Use --device cpu, or auto\n"_s);
}

void HandoverTest::cudaTrainerTellsThatThereIsNoDriver()
{
    if (!QFileInfo::exists(cudaTrainer()))
        QSKIP("built without CUDA");
    if (hasNvidiaDriver())
        QSKIP("there is a driver here");
    const Outcome named = run(cudaTrainer(), {u"selftest"_s, u"--device"_s, u"cuda:0"_s});
    QCOMPARE(named.exitStatus, 3);
    QCOMPARE(named.err, u"error: The device cuda:0 can't be used: there is no NVIDIA driver on this machine. Use --device "
                        "cpu, or auto\n"_s);
    const Outcome handedOver = run(trainer(), {u"selftest"_s, u"--device"_s, u"cuda:0"_s});
    QCOMPARE(handedOver.exitStatus, 3);
    QCOMPARE(handedOver.err, named.err);
}

void HandoverTest::cudaTrainerTrainsOnTheCpu()
{
    if (!QFileInfo::exists(cudaTrainer()))
        QSKIP("built without CUDA");
    if (hasNvidiaDriver())
        QSKIP("there is a driver here");
    const QString data = m_folder.filePath(u"data"_s);
    writeSyntheticData(toPath(data));
    const QStringList arguments = {u"--recipe"_s, u"mnist-mlp"_s,    u"--data"_s,   data,      u"--hidden=20"_s,
                                   u"--batchsize"_s, u"32"_s,        u"--epochs"_s, u"1"_s,    u"--output_dir"_s,
                                   m_folder.filePath(u"out"_s)};
    const Outcome outcome = run(cudaTrainer(), arguments);
    QCOMPARE(outcome.exitStatus, 0);
    QCOMPARE(outcome.err, u"note: training on the CPU: there is no NVIDIA driver on this machine\n"_s);
    const Outcome asked = run(cudaTrainer(), arguments + QStringList{u"--device"_s, u"cpu"_s});
    QCOMPARE(asked.exitStatus, 0);
    QCOMPARE(asked.err, QString());
}

void HandoverTest::autoWithoutAGpuHasOnePrecision()
{
    if (hasNvidiaDriver())
        QSKIP("there is a driver here");
    const QString data = m_folder.filePath(u"numbers"_s);
    writeSyntheticData(toPath(data));
    const QStringList arguments = {u"--recipe"_s, u"mnist-mlp"_s, u"--data"_s, data, u"--precision=tf32"_s};
    const Outcome plain = run(trainer(), arguments);
    QCOMPARE(plain.exitStatus, 2);
    QVERIFY2(plain.err.contains(u"computes in fp32 only"_s), qPrintable(plain.err));
    if (!QFileInfo::exists(cudaTrainer()))
        QSKIP("built without CUDA");
    const Outcome outcome = run(cudaTrainer(), arguments);
    QCOMPARE(outcome.exitStatus, 2);
    QVERIFY2(outcome.err.contains(u"computes in fp32 only: there is no NVIDIA driver on this machine"_s),
             qPrintable(outcome.err));
    QVERIFY2(isOneLine(outcome.err), qPrintable(outcome.err));
}

void HandoverTest::cudaTrainerListsLibraries()
{
    if (!QFileInfo::exists(QStringLiteral(BOTTEGA_BIN_DIR "/bottega-cuda-module.so")))
        QSKIP("built without the module");
    const Outcome outcome = run(cudaTrainer(), {u"info"_s, u"--json"_s});
    QCOMPARE(outcome.exitStatus, 0);
    const QJsonObject versions = QJsonDocument::fromJson(outcome.out.toUtf8()).object()[u"versions"_s].toObject();
    for (const QString &name : {u"CUDA driver"_s, u"CUDA runtime"_s, u"cuBLASLt"_s, u"cuDNN"_s, u"NCCL"_s}) {
        const QString version = versions[name].toString();
        QVERIFY2(!version.isEmpty() && !version.contains(u'\n'), qPrintable(name));
    }
    for (const QString &name : {u"cuBLASLt"_s, u"cuDNN"_s, u"NCCL"_s}) {
        const QString version = versions[name].toString();
        QVERIFY2(version.at(0).isDigit() || version.startsWith(u"missing: "_s), qPrintable(version));
    }
}

void HandoverTest::cudaTrainerTellsOfABrokenModule()
{
    if (!QFileInfo::exists(cudaTrainer()))
        QSKIP("built without CUDA");
    const QString folder = m_folder.filePath(u"broken"_s);
    QDir().mkpath(folder);
    QFile file(folder + u"/bottega-cuda-module.so"_s);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("no library");
    file.close();
    const Outcome outcome = run(cudaTrainer(), {u"info"_s, u"--json"_s}, folder);
    const QJsonObject versions = QJsonDocument::fromJson(outcome.out.toUtf8()).object()[u"versions"_s].toObject();
    QVERIFY2(versions[u"CUDA module"_s].toString().contains(u"file too short"_s), qPrintable(outcome.out));
}

BOTTEGA_TEST_MAIN(HandoverTest)
#include "tst_handover.moc"
