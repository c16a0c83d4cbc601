// SPDX-License-Identifier: Apache-2.0
#include "core/agent/logtail.h"
#include "tests/support/testcase.h"

#include <QTemporaryDir>

#include <algorithm>
#include <fstream>
#include <sys/stat.h>

using namespace bottega;

class TestLogTail : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void showsWhatAPersonSaw_data();
    void showsWhatAPersonSaw();
    void keepsTheLastWholeLines();
    void endlessLineIsCutInFront();
    void neverBlocks();
};

void TestLogTail::showsWhatAPersonSaw_data()
{
    QTest::addColumn<QByteArray>("log");
    QTest::addColumn<QByteArray>("tail");
    QTest::newRow("nothing") << QByteArray() << QByteArray();
    QTest::newRow("only line ends") << QByteArray("\n\r\n\n") << QByteArray();
    QTest::newRow("two lines") << QByteArray("a\nb\n") << QByteArray("a\nb");
    QTest::newRow("no last line end") << QByteArray("a\nb") << QByteArray("a\nb");
    QTest::newRow("empty line inside") << QByteArray("a\n\nb\n\n") << QByteArray("a\n\nb");
    QTest::newRow("colours") << QByteArray("\x1b[1;31merror\x1b[0m: x\n") << QByteArray("error: x");
    QTest::newRow("title") << QByteArray("\x1b]0;owned\aerror\n") << QByteArray("error");
    QTest::newRow("link") << QByteArray("\x1b]8;;file:///x\x1b\\text\x1b]8;;\x1b\\\n") << QByteArray("text");
    QTest::newRow("progress") << QByteArray("10%\r50%\r100%\ndone\r\n") << QByteArray("100%\ndone");
    QTest::newRow("controls") << QByteArray("a\0b\x07" "c\x08\n", 7) << QByteArray("abc");
    QTest::newRow("cut escape") << QByteArray("a\n\x1b[3") << QByteArray("a");
    QTest::newRow("open title") << QByteArray("\x1b]0;never closed\nerror\n") << QByteArray("error");
    QTest::newRow("UTF-8") << QByteArray("è\n") << QByteArray("è");
}

void TestLogTail::showsWhatAPersonSaw()
{
    QFETCH(QByteArray, log);
    const QTemporaryDir folder;
    const auto path = folder.filePath(QStringLiteral("log")).toStdString();
    std::ofstream(path, std::ios::binary) << log.toStdString();
    QTEST(QByteArray::fromStdString(logTail(path)), "tail");
}

void TestLogTail::keepsTheLastWholeLines()
{
    const QTemporaryDir folder;
    const auto path = folder.filePath(QStringLiteral("log")).toStdString();
    {
        std::ofstream log(path);
        for (int i = 0; i < 10000; ++i)
            log << "line " << i << '\n';
    }
    QCOMPARE(logTail(path, 20), std::string("line 9998\nline 9999"));
    QCOMPARE(logTail(path, 18), std::string("line 9999"));
    const std::string tail = logTail(path);
    QVERIFY(tail.starts_with("line 9900\n") && tail.ends_with("\nline 9999"));
    QCOMPARE(std::count(tail.begin(), tail.end(), '\n'), 99);
}

void TestLogTail::endlessLineIsCutInFront()
{
    const QTemporaryDir folder;
    const auto path = folder.filePath(QStringLiteral("log")).toStdString();
    {
        std::ofstream log(path);
        for (int i = 0; i < 100000; ++i)
            log << "è";
        log << "end";
    }
    const std::string tail = logTail(path, 10);
    QCOMPARE(tail, std::string("èèèend"));
}

void TestLogTail::neverBlocks()
{
    const QTemporaryDir folder;
    const auto path = folder.filePath(QStringLiteral("log")).toStdString();
    QCOMPARE(logTail(path), std::string());
    QCOMPARE(::mkfifo(path.c_str(), 0600), 0);
    QCOMPARE(logTail(path), std::string());
}

BOTTEGA_TEST_MAIN(TestLogTail)
#include "tst_logtail.moc"
