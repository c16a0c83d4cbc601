// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/index.h"
#include "tests/core/workspace/fixture.h"
#include "tests/support/testcase.h"

#include <functional>
#include <random>

using namespace bottega;
using namespace bottega::test;
namespace fs = std::filesystem;

/// The index is derived: whatever happens to its files, what it tells is what the run folders say.
class IndexMutantsTest : public TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void case13_fiveHundredMutantsTellTheTruth();
    void case13_copiedWhileOpen();
};

namespace {

using Files = std::map<std::string, std::string>; // name below the cache folder → content

Files filesOf(const fs::path &folder)
{
    Files files;
    for (const auto &entry : fs::directory_iterator(folder)) {
        if (entry.is_regular_file() && entry.path().filename().string().find(".aside-") == std::string::npos)
            files[entry.path().filename().string()] = WorkspaceFixture::read(entry.path());
    }
    return files;
}

void put(const fs::path &folder, const Files &files)
{
    fs::remove_all(folder);
    fs::create_directories(folder);
    for (const auto &[name, bytes] : files)
        WorkspaceFixture::write(folder / name, bytes);
}

/// All that the index tells, sorted.
std::string contentOf(const Workspace &workspace)
{
    auto index = Index::open(workspace);
    if (!index)
        return describe(index.error());
    if (const auto refreshed = index->refresh(); !refreshed)
        return describe(refreshed.error());
    const auto runs = index->runs();
    if (!runs)
        return describe(runs.error());
    std::vector<std::string> texts;
    for (const RunRecord &record : *runs) {
        Json json = runRecordToJson(record);
        json.erase("durationSeconds");
        texts.push_back(dumpJson(json));
    }
    std::sort(texts.begin(), texts.end());
    std::string text;
    for (const std::string &one : texts)
        text += one + "\n";
    return text;
}

int asideIn(const fs::path &folder)
{
    int count = 0;
    for (const auto &entry : fs::directory_iterator(folder))
        count += entry.path().filename().string().find(".aside-") != std::string::npos;
    return count;
}

/// The main file: the largest one.
std::string mainName(const Files &files)
{
    std::string name;
    for (const auto &[candidate, bytes] : files) {
        if (name.empty() || bytes.size() > files.at(name).size())
            name = candidate;
    }
    return name;
}

struct Mutation
{
    const char *name;
    std::function<void(Files &, const std::string &main, std::mt19937 &)> apply;
    bool isSeen; // always told and moved aside
};

std::vector<Mutation> mutations(const Files &foreign)
{
    const auto place = [](const std::string &bytes, std::mt19937 &random) { return random() % bytes.size(); };
    return {
        {"one bit", [place](Files &f, const std::string &m, std::mt19937 &r) { f[m][place(f[m], r)] ^= static_cast<char>(1 << r() % 8); }, false},
        {"eight bytes", [place](Files &f, const std::string &m, std::mt19937 &r) {
             for (int i = 0; i < 8; ++i)
                 f[m][place(f[m], r)] = static_cast<char>(r());
         }, false},
        {"truncated", [place](Files &f, const std::string &m, std::mt19937 &r) { f[m].resize(place(f[m], r)); }, false},
        {"zero length", [](Files &f, const std::string &m, std::mt19937 &) { f[m].clear(); }, false},
        {"a page of zeros", [](Files &f, const std::string &m, std::mt19937 &r) {
             const std::size_t pages = f[m].size() / 4096;
             f[m].replace(r() % pages * 4096, 4096, std::string(4096, '\0'));
         }, false},
        {"pages swapped", [](Files &f, const std::string &m, std::mt19937 &r) {
             const std::size_t pages = f[m].size() / 4096, a = r() % pages * 4096, b = r() % pages * 4096;
             const std::string one = f[m].substr(a, 4096), other = f[m].substr(b, 4096);
             f[m].replace(a, 4096, other);
             f[m].replace(b, 4096, one);
         }, false},
        {"header of another program", [](Files &f, const std::string &m, std::mt19937 &) { f[m].replace(0, 16, "Another program!"); }, true},
        {"another application", [](Files &f, const std::string &m, std::mt19937 &r) { f[m][68 + r() % 4] ^= 0x55; }, true},
        {"another version", [](Files &f, const std::string &m, std::mt19937 &) { f[m][60] = 9; }, true},
        {"wal removed", [](Files &f, const std::string &m, std::mt19937 &) { f.erase(m + "-wal"); }, false},
        {"wal of noise", [](Files &f, const std::string &m, std::mt19937 &r) {
             std::string noise(5000, '\0');
             for (char &c : noise)
                 c = static_cast<char>(r());
             f[m + "-wal"] = noise;
         }, false},
        {"foreign wal", [foreign](Files &f, const std::string &m, std::mt19937 &) { f[m + "-wal"] = foreign.at(m + "-wal"); }, false},
        {"deleted", [](Files &f, const std::string &m, std::mt19937 &) { f.erase(m); }, false},
    };
}

} // namespace

