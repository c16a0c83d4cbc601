// SPDX-License-Identifier: Apache-2.0
#include "tests/support/testcase.h"

#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>

using namespace Qt::StringLiterals;

namespace {

const QString programs = QStringLiteral(BOTTEGA_BIN_DIR "/");

/// Names that a loader, Qt, an interpreter or one of our own programs would take, were the folder ever searched.
const QStringList canaries = {
    u"libcudnn.so"_s,     u"libcudnn.so.9"_s,       u"libcudnn_graph.so.9"_s, u"libcublasLt.so.13"_s, u"libcublasLt.so.12"_s,
    u"libcuda.so.1"_s,    u"libnccl.so.2"_s,        u"libpng16.so.16"_s,      u"libsqlite3.so.0"_s,   u"libQt6Core.so.6"_s,
    u"libc.so.6"_s,       u"libnss_files.so.2"_s,   u"qt.conf"_s,             u"qt6.conf"_s,          u"qtlogging.ini"_s,
    u"json.py"_s,         u"nvidia-smi"_s,          u"bottega-agent"_s,       u"bottega-trainer"_s,   u"bottega-trainer-cuda"_s,
    u"bottega-cuda-module.so"_s,
    u"plugins/platforms/libqoffscreen.so"_s,        u"platforms/libqoffscreen.so"_s,
    u"plugins/imageformats/libqsvg.so"_s,           u"imageformats/libqsvg.so"_s,
};

void plant(const QString &folder)
{
    for (const QString &name : canaries) {
        const QString path = folder + u'/' + name;
        QVERIFY(QDir().mkpath(path.section(u'/', 0, -2)));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("#!/bin/sh\nexit 66\n");
        file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    }
}

QByteArray outputOf(const QString &program, const QStringList &arguments)
{
    QProcess process;
    process.start(program, arguments);
    return process.waitForFinished(60'000) && process.exitCode() == 0 ? process.readAllStandardOutput() : QByteArray();
}

} // namespace

/// Files that lie where a program is started, or in the workspace it opens, are never taken for parts of it.
class TestHijack : public bottega::test::TestCase
{
    Q_OBJECT
private:
    struct Traced
    {
        int code = -1;
        QByteArray out;
        QByteArray said;
        QStringList taken; // lines of the trace that open or run a canary
    };

