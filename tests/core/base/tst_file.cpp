// SPDX-License-Identifier: Apache-2.0
#include "core/base/atomicsave.h"
#include "core/base/file.h"
#include "tests/core/base/smalldisk.h"
#include "tests/support/testcase.h"

#include <QCoreApplication>

#include <fstream>
#include <sys/stat.h>

using namespace bottega;
namespace fs = std::filesystem;

namespace {

std::ptrdiff_t entryCount(const fs::path &folder)
{
    return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

unsigned modeOf(const fs::path &path)
{
    struct stat info = {};
    return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 0777u : 0;
}

/// What must hold when saving on a full disk: the call fails with its reason, and the folder is as it was.
std::string saveOnFullDisk(const fs::path &folder)
{
    const fs::path path = folder / "config.json";
    if (auto saved = saveAtomically(path, "good"); !saved)
        return "could not prepare: " + describe(saved.error());
    test::fillDisk(folder);
    const auto refused = saveAtomically(path, std::string(2'000'000, 'x'));
    if (refused)
        return "saving on a full disk succeeded";
    if (refused.error().code != ErrorCode::DiskFull || refused.error().kept.empty() || refused.error().remedy.empty())
        return "poor error: " + describe(refused.error());
    if (readFile(path).value_or("") != "good" || entryCount(folder) != 2)
        return "the old file was touched or a temporary one was left";
    fs::remove(folder / "filler");
    const auto saved = saveAtomically(path, std::string(200'000, 'y'));
    return saved ? std::string() : "not saved with room again: " + describe(saved.error());
}

} // namespace

class TestFile : public test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_root = m_folder.path().toStdString(); }

    void saveReplacesWhole()
    {
        const fs::path path = m_root / "small.json";
        QVERIFY_RESULT(saveAtomically(path, "first, and longer"));
        QVERIFY_RESULT(saveAtomically(path, "second"));
        QCOMPARE(readFile(path).value_or(""), std::string("second"));
        QCOMPARE(modeOf(path), 0600u);
        QVERIFY_RESULT(saveAtomically(path, "third", 0644));
        QCOMPARE(modeOf(path), 0644u);
    }

    void saveIntoMissingFolder()
    {
        const auto saved = saveAtomically(m_root / "none" / "a.json", "x");
        QVERIFY(!saved);
        QCOMPARE(saved.error().code, ErrorCode::NotFound);
        QVERIFY(!saved.error().kept.empty());
    }

    void saveOverFolderLeavesNothingBehind()
    {
        const fs::path folder = m_root / "taken";
        fs::create_directories(folder / "a.json" / "inside");
        QVERIFY(!saveAtomically(folder / "a.json", "x"));
        QCOMPARE(entryCount(folder), 1);
    }

    void saveOnFullDisk()
    {
        const fs::path folder = m_root / "disk";
        fs::create_directories(folder);
        const auto problem = test::onSmallDisk(folder, 1 << 20, [&] { return ::saveOnFullDisk(folder); });
        if (!problem)
            QSKIP("NOT TESTED: a small file system in a user namespace is not permitted on this machine");
        QCOMPARE(*problem, std::string());
    }

    void readRefusesAboveLimit()
    {
        const fs::path path = m_root / "sparse";
        std::ofstream(path).close();
        fs::resize_file(path, std::uint64_t{1} << 40);
        const auto read = readFile(path);
        QVERIFY(!read);
        QCOMPARE(read.error().code, ErrorCode::Corrupt);
        QVERIFY_RESULT(openRegularFile(path));
    }

    void readRefusesWhatIsNoFile_data()
    {
        QTest::addColumn<QByteArray>("path");
        const fs::path root = m_root / "special";
        fs::create_directories(root / "folder");
        QVERIFY(::mkfifo((root / "fifo").c_str(), 0600) == 0);
        fs::create_symlink("loop", root / "loop");
        QTest::newRow("folder") << QByteArray::fromStdString((root / "folder").string());
        QTest::newRow("fifo without writer") << QByteArray::fromStdString((root / "fifo").string());
        QTest::newRow("device") << QByteArray("/dev/zero");
        QTest::newRow("link to itself") << QByteArray::fromStdString((root / "loop").string());
        QTest::newRow("missing") << QByteArray::fromStdString((root / "missing").string());
    }

    void readRefusesWhatIsNoFile()
    {
        QFETCH(QByteArray, path);
        const auto read = readFile(path.toStdString());
        QVERIFY(!read);
        QVERIFY(!read.error().what.empty() && !read.error().where.empty());
        fs::remove_all(m_root / "special");
    }

    void openRefusesLinkWhenTold()
    {
        const fs::path link = m_root / "link";
        QVERIFY_RESULT(saveAtomically(m_root / "target", "x"));
        fs::create_symlink("target", link);
        QVERIFY_RESULT(openRegularFile(link));
        QVERIFY(!openRegularFile(link, false));
    }

    void readAtStopsAtTheEnd()
    {
        const fs::path path = m_root / "bytes";
        QVERIFY_RESULT(saveAtomically(path, "0123456789"));
        const auto fd = openRegularFile(path);
        QVERIFY_RESULT(fd);
        std::string buffer(8, '.');
        const auto count = readAt(fd->get(), std::as_writable_bytes(std::span(buffer)), 6, path);
        QCOMPARE(count.value_or(0), std::size_t{4});
        QCOMPARE(buffer, std::string("6789...."));
        QCOMPARE(fileSize(fd->get(), path).value_or(0), std::uint64_t{10});
    }

    void foldersAreMadePrivate()
    {
        const fs::path path = m_root / "a" / "b" / "c";
        QVERIFY_RESULT(makeFolder(path));
        QVERIFY_RESULT(makeFolder(path));
        QCOMPARE(modeOf(path), 0700u);
        QCOMPARE(modeOf(m_root / "a"), 0700u);
        QVERIFY_RESULT(saveAtomically(path / "file", "x"));
        const auto onFile = makeFolder(path / "file");
        QVERIFY(!onFile);
        QCOMPARE(onFile.error().code, ErrorCode::Exists);
    }

    void removeTreeNeverFollowsLinks()
    {
        const fs::path outside = m_root / "outside";
        const fs::path tree = m_root / "tree";
        QVERIFY_RESULT(makeFolder(outside));
        QVERIFY_RESULT(makeFolder(tree / "deep"));
        QVERIFY_RESULT(saveAtomically(outside / "precious", "x"));
        fs::create_directory_symlink(outside, tree / "deep" / "link");
        QVERIFY_RESULT(removeTree(tree));
        QVERIFY(!fs::exists(tree));
        QVERIFY(fs::exists(outside / "precious"));
        QVERIFY_RESULT(removeTree(tree)); // what is gone already is no error
    }

private:
    QTemporaryDir m_folder;
    fs::path m_root;
};

BOTTEGA_TEST_MAIN(TestFile)
#include "tst_file.moc"
