// SPDX-License-Identifier: Apache-2.0
#include "core/base/pagedarray.h"
#include "tests/core/base/smalldisk.h"
#include "tests/support/testcase.h"

#include <QTemporaryDir>

#include <cmath>
#include <fstream>
#include <thread>
#include <unistd.h>

using namespace bottega;
using namespace bottega::test;
namespace fs = std::filesystem;

namespace {

struct Sample
{
    std::int64_t number = 0;
    double value = 0;
};

constexpr std::size_t count = 100'000; // 1.6 MB
constexpr std::size_t budget = 256 << 10;

PagedArray<Sample> filled(const std::shared_ptr<PagePool> &pool)
{
    PagedArray<Sample> array(pool);
    for (std::size_t i = 0; i < count; ++i)
        array.push_back({static_cast<std::int64_t>(i), 0.5 * static_cast<double>(i)});
    return array;
}

bool isRight(const PagedArray<Sample> &array, std::size_t expected)
{
    std::size_t i = 0;
    array.forEachSpan([&](std::span<const Sample> samples) {
        for (const Sample &sample : samples)
            i += sample.number == static_cast<std::int64_t>(i) && sample.value == 0.5 * static_cast<double>(i) ? 1 : 0;
        return true;
    });
    return i == expected && array.size() == expected;
}

} // namespace

class TestPagedArray : public TestCase
{
    Q_OBJECT
private:
    [[nodiscard]] fs::path folder() const { return m_folder.path().toStdString(); }

    QTemporaryDir m_folder;

private Q_SLOTS:
    void holdsNoMoreThanItMay()
    {
        const auto pool = PagePool::create(folder() / "pages", budget);
        const PagedArray<Sample> array = filled(pool);
        QVERIFY(pool->residentBytes() <= budget);
        QVERIFY(pool->fileBytes() >= count * sizeof(Sample) - budget - PagedArray<Sample>::pageSize * sizeof(Sample));
        QVERIFY(isRight(array, count));
        for (std::size_t i = 0; i < count; ++i) { // here and there
            const std::size_t at = i * 7919 % count;
            QCOMPARE(array[at].number, static_cast<std::int64_t>(at));
        }
        QVERIFY(pool->residentBytes() <= budget);
        QVERIFY(fs::is_empty(folder() / "pages")); // the file has no name
        QVERIFY(!array.error());
    }

    void smallOnesMakeNoFile()
    {
        const auto pool = PagePool::create(folder() / "none", std::size_t{8} << 20);
        QVERIFY(isRight(filled(pool), count));
        QVERIFY(isRight(filled({}), count));
        QVERIFY(!fs::exists(folder() / "none"));
    }

    void isCutAndGoesOn()
    {
        const auto pool = PagePool::create(folder(), budget);
        PagedArray<Sample> array = filled(pool);
        for (const std::size_t length : {count - 1, std::size_t{51'200}, std::size_t{51'199}, std::size_t{1}}) {
            array.cut(length);
            QVERIFY(isRight(array, length));
            QCOMPARE(array.back().number, static_cast<std::int64_t>(length - 1));
        }
        array.clear();
        QVERIFY(array.empty());
        const std::uint64_t before = pool->fileBytes();
        array = filled(pool);
        QVERIFY(isRight(array, count));
        QCOMPARE(pool->fileBytes(), before); // the room of what is gone is used again
    }

    void copyIsReadInAnotherThread()
    {
        const auto pool = PagePool::create(folder(), budget);
        PagedArray<Sample> array = filled(pool);
        bool isCopyRight = true;
        std::jthread reader([copy = array, &isCopyRight] {
            for (int i = 0; i < 5; ++i)
                isCopyRight = isCopyRight && isRight(copy, count);
        });
        array.cut(count / 3); // whose pages are the copy's still
        for (std::size_t i = count / 3; i < 2 * count; ++i) {
            array.push_back({-1, 0});
            if (array[i / 2].number > static_cast<std::int64_t>(count / 3))
                QFAIL("what was cut is there");
        }
        reader.join();
        QVERIFY(isCopyRight);
    }

    void withoutAPlaceAllStaysInMemory()
    {
        std::ofstream(folder() / "file") << "in the way";
        const auto pool = PagePool::create(folder() / "file" / "pages", budget);
        const PagedArray<Sample> array = filled(pool);
        QVERIFY(isRight(array, count));
        QVERIFY(pool->residentBytes() > budget);
    }

    void diskWithLittleRoomIsLeftAlone()
    {
        fs::create_directory(folder() / "disk");
        const auto problem = onSmallDisk(folder() / "disk", 16 << 20, [this]() -> std::string {
            const auto pool = PagePool::create(folder() / "disk", budget);
            const PagedArray<Sample> array = filled(pool);
            return !isRight(array, count) ? "values are wrong" : pool->fileBytes() > 0 ? "it took room" : "";
        });
        if (!problem)
            QSKIP("no file system of one's own can be had here");
        QCOMPARE(*problem, std::string());
    }

    void unreadablePagesAreTold()
    {
        const auto pool = PagePool::create(folder() / "lost", budget);
        const PagedArray<Sample> array = filled(pool);
        for (const auto &entry : fs::directory_iterator("/proc/self/fd")) {
            std::error_code ignored;
            const std::string target = fs::read_symlink(entry.path(), ignored).string();
            if (target.starts_with((folder() / "lost").string()))
                QCOMPARE(::ftruncate(std::stoi(entry.path().filename().string()), 0), 0);
        }
        QVERIFY(!isRight(array, count));
        QVERIFY(std::isnan(array[0].value));
        const auto error = array.error();
        QVERIFY(error && error->code == ErrorCode::Io && !error->where.empty() && !error->kept.empty() && !error->remedy.empty());
    }
};

BOTTEGA_TEST_MAIN(TestPagedArray)
#include "tst_pagedarray.moc"