void IndexMutantsTest::case13_fiveHundredMutantsTellTheTruth()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun();
    for (int i = 1; i < 12; ++i) // copies: synced ones would be slow
        fs::copy(run.root(), fixture.workspace.runsFolder() / makeRunId("copies"), fs::copy_options::recursive);
    const fs::path cache = fixture.workspace.cacheFolder();
    const std::string truth = contentOf(fixture.workspace);
    const Files good = filesOf(cache);
    const std::string main = mainName(good);
    QVERIFY(good.at(main).size() > 8192);
    Files foreign = good; // as if it had been left by another index of the same program
    {
        WorkspaceFixture other;
        other.completedRun();
        auto index = Index::open(other.workspace);
        QVERIFY_RESULT(index->refresh());
        foreign = filesOf(other.workspace.cacheFolder()); // still open: with its -wal
    }
    QVERIFY(foreign.contains(main + "-wal"));
    std::mt19937 random(13);
    int moved = 0, mutants = 0;
    const std::vector<Mutation> kinds = mutations(foreign);
    for (; mutants < 500; ++mutants) {
        // Every kind in turn, and a flipped bit, the most likely one, every other time.
        const Mutation &mutation = kinds[mutants % 2 ? 0 : static_cast<std::size_t>(mutants / 2) % kinds.size()];
        Files files = good;
        mutation.apply(files, main, random);
        put(cache, files);
        const std::string told = contentOf(fixture.workspace);
        QVERIFY2(told == truth, (std::string(mutation.name) + ", mutant " + std::to_string(mutants) + ":\n" + told).c_str());
        const int aside = asideIn(cache);
        QVERIFY2(!mutation.isSeen || aside > 0, mutation.name); // put by, never deleted
        moved += aside > 0;
        if (aside > 0 && files.contains(main)) {
            bool isKept = false;
            for (const auto &entry : fs::directory_iterator(cache))
                isKept = isKept || entry.path().filename().string().starts_with(main + ".aside-");
            QVERIFY2(isKept, mutation.name);
        }
    }
    QVERIFY2(moved > 100, std::to_string(moved).c_str());
    put(cache, good);
    QVERIFY(Index::open(fixture.workspace)->verify()->empty());
}

void IndexMutantsTest::case13_copiedWhileOpen()
{
    WorkspaceFixture fixture;
    const RunFolder run = fixture.completedRun();
    auto writer = Index::open(fixture.workspace);
    QVERIFY_RESULT(writer->refresh());
    const fs::path cache = fixture.workspace.cacheFolder();
    std::vector<Files> copies;
    for (int i = 0; i < 5; ++i) {
        fs::copy(run.root(), fixture.workspace.runsFolder() / makeRunId("copies"), fs::copy_options::recursive);
        QVERIFY_RESULT(writer->refresh());
        Files files = filesOf(cache);
        if (i % 2)
            files.erase(mainName(files) + "-wal"); // a copy that forgot it
        copies.push_back(std::move(files));
    }
    writer = Index::open(fixture.workspace);
    const std::string truth = contentOf(fixture.workspace);
    {
        const Index closed = std::move(*writer);
    }
    for (const Files &files : copies) {
        put(cache, files);
        QCOMPARE(contentOf(fixture.workspace), truth);
    }
}

BOTTEGA_TEST_MAIN(IndexMutantsTest)
#include "tst_indexmutants.moc"
