// SPDX-License-Identifier: Apache-2.0
#include "tests/support/testcase.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>

using namespace Qt::StringLiterals;

/// The model file is what Chainer itself would have written: its own loader takes it, and it predicts the same.
class TestChainer : public bottega::test::TestCase
{
    Q_OBJECT
private:
    static QByteArray output(const QString &program, const QStringList &arguments)
    {
        QProcess process;
        process.start(program, arguments);
        if (!process.waitForFinished(120'000) || process.exitCode() != 0)
            qWarning("%s", process.readAllStandardError().constData());
        return process.readAllStandardOutput();
    }

private Q_SLOTS:
    void loadsOurModelAndAgrees()
    {
        const QString python = qEnvironmentVariable("BOTTEGA_CHAINER_PYTHON");
        if (python.isEmpty() || !QFile::exists(python))
            QSKIP("Chainer is not installed: packaging/bootstrap test installs it");
        const QTemporaryDir folder;
        const QString cli = QStringLiteral(BOTTEGA_BIN_DIR "/bottega-cli");
        const QString workspace = folder.filePath(u"chainer-ws"_s);
        output(cli, {u"workspace"_s, u"init"_s, workspace});
        const auto run = QJsonDocument::fromJson(
            output(cli, {u"--workspace"_s, workspace, u"run"_s, u"submit"_s, u"--experiment"_s, u"chainer-mnist"_s,
                         u"--recipe"_s, u"mnist-mlp"_s, u"--param"_s, u"epochs=2"_s, u"--wait"_s, u"--json"_s}));
        QCOMPARE(run[u"state"_s].toString(), u"Completed"_s);
        const QString model = workspace + u"/runs/"_s + run[u"id"_s].toString() + u"/work/outputs/model.npz"_s;
        const QByteArray said = output(python, {QStringLiteral(BOTTEGA_SOURCE_DIR "/tests/support/chainer_accuracy.py"),
                                                model, run[u"job"_s][u"data"_s][u"path"_s].toString()});
        QVERIFY2(said.startsWith("accuracy "), said.constData());
        const double ours = run[u"metrics"_s][u"Accuracy"_s][u"last"_s].toDouble();
        QVERIFY(ours > 0.5);
        // Two float32 summation orders may disagree on an image that sits on the border of two classes.
        QVERIFY2(qAbs(said.mid(9).trimmed().toDouble() - ours) <= 1.5 / 2000, said.constData());
    }
};

BOTTEGA_TEST_MAIN(TestChainer)
#include "tst_chainer.moc"
