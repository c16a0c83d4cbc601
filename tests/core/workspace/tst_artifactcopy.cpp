// SPDX-License-Identifier: Apache-2.0
#include "core/base/file.h"
#include "core/workspace/artifactcopy.h"
#include "tests/support/testcase.h"

#include <QCoreApplication>
#include <QTemporaryDir>

#include <algorithm>
#include <fstream>

using namespace bottega;
namespace fs = std::filesystem;

/// Handing out files: all or none, verified, and never over what is there unless asked.
class ArtifactCopyTest : public test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void copiesIntoNewFolders();
    void refusesWhatIsThere();
    void overwritesWhenAsked();
    void keepsBothUnderNewNumbers();
    void oneRefusalTakesBackAll();
    void refusesAnotherHash();
    void neverLeavesTheSource_data();
    void neverLeavesTheSource();
    void cancelLeavesTheFolderAsItWas();
    void namesAreRelativeToTheCommonFolder();
    void unknownPathListsWhatThereIs();

private:
    [[nodiscard]] Result<std::vector<fs::path>> copy(const std::vector<CopyItem> &items,
                                                     IfExists ifExists = IfExists::Refuse) const
    {
        return copyFiles(m_source, items, m_target, ifExists);
    }
    [[nodiscard]] std::string content(const std::string &name) const
    {
        return readFile(m_target / name).value_or("(none)");
    }
    [[nodiscard]] std::vector<std::string> names() const;

    std::unique_ptr<QTemporaryDir> m_folder;
    fs::path m_source;
    fs::path m_target;
};

namespace {

void write(const fs::path &path, const std::string &text)
{
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
}

constexpr const char *hashOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

} // namespace

void ArtifactCopyTest::init()
{
    TestCase::init();
    m_folder = std::make_unique<QTemporaryDir>();
    m_source = fs::path(m_folder->path().toStdString()) / "source";
    m_target = fs::path(m_folder->path().toStdString()) / "target";
    write(m_source / "a.txt", "abc");
    write(m_source / "deep" / "b.bin", std::string(3'000'000, 'b'));
    fs::create_directory(m_target);
}

std::vector<std::string> ArtifactCopyTest::names() const
{
    std::vector<std::string> found;
    for (const auto &entry : fs::recursive_directory_iterator(m_target))
        found.push_back(fs::relative(entry.path(), m_target).string());
    std::sort(found.begin(), found.end());
    return found;
}

void ArtifactCopyTest::copiesIntoNewFolders()
{
    m_target /= "new";
    const auto written = copy({{"a.txt", "a.txt", hashOfAbc}, {"deep/b.bin", "x/y.bin", {}}});
    QVERIFY_RESULT(written);
    QCOMPARE(written->size(), std::size_t(2));
    QCOMPARE(content("a.txt"), std::string("abc"));
    QCOMPARE(content("x/y.bin").size(), std::size_t(3'000'000));
    QCOMPARE(names(), (std::vector<std::string>{"a.txt", "x", "x/y.bin"})); // nothing hidden stays
}

void ArtifactCopyTest::refusesWhatIsThere()
{
    write(m_target / "y.bin", "mine");
    const auto written = copy({{"a.txt", "a.txt", {}}, {"deep/b.bin", "y.bin", {}}});
    QVERIFY(!written);
    QCOMPARE(written.error().code, ErrorCode::Exists);
    QVERIFY(written.error().what.find("y.bin") != std::string::npos);
    QCOMPARE(names(), std::vector<std::string>{"y.bin"});
    QCOMPARE(content("y.bin"), std::string("mine"));
    fs::create_symlink("/nowhere", m_target / "a.txt"); // a dangling link is there too
    QCOMPARE(copy({{"a.txt", "a.txt", {}}}).error().code, ErrorCode::Exists);
}

void ArtifactCopyTest::overwritesWhenAsked()
{
    write(m_target / "a.txt", "mine");
    QVERIFY_RESULT(copy({{"a.txt", "a.txt", {}}}, IfExists::Overwrite));
    QCOMPARE(content("a.txt"), std::string("abc"));
    QCOMPARE(names(), std::vector<std::string>{"a.txt"});
}

void ArtifactCopyTest::keepsBothUnderNewNumbers()
{
    for (int i = 0; i < 3; ++i)
        QVERIFY_RESULT(copy({{"a.txt", "a.txt", {}}}, IfExists::KeepBoth));
    QCOMPARE(names(), (std::vector<std::string>{"a (2).txt", "a (3).txt", "a.txt"}));
}