    /// Runs it in the folder of canaries, and everything that it starts.
    Traced trace(const QString &program, const QStringList &arguments)
    {
        const QString log = m_folder.filePath(u"trace"_s);
        QProcess process;
        process.setWorkingDirectory(m_place);
        process.start(u"strace"_s, QStringList{u"-f"_s, u"-qq"_s, u"-y"_s, u"-s"_s, u"4096"_s, u"-e"_s,
                                               u"trace=open,openat,openat2,execve,execveat"_s, u"-o"_s, log, program} + arguments);
        Traced traced;
        if (!process.waitForFinished(240'000))
            return traced;
        traced.code = process.exitCode();
        traced.out = process.readAllStandardOutput();
        traced.said = process.readAllStandardError();
        QFile file(log);
        if (!file.open(QIODevice::ReadOnly))
            traced.code = -1;
        const QStringList lines = QString::fromUtf8(file.readAll()).split(u'\n');
        for (const QString &line : lines) {
            if (isTaken(line))
                traced.taken.append(line);
        }
        return traced;
    }

    /// The descriptor's path is the kernel's own; a program that is run has none, but its name in the call.
    [[nodiscard]] bool isTaken(const QString &line) const
    {
        for (const QString &name : canaries) {
            for (const QString &folder : {m_place, m_workspace}) {
                if (line.contains(u'<' + folder + u'/' + name + u'>') ||
                    (line.contains("exec"_L1) && line.contains(u"(\"%1/%2\""_s.arg(folder, name))))
                    return true;
            }
            if (line.contains("exec"_L1) && (line.contains(u"(\"%1\""_s.arg(name)) || line.contains(u"(\"./%1\""_s.arg(name))))
                return true;
        }
        return false;
    }

    static QString why(const Traced &traced)
    {
        return u"exit code %1\n%2\n%3"_s.arg(traced.code).arg(traced.taken.join(u'\n'), QString::fromUtf8(traced.said));
    }

    QTemporaryDir m_folder;
    QString m_place;
    QString m_workspace;

private Q_SLOTS:
    void initTestCase()
    {
        if (QStandardPaths::findExecutable(u"strace"_s).isEmpty())
            QSKIP("strace is not installed");
        qputenv("BOTTEGA_LIBEXEC", BOTTEGA_BIN_DIR);
        const QString root = QFileInfo(m_folder.path()).canonicalFilePath();
        m_place = root + u"/place"_s;
        m_workspace = root + u"/workspace"_s;
        QVERIFY(QDir().mkpath(m_place));
        QVERIFY(!outputOf(programs + u"bottega-cli"_s, {u"workspace"_s, u"init"_s, m_workspace, u"--json"_s}).isEmpty());
        plant(m_place);
        plant(m_workspace);
    }

    void case60_theCanariesWouldBeSeen()
    {
        QCOMPARE(trace(u"/bin/cat"_s, {u"json.py"_s}).taken.size(), 1);
        QCOMPARE(trace(u"/bin/cat"_s, {m_workspace + u"/plugins/platforms/libqoffscreen.so"_s}).taken.size(), 1);
        QVERIFY(trace(u"/usr/bin/env"_s, {u"./nvidia-smi"_s}).taken.size() >= 1);
        QVERIFY(trace(u"/usr/bin/env"_s, {u"LD_LIBRARY_PATH=."_s, u"/bin/cat"_s, u"/dev/null"_s}).taken.size() >= 1);
    }

    void case60_noProgramTakesWhatLiesInItsFolders()
    {
        for (const auto &[program, arguments] : {std::pair{u"bottega-agent"_s, QStringList{u"--version"_s}},
                                                 {u"bottega-trainer"_s, {u"info"_s}},
                                                 {u"bottega-cli"_s, {u"--version"_s}},
                                                 {u"bottega-cli"_s, {u"--workspace"_s, m_workspace, u"run"_s, u"list"_s}}}) {
            const Traced traced = trace(programs + program, arguments);
            QVERIFY2(traced.code == 0 && traced.taken.isEmpty(), qPrintable(program + u": "_s + why(traced)));
        }
        // The command line starts the agent, which starts the trainer: all three under the trace.
        const Traced job = trace(programs + u"bottega-cli"_s,
                                 {u"--workspace"_s, m_workspace, u"run"_s, u"submit"_s, u"--experiment=hijack"_s,
                                  u"--recipe=mnist-mlp"_s, u"--data=mnist-small"_s, u"--param=epochs=1"_s, u"--wait"_s, u"--json"_s});
        QVERIFY2(job.code == 0 && job.taken.isEmpty(), qPrintable(why(job)));
        const QString run = QJsonDocument::fromJson(job.out).object().value("id"_L1).toString();
        QVERIFY2(!run.isEmpty(), job.out.constData());
        const QString picture = m_folder.filePath(u"window.png"_s);
        const Traced studio = trace(programs + u"bottega"_s, {m_workspace, u"--run"_s, run, u"--screenshot"_s, picture,
                                                             u"-platform"_s, u"offscreen"_s});
        QVERIFY2(studio.code == 0 && studio.taken.isEmpty(), qPrintable(why(studio)));
        QVERIFY(QFile::exists(picture));
    }

    /// Where they lie differs from run to run, what the linker has resolved can't be overwritten, and no folder of
    /// the machine that built them is searched.
    void case60_programsAreLinkedSafely()
    {
        static const QRegularExpression searched(u"\\((RPATH|RUNPATH)\\)[^\\[]*\\[([^\\]]*)\\]"_s);
        for (const QString &program : {u"bottega"_s, u"bottega-cli"_s, u"bottega-agent"_s, u"bottega-trainer"_s,
                                       u"bottega-trainer-cuda"_s, u"bottega-cuda-module.so"_s}) {
            if (!QFile::exists(programs + program) && program.contains("cuda"_L1))
                continue; // built without CUDA
            const QString facts = QString::fromUtf8(outputOf(u"readelf"_s, {u"-hdlW"_s, programs + program}));
            QVERIFY2(facts.contains("DYN ("_L1), qPrintable(program + u" lies at a fixed address"_s));
            QVERIFY2(facts.contains("GNU_RELRO"_L1), qPrintable(program));
            QVERIFY2(!facts.contains("RWE"_L1), qPrintable(program + u" has a stack that can be run"_s));
            const QString paths = searched.match(facts).captured(2);
            for (const QString &path : paths.split(u':', Qt::SkipEmptyParts))
                QVERIFY2(path.startsWith("$ORIGIN"_L1), qPrintable(program + u": "_s + path));
        }
    }
};

BOTTEGA_TEST_MAIN(TestHijack)
#include "tst_hijack.moc"
