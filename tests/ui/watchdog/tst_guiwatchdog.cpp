// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/testcase.h"
#include "ui/watchdog/guiwatchdog.h"

#include <QCoreApplication>
#include <QTimer>

#include <chrono>
#include <thread>

using namespace bottega;
using namespace std::chrono_literals;

// Exported, so that the stack can name them.
[[gnu::noinline]] void sleepsInTheWindowsThread(std::chrono::milliseconds time)
{
    std::this_thread::sleep_for(time);
    asm volatile("" ::: "memory"); // no tail call: the frame stays
}

[[gnu::noinline]] void computesInTheWindowsThread(std::chrono::milliseconds time)
{
    const auto until = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < until) { }
    asm volatile("" ::: "memory");
}

class TestGuiWatchdog : public test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void namesWhatBlocks_data();
    void namesWhatBlocks();
    void keepsQuietWhileEventsAreHandled();
    void tellsALongBlockWhileItLasts();
    void forgets();
};

void TestGuiWatchdog::namesWhatBlocks_data()
{
    QTest::addColumn<bool>("computes");
    QTest::newRow("waiting") << false;
    QTest::newRow("computing") << true;
}

void TestGuiWatchdog::namesWhatBlocks()
{
    QFETCH(bool, computes);
    GuiWatchdog watchdog(100ms);
    QTest::qWait(60); // it has beaten
    QTimer::singleShot(0, this, [computes] {
        computes ? computesInTheWindowsThread(400ms) : sleepsInTheWindowsThread(400ms);
    });
    QTRY_VERIFY(watchdog.longest().length >= 350ms);
    const GuiWatchdog::Block block = watchdog.longest();
    const std::string text = block.text();
    QVERIFY2(text.find(computes ? "computesInTheWindowsThread" : "sleepsInTheWindowsThread") != std::string::npos, text.c_str());
    QVERIFY2(text.find("QEventLoop") != std::string::npos || text.find("QCoreApplication") != std::string::npos, text.c_str());
    if (!computes)
        QVERIFY2(block.computing < 200ms, text.c_str());
    QVERIFY(block.isOver);
}

void TestGuiWatchdog::keepsQuietWhileEventsAreHandled()
{
    GuiWatchdog watchdog(10s); // a limit that no load of the machine reaches
    QTest::qWait(100);
    QVERIFY(watchdog.blocks().empty());
    QCOMPARE(watchdog.longest().length, 0ms);
}

void TestGuiWatchdog::tellsALongBlockWhileItLasts()
{
    std::atomic<int> told{0}, ended{0};
    GuiWatchdog watchdog(50ms, [&](const GuiWatchdog::Block &block) { ++(block.isOver ? ended : told); });
    QTest::qWait(60);
    while (told == 0 && ended == 0) // as a hang does it; the test's own limit ends it where nothing is told
        sleepsInTheWindowsThread(10ms);
    QCOMPARE(told.load(), 1);
    QTRY_COMPARE(ended.load(), 1);
    QVERIFY(watchdog.longest().length >= 1250ms);
}

void TestGuiWatchdog::forgets()
{
    GuiWatchdog watchdog(50ms);
    QTest::qWait(60);
    sleepsInTheWindowsThread(200ms);
    QTRY_VERIFY(watchdog.longest().length >= 150ms);
    watchdog.forget();
    QVERIFY(watchdog.longest().length < 150ms);
}

BOTTEGA_TEST_MAIN(TestGuiWatchdog)
#include "tst_guiwatchdog.moc"