void ArtifactCopyTest::oneRefusalTakesBackAll()
{
    write(m_target / "a.txt", "mine");
    write(m_target / "z" / "inside", "a folder where a file should go");
    const auto written = copy({{"a.txt", "a.txt", {}}, {"a.txt", "new.txt", {}}, {"deep/b.bin", "z", {}}}, IfExists::Overwrite);
    QVERIFY(!written);
    QVERIFY(!written.error().kept.empty());
    QCOMPARE(content("a.txt"), std::string("mine"));
    QCOMPARE(names(), (std::vector<std::string>{"a.txt", "z", "z/inside"}));
}

void ArtifactCopyTest::refusesAnotherHash()
{
    write(m_source / "a.txt", "abd");
    const auto written = copy({{"a.txt", "a.txt", hashOfAbc}});
    QVERIFY(!written);
    QCOMPARE(written.error().code, ErrorCode::Corrupt);
    QVERIFY(names().empty());
}

void ArtifactCopyTest::neverLeavesTheSource_data()
{
    QTest::addColumn<QString>("source");
    QTest::addColumn<QString>("name");
    QTest::newRow("through a link") << "link" << "link";
    QTest::newRow("through a linked folder") << "linked/secret" << "secret";
    QTest::newRow("upward") << "../secret" << "secret";
    QTest::newRow("to above") << "a.txt" << "../a.txt";
    QTest::newRow("to an absolute place") << "a.txt" << "/tmp/a.txt";
    QTest::newRow("a folder") << "deep" << "deep";
}

void ArtifactCopyTest::neverLeavesTheSource()
{
    QFETCH(QString, source);
    QFETCH(QString, name);
    write(m_source.parent_path() / "secret", "secret");
    fs::create_symlink("../secret", m_source / "link");
    fs::create_directory_symlink("..", m_source / "linked");
    QVERIFY(!copy({{source.toStdString(), name.toStdString(), {}}}));
    QVERIFY(names().empty());
    QVERIFY(!fs::exists(m_target.parent_path() / "a.txt"));
}

void ArtifactCopyTest::cancelLeavesTheFolderAsItWas()
{
    std::uint64_t last = 0;
    const auto written = copyFiles(m_source, {{"a.txt", "a.txt", {}}, {"deep/b.bin", "b.bin", {}}}, m_target,
                                   IfExists::Refuse, [&](std::uint64_t done, std::uint64_t total) {
                                       last = done;
                                       return done < total / 2;
                                   });
    QVERIFY(!written);
    QCOMPARE(written.error().code, ErrorCode::Canceled);
    QVERIFY(last > 3 && last < 3'000'003);
    QVERIFY(names().empty());
}

void ArtifactCopyTest::namesAreRelativeToTheCommonFolder()
{
    const RunFolder run(m_source.parent_path() / "run");
    write(run.work() / "outputs" / "model.npz", "m");
    write(run.work() / "outputs" / "plots" / "a.png", "a");
    write(run.work() / "outputs" / "plots" / "b.png", "b");
    write(run.work() / "logs" / "log.txt", "l");
    const auto named = [&run](const std::vector<std::string> &paths) {
        std::vector<std::string> found;
        for (const CopyItem &item : artifactItems(run, paths).value_or(std::vector<CopyItem>()))
            found.push_back(item.name);
        return found;
    };
    QCOMPARE(named({"outputs/model.npz"}), std::vector<std::string>{"model.npz"});
    QCOMPARE(named({"outputs/plots", "outputs/plots/a.png"}), (std::vector<std::string>{"a.png", "b.png"}));
    QCOMPARE(named({"outputs"}), (std::vector<std::string>{"model.npz", "plots/a.png", "plots/b.png"}));
    QCOMPARE(named({"outputs/model.npz", "logs"}), (std::vector<std::string>{"logs/log.txt", "outputs/model.npz"}));
}

void ArtifactCopyTest::unknownPathListsWhatThereIs()
{
    const RunFolder run(m_source.parent_path() / "run");
    write(run.work() / "outputs" / "model.npz", "m");
    const auto items = artifactItems(run, {"outputs/mode"});
    QVERIFY(!items);
    QCOMPARE(items.error().code, ErrorCode::NotFound);
    QVERIFY(items.error().remedy.find("outputs/model.npz") != std::string::npos);
}

BOTTEGA_TEST_MAIN(ArtifactCopyTest)
#include "tst_artifactcopy.moc"
