// SPDX-License-Identifier: Apache-2.0
#include "tests/support/testcase.h"

#include <QDirIterator>
#include <QFile>
#include <QMap>
#include <QRegularExpression>
#include <QSet>

using namespace Qt::StringLiterals;

namespace {

const QString root = QStringLiteral(BOTTEGA_SOURCE_DIR "/");

QStringList sources(const QStringList &folders)
{
    QStringList found;
    for (const QString &folder : folders) {
        QDirIterator files(root + folder, {u"*.h"_s, u"*.cpp"_s, u"*.cu"_s, u"*.cuh"_s}, QDir::Files,
                           QDirIterator::Subdirectories);
        while (files.hasNext())
            found.append(files.next());
    }
    return found;
}

QString textOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

/// "path:line: text" of each line that matches, comments left out.
QStringList linesMatching(const QStringList &folders, const QString &pattern)
{
    const QRegularExpression expression(pattern);
    QStringList hits;
    for (const QString &path : sources(folders)) {
        const QStringList lines = textOf(path).split(u'\n');
        for (qsizetype i = 0; i < lines.size(); ++i) {
            const QString code = lines[i].section(u"//"_s, 0, 0);
            if (expression.match(code).hasMatch())
                hits.append(u"%1:%2: %3"_s.arg(path.mid(root.size())).arg(i + 1).arg(lines[i].trimmed()));
        }
    }
    return hits;
}

/// "core/agent/slotfolder.cpp it is ours": the source and why it may.
QMap<QString, QString> rawOpens()
{
    QMap<QString, QString> reasons;
    const QStringList lines = textOf(root + u"tests/project/raw-opens.txt"_s).split(u'\n');
    for (const QString &line : lines) {
        if (!line.isEmpty() && !line.startsWith(u'#'))
            reasons.insert(line.section(u' ', 0, 0), line.section(u' ', 1).trimmed());
    }
    return reasons;
}

} // namespace

/// Rules of the house that a machine can check.
class TestHouse : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void everyFileNamesItsLicence()
    {
        QStringList without;
        for (const QString &path : sources({u"core"_s, u"app"_s, u"ui"_s, u"tests"_s})) {
            const bool isGpl = path.contains(u"/ui/"_s) || path.contains(u"/app/studio/"_s) ||
                               textOf(path).contains(u"#include \"ui/"_s); // what links Qt Charts
            const QString wanted = isGpl ? u"SPDX-License-Identifier: GPL-3.0-or-later"_s
                                         : u"SPDX-License-Identifier: Apache-2.0"_s;
            if (!textOf(path).section(u'\n', 0, 0).contains(wanted))
                without.append(path.mid(root.size()));
        }
        QVERIFY2(without.isEmpty(), qPrintable(without.join(u'\n')));
    }

    void noRuleIsBroken_data()
    {
        QTest::addColumn<QStringList>("folders");
        QTest::addColumn<QString>("pattern");
        QTest::newRow("Qt in a part that must build without it")
            << QStringList{u"core/base"_s, u"core/formats"_s, u"core/engine"_s, u"core/run"_s, u"core/agent"_s,
                           u"app/agent"_s, u"app/trainer"_s}
            << u"#include *[<\"](Q[A-Z]|Qt[A-Z])"_s;
        QTest::newRow("widgets below ui")
            << QStringList{u"core"_s, u"app/cli"_s} << u"#include *[<\"](QWidget|QtWidgets|QtCharts|QChart|QLabel)"_s;
        QTest::newRow("ui included from below") << QStringList{u"core"_s, u"app/cli"_s} << u"#include *\"ui/"_s;
        QTest::newRow("files that a full disk would empty")
            << QStringList{u"core"_s, u"ui"_s, u"app"_s} << u"\\b(QSaveFile|QSettings)\\b"_s;
        QTest::newRow("string-based connections")
            << QStringList{u"core"_s, u"ui"_s, u"app"_s} << u"\\b(SIGNAL|SLOT) *\\("_s;
        QTest::newRow("waiting in the window's thread")
            << QStringList{u"ui"_s, u"app/studio"_s}
            << u"\\b(waitForFinished|waitForStarted|waitForReadyRead|processEvents|QEventLoop)\\b"_s;
        QTest::newRow("dialogs that block") << QStringList{u"ui"_s} << u"(->|\\.)exec\\(|QMessageBox::(information|"
                                                                        "warning|critical|question)\\("_s;
        QTest::newRow("text that may be taken for markup")
            << QStringList{u"ui"_s, u"app/studio"_s} << u"\\b(setHtml|insertHtml|appendHtml|RichText|AutoText)\\b"_s;
        QTest::newRow("left open") << QStringList{u"core"_s, u"ui"_s, u"app"_s} << u"\\b(TODO|FIXME|XXX|HACK)\\b"_s;
    }
    void noRuleIsBroken()
    {
        QFETCH(QStringList, folders);
        QFETCH(QString, pattern);
        const QStringList hits = linesMatching(folders, pattern);
        QVERIFY2(hits.isEmpty(), qPrintable(hits.join(u'\n')));
    }

    /// What opens files goes through core/base, which follows no link where a path is of foreign origin.
    void filesAreOpenedInOnePlace()
    {
        const QStringList hits = linesMatching({u"core"_s, u"app"_s, u"ui"_s},
                                               u"^(?!#include).*(\\b(i|o)?fstream\\b|\\bQFile\\b|\\bQDirIterator\\b|\\bf(re)?open\\("
                                               "|\\bopendir\\(|recursive_directory_iterator|(^|[^\\w])::(open|openat|creat)\\()"_s);
        const QMap<QString, QString> reasons = rawOpens();
        QStringList unexplained;
        QSet<QString> opening;
        for (const QString &hit : hits) {
            const QString source = hit.section(u':', 0, 0);
            if (source.startsWith(u"core/base/"_s))
                continue;
            opening.insert(source);
            if (!reasons.contains(source))
                unexplained.append(hit);
        }
        QVERIFY2(unexplained.isEmpty(), qPrintable(unexplained.join(u'\n')));
        for (const auto &[source, reason] : reasons.asKeyValueRange()) {
            QVERIFY2(opening.contains(source), qPrintable(source + u" opens nothing any more"_s));
            QVERIFY2(reason.size() > 10, qPrintable(source));
        }
    }
};

BOTTEGA_TEST_MAIN(TestHouse)
#include "tst_house.moc"
