// SPDX-License-Identifier: Apache-2.0
#include "core/base/uniquefd.h"
#include "tests/app/cli/clitest.h"

#include <QProcess>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace bottega;

/// What only a process of its own shows: signals, pipes that break, terminals, closed streams.
class TestCliProcess : public test::CliTest
{
    Q_OBJECT
private:
    QString m_program = QStringLiteral(BOTTEGA_BIN_DIR "/bottega-cli");
    std::string m_run;

    void prepare(QProcess &process, QStringList arguments)
    {
        arguments.prepend(QString::fromStdString("--workspace=" + m_workspace));
        process.setProgram(m_program);
        process.setArguments(arguments);
    }

    static QStringList submit(const QString &epochs)
    {
        return {u"run"_s, u"submit"_s, u"--experiment=process"_s, u"--recipe=mnist-mlp"_s, u"--data=mnist-small"_s,
                u"--param=epochs="_s + epochs, u"--max-duration=120"_s, u"--wait"_s};
    }

    /// Standard output is a pipe that nobody reads any more.
    static void breakOutput(QProcess &process, bool ignoresSignal)
    {
        process.setChildProcessModifier([ignoresSignal] {
            int ends[2];
            if (::pipe(ends) != 0)
                ::_exit(99);
            ::close(ends[0]);
            ::dup2(ends[1], STDOUT_FILENO);
            ::signal(SIGPIPE, ignoresSignal ? SIG_IGN : SIG_DFL);
        });
    }

private Q_SLOTS:
    void initTestCase()
    {
        makeWorkspace();
        m_run = document({"run", "submit", "--experiment=process", "--recipe=mnist-mlp", "--data=mnist-small",
                          "--param=epochs=1", "--wait"})
                    .value("id", "");
        QVERIFY(!m_run.empty());
    }

    void interruptingDetachesAndTheRunGoesOn()
    {
        QProcess process;
        prepare(process, submit(u"100000"_s));
        process.start();
        QByteArray out;
        QTRY_VERIFY_WITH_TIMEOUT((out += process.readAllStandardOutput()).contains("epoch 1/100000"), 60'000);
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
        QVERIFY(process.waitForFinished());
        QCOMPARE(process.exitStatus(), QProcess::NormalExit);
        QCOMPARE(process.exitCode(), 130);
        const QByteArray said = process.readAllStandardError();
        QVERIFY2(said.contains("The run goes on without this program."), said.constData());
        const Json run = document({"run", "show", "latest"});
        QCOMPARE_JSON(run.at("state"), "Running");
        QVERIFY(said.contains(("run cancel " + run.value("id", "")).c_str()));
        const auto count = [this] { return document({"run", "metrics", "latest", "--name", "train/loss"}).at("train/loss").size(); };
        const std::size_t before = count();
        QTRY_VERIFY(count() > before);
        QCOMPARE_JSON(document({"run", "cancel", "latest", "--wait"}).at("state"), "Canceled");
    }

    void aBrokenPipeEndsQuietly()
    {
        for (const bool ignoresSignal : {false, true}) {
            QProcess process;
            prepare(process, {u"run"_s, u"metrics"_s, QString::fromStdString(m_run), u"--json"_s});
            breakOutput(process, ignoresSignal);
            process.start();
            QVERIFY(process.waitForFinished());
            QCOMPARE(process.exitStatus(), ignoresSignal ? QProcess::NormalExit : QProcess::CrashExit);
            QCOMPARE(process.exitCode(), ignoresSignal ? 128 + SIGPIPE : int(SIGPIPE));
            QCOMPARE(process.readAllStandardError(), QByteArray());
        }
    }

    void aReaderThatLeavesDoesNotStopTheRun()
    {
        QProcess process;
        prepare(process, submit(u"100000"_s));
        breakOutput(process, true);
        process.start();
        QVERIFY(process.waitForFinished());
        const Json run = document({"run", "show", "latest"});
        QVERIFY2(run.at("ended").is_null(), run.value("state", "").c_str());
        QCOMPARE_JSON(document({"run", "cancel", "latest", "--wait"}).at("state"), "Canceled");
    }

    void aFullDiskIsAnError()
    {
        QProcess process;
        prepare(process, {u"run"_s, u"metrics"_s, QString::fromStdString(m_run)});
        process.setStandardOutputFile(u"/dev/full"_s);
        process.start();
        QVERIFY(process.waitForFinished());
        QCOMPARE(process.exitCode(), 1);
        const QByteArray said = process.readAllStandardError();
        QVERIFY2(said.contains("The output could not be written: No space left on device"), said.constData());
    }

    void closedStreamsAreNoTrap()
    {
        QProcess process;
        prepare(process, submit(u"1"_s));
        process.setChildProcessModifier([] {
            ::close(STDIN_FILENO);
            ::close(STDOUT_FILENO);
            ::close(STDERR_FILENO);
        });
        process.start();
        QVERIFY(process.waitForFinished());
        QCOMPARE(process.exitCode(), 0);
        QCOMPARE_JSON(document({"run", "show", "latest"}).at("state"), "Completed");
    }

    void aRealTerminalGetsABarOfItsWidth()
    {
        const UniqueFd terminal(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
        QVERIFY(terminal && ::grantpt(terminal.get()) == 0 && ::unlockpt(terminal.get()) == 0);
        const QByteArray name = ::ptsname(terminal.get());
        const winsize size = {24, 76, 0, 0};
        QCOMPARE(::ioctl(terminal.get(), TIOCSWINSZ, &size), 0);
        UniqueFd inside(::open(name.constData(), O_RDWR | O_NOCTTY | O_CLOEXEC));
        QVERIFY(inside);
        QProcess process;
        prepare(process, submit(u"30"_s));
        process.setChildProcessModifier([fd = inside.get()] {
            ::dup2(fd, STDOUT_FILENO);
            ::setenv("TERM", "xterm", 1);
        });
        process.start();
        QVERIFY(process.waitForStarted());
        inside.reset();
        QByteArray drawn;
        char buffer[4096];
        for (;;) { // until the last writer has closed it, which a terminal says as EIO
            const ssize_t got = ::read(terminal.get(), buffer, sizeof buffer);
            if (got <= 0)
                break;
            drawn.append(buffer, static_cast<qsizetype>(got));
        }
        QVERIFY(process.waitForFinished());
        QCOMPARE(process.exitCode(), 0);
        QVERIFY2(drawn.contains("\repoch "), drawn.constData());
        QVERIFY2(drawn.contains("\u2588") || drawn.contains("#"), drawn.constData());
        QVERIFY(drawn.contains("\x1b[KCompleted after "));
        for (const QByteArray &line : drawn.split('\r')) {
            if (line.startsWith("epoch "))
                QVERIFY2(QString::fromUtf8(line).remove(u"\x1b[K"_s).size() <= 75, line.constData());
        }
    }
};

BOTTEGA_TEST_MAIN(TestCliProcess)
#include "tst_cliprocess.moc"
