// SPDX-License-Identifier: Apache-2.0
#include "core/base/safename.h"

#include "core/base/atomicsave.h"
#include "core/base/file.h"
#include "core/base/folderwalk.h"
#include "tests/support/testcase.h"

#include <QCoreApplication>

#include <atomic>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <thread>

using namespace bottega;
namespace fs = std::filesystem;

class TestSafeName : public test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        m_root = m_folder.path().toStdString();
        QVERIFY_RESULT(makeFolder(m_root / "run" / "outputs"));
        QVERIFY_RESULT(makeFolder(m_root / "other"));
        QVERIFY_RESULT(saveAtomically(m_root / "run" / "outputs" / "model.npz", "inside"));
        QVERIFY_RESULT(saveAtomically(m_root / "secret", "outside"));
        fs::create_symlink("../secret", m_root / "run" / "link");
        fs::create_symlink("outputs/model.npz", m_root / "run" / "inner");
        fs::create_directory_symlink("../other", m_root / "run" / "folderlink");
        fs::create_directory_symlink("outputs", m_root / "run" / "innerfolder");
        fs::create_symlink("round", m_root / "run" / "round");
        QVERIFY(::mkfifo((m_root / "run" / "fifo").c_str(), 0600) == 0);
        QVERIFY_RESULT(saveAtomically(m_root / "other" / "file", "outside"));
    }

    void names_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<bool>("isValid");
        QTest::newRow("plain") << QByteArray("chainer-mnist") << true;
        QTest::newRow("digits first") << QByteArray("2nd_try.v1") << true;
        QTest::newRow("shortest") << QByteArray("ab") << true;
        QTest::newRow("longest") << QByteArray(32, 'a') << true;
        QTest::newRow("empty") << QByteArray() << false;
        QTest::newRow("too short") << QByteArray("a") << false;
        QTest::newRow("33 characters") << QByteArray(33, 'a') << false;
        QTest::newRow("300 characters") << QByteArray(300, 'a') << false;
        QTest::newRow("dot first") << QByteArray(".hidden") << false;
        QTest::newRow("climbs") << QByteArray("..") << false;
        QTest::newRow("dash first") << QByteArray("-rf") << false;
        QTest::newRow("dot last") << QByteArray("name.") << false;
        QTest::newRow("slash") << QByteArray("a/b") << false;
        QTest::newRow("backslash") << QByteArray("a\\b") << false;
        QTest::newRow("blank") << QByteArray("a b") << false;
        QTest::newRow("newline") << QByteArray("ab\n") << false;
        QTest::newRow("NUL") << QByteArray("ab\0c", 4) << false;
        QTest::newRow("markup") << QByteArray("<img src=x>") << false;
        QTest::newRow("percent") << QByteArray("%2e%2e") << false;
        QTest::newRow("not ASCII") << QByteArray("caffè") << false;
    }

    void names()
    {
        QFETCH(QByteArray, name);
        QFETCH(bool, isValid);
        const auto checked = checkName("an experiment", name.toStdString(), 2, 32);
        QCOMPARE(checked.has_value(), isValid);
        if (isValid)
            return;
        QCOMPARE(checked.error().code, ErrorCode::Usage);
        QVERIFY(!checked.error().remedy.empty());
        QVERIFY(checked.error().what.find('\n') == std::string::npos);
        QVERIFY(checked.error().what.size() < 250);
    }

    void paths_data()
    {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<bool>("isValid");
        QTest::addColumn<bool>("isOpened");
        const auto row = [](const char *name, const QByteArray &path, bool isValid, bool isOpened) {
            QTest::newRow(name) << path << isValid << isOpened;
        };
        row("file", "outputs/model.npz", true, true);
        row("missing", "outputs/none.npz", true, false);
        row("folder", "outputs", true, false);
        row("fifo", "fifo", true, false);
        row("link to the outside", "link", true, false);
        row("link to the inside", "inner", true, false);
        row("link to itself", "round", true, false);
        row("through a link to the outside", "folderlink/file", true, false);
        row("through a link to the inside", "innerfolder/model.npz", true, false);
        row("percent is a plain character", "%2e%2e/secret", true, false);
        row("fragment is a plain character", "outputs#/../../secret", false, false);
        row("empty", "", false, false);
        row("absolute", "/etc/passwd", false, false);
        row("two slashes", "//proc/self/root", false, false);
        row("climbs", "../secret", false, false);
        row("climbs in the middle", "outputs/../../secret", false, false);
        row("dot", "./outputs/model.npz", false, false);
        row("only a dot", ".", false, false);
        row("slash at the end", "outputs/", false, false);
        row("empty component", "outputs//model.npz", false, false);
        row("NUL", QByteArray("outputs/model.npz\0x", 19), false, false);
        row("newline", "outputs/\n", false, false);
        row("1,001 bytes", QByteArray(1001, 'a'), false, false);
    }

    void paths()
    {
        QFETCH(QByteArray, path);
        QFETCH(bool, isValid);
        QFETCH(bool, isOpened);
        QCOMPARE(checkRelativePath(path.toStdString()).has_value(), isValid);
        const auto fd = openBeneath(m_root / "run", path.toStdString());
        QCOMPARE(fd.has_value(), isOpened);
        QVERIFY(fd || !fd.error().what.empty());
    }

    void walkSeesEverythingAndFollowsNothing()
    {
        std::vector<std::string> seen;
        QVERIFY_RESULT(walkBeneath(m_root / "run", [&seen](const Walked &found) { seen.push_back(found.path); }));
        const std::vector<std::string> expected = {"fifo", "folderlink", "inner", "innerfolder", "link", "outputs",
                                                   "outputs/model.npz", "round"};
        QVERIFY(seen == expected);
        seen.clear();
        QVERIFY_RESULT(walkBeneath(m_root, "run/outputs", [&seen](const Walked &found) { seen.push_back(found.path); }));
        QVERIFY(seen == std::vector<std::string>{"model.npz"});
        for (const char *start : {"run/folderlink", "run/innerfolder", "run/fifo", "run/link", "../x", "run/none"})
            QVERIFY(!walkBeneath(m_root, start, [](const Walked &) {}, Unreadable::PassOver));
        QVERIFY(!walkBeneath(m_root / "run/innerfolder", [](const Walked &) {}));
    }

    void depthOfAWalkIsBounded()
    {
        fs::path folder = m_root / "deep";
        for (int i = 0; i < 70; ++i)
            folder /= "d";
        QVERIFY_RESULT(makeFolder(folder));
        int seen = 0;
        const auto count = [&seen](const Walked &) { ++seen; };
        QCOMPARE(walkBeneath(m_root / "deep", count).error().code, ErrorCode::Unsupported);
        seen = 0;
        QVERIFY_RESULT(walkBeneath(m_root / "deep", count, Unreadable::PassOver));
        QCOMPARE(seen, 70);
    }

    /// Somebody swaps a folder for a link while we walk: never once is the outside seen.
    void case47_walkNeverLeavesItsFolder()
    {
        const fs::path run = m_root / "walked";
        QVERIFY_RESULT(makeFolder(run / "a"));
        QVERIFY_RESULT(saveAtomically(run / "a" / "inside", "x"));
        fs::create_directory_symlink("../other", run / "b");
        std::atomic<bool> isDone = false;
        std::thread swapper([&] {
            while (!isDone) {
                ::renameat2(AT_FDCWD, (run / "a").c_str(), AT_FDCWD, (run / "b").c_str(), RENAME_EXCHANGE);
            }
        });
        int inside = 0, foreign = 0;
        for (int i = 0; i < 10'000; ++i) {
            (void)walkBeneath(run, [&](const Walked &found) {
                inside += found.path.ends_with("/inside");
                foreign += found.path.ends_with("/file");
            });
            (void)walkBeneath(run, "a", [&](const Walked &found) { foreign += found.path == "file"; });
        }
        isDone = true;
        swapper.join();
        QVERIFY(inside > 0);
        QCOMPARE(foreign, 0);
    }

    /// Somebody swaps a folder for a link while we open: never once is the outside reached.
    void swappedFolder()
    {
        const fs::path run = m_root / "swap";
        QVERIFY_RESULT(makeFolder(run / "a"));
        QVERIFY_RESULT(saveAtomically(run / "a" / "file", "inside"));
        fs::create_directory_symlink("../other", run / "b");
        std::atomic<bool> isDone = false;
        std::thread swapper([&] {
            while (!isDone) {
                ::rename((run / "a").c_str(), (run / "t").c_str());
                ::rename((run / "b").c_str(), (run / "a").c_str());
                ::rename((run / "a").c_str(), (run / "b").c_str());
                ::rename((run / "t").c_str(), (run / "a").c_str());
            }
        });
        int opened = 0;
        int foreign = 0;
        for (int i = 0; i < 20'000; ++i) {
            const auto fd = openBeneath(run, "a/file");
            std::string text(7, '\0');
            if (!fd || !readAt(fd->get(), std::as_writable_bytes(std::span(text)), 0, run))
                continue;
            ++opened;
            foreign += text.starts_with("outside") ? 1 : 0;
        }
        isDone = true;
        swapper.join();
        QCOMPARE(foreign, 0);
        QVERIFY(opened > 0);
    }

    void printableShowsControls()
    {
        QCOMPARE(printable("a\nb\x1b[31m\x7f"), std::string("a\\nb\\x1b[31m\\x7f"));
        QCOMPARE(printable("èèè", 3), std::string("èè…"));
        QCOMPARE(printable("caffè"), std::string("caffè"));
        QCOMPARE(printable("\xc2\x9b" "31m\xc2\xa0"), std::string("\\x9b31m\xc2\xa0"));
        QCOMPARE(printable("npz.\u202egpj\u2069\u2026"), std::string("npz.\\u202egpj\\u2069\u2026"));
    }

private:
    QTemporaryDir m_folder;
    fs::path m_root;
};

BOTTEGA_TEST_MAIN(TestSafeName)
#include "tst_safename.moc"
