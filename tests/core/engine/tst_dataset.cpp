// SPDX-License-Identifier: Apache-2.0
#include "core/engine/dataset.h"
#include "tests/core/engine/syntheticdata.h"
#include "tests/support/testcase.h"

#include <QDir>

#include <algorithm>
#include <numeric>

using namespace bottega;
using namespace bottega::engine;
using namespace bottega::test;
using namespace Qt::StringLiterals;
namespace fs = std::filesystem;

namespace {

Dataset numbered(std::int64_t count, int classes)
{
    Dataset data;
    data.count = count;
    data.height = data.width = 2;
    data.classes = classes;
    for (std::int64_t i = 0; i < count; ++i) {
        data.labels.push_back(static_cast<std::uint8_t>(i % 7 == 0 ? 0 : i % classes));
        for (int pixel = 0; pixel < 4; ++pixel)
            data.pixels.push_back(static_cast<std::uint8_t>(i + pixel));
    }
    return data;
}

std::vector<std::int64_t> countsOf(const Dataset &data)
{
    std::vector<std::int64_t> counts(static_cast<std::size_t>(data.classes));
    for (const std::uint8_t label : data.labels)
        ++counts[label];
    return counts;
}

/// A binary PGM or PPM of one value.
void writePlain(const fs::path &path, int width, int height, int channels, std::uint8_t value)
{
    QDir().mkpath(QString::fromStdString(path.parent_path().string()));
    QFile file(QString::fromStdString(path.string()));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(u"P%1 %2 %3 255\n"_s.arg(channels == 3 ? 6 : 5).arg(width).arg(height).toLatin1());
    file.write(QByteArray(width * height * channels, char(value)));
}

} // namespace

class DatasetTest : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void readsChannels();
    void refusesPartsThatDiffer();
    void readsFoldersOfPictures();
    void missingDataNameWhatIsLookedFor();
    void holdsOutTheSameShareOfEachClass();
    void holdsOutBySeed();
    void refusesSharesThatLeaveNothing();
    void fingerprintsDiffer();
};

void DatasetTest::readsChannels()
{
    const QTemporaryDir folder;
    const fs::path path = toPath(folder.path());
    std::vector<std::uint8_t> pixels(2 * 3 * 4 * 5);
    std::iota(pixels.begin(), pixels.end(), 0);
    writeIdx(path / "train-images-idx4-ubyte", {2, 3, 4, 5}, pixels);
    writeIdx(path / "train-labels-idx1-ubyte", {2}, {0, 12});
    writeIdx(path / "t10k-images-idx3-ubyte", {2, 3, 4, 5}, pixels); // the header tells, not the name
    writeIdx(path / "t10k-labels-idx1-ubyte", {2}, {1, 1});
    const auto data = readDatasets(path);
    QVERIFY_RESULT(data);
    QCOMPARE(data->train.pictureShape(), (Shape{3, 4, 5}));
    QCOMPARE(data->train.features(), 60);
    QCOMPARE(data->train.classes, 13);
    QCOMPARE(data->test.classes, 13);
    QVERIFY(data->test.pixels == pixels);
}

void DatasetTest::refusesPartsThatDiffer()
{
    const QTemporaryDir folder;
    const fs::path path = toPath(folder.path());
    writeSyntheticData(path);
    writeIdx(path / "t10k-images-idx3-ubyte", {70, 1, 9, 9}, std::vector<std::uint8_t>(70 * 81)); // one channel is grey
    QVERIFY_RESULT(readDatasets(path));
    writeIdx(path / "t10k-images-idx3-ubyte", {70, 3, 9, 9}, std::vector<std::uint8_t>(70 * 243));
    const auto data = readDatasets(path);
    QVERIFY(!data);
    QCOMPARE(data.error().code, ErrorCode::Corrupt);
    QVERIFY2(data.error().what.find("[3, 9, 9]") != std::string::npos, data.error().what.c_str());
}

void DatasetTest::readsFoldersOfPictures()
{
    const QTemporaryDir folder;
    const fs::path path = toPath(folder.path());
    writePlain(path / "train" / "ant" / "1.pgm", 4, 3, 1, 10);
    writePlain(path / "train" / "bee" / "1.ppm", 4, 3, 3, 20);
    writePlain(path / "test" / "bee" / "2.pgm", 4, 3, 1, 30);
    const auto data = readDatasets(path);
    QVERIFY_RESULT(data);
    QCOMPARE(data->train.pictureShape(), (Shape{3, 3, 4}));
    QCOMPARE(data->train.classes, 2);
    QCOMPARE(data->train.classNames, (std::vector<std::string>{"ant", "bee"}));
    QCOMPARE(data->test.labels, (std::vector<std::uint8_t>{1}));
    QVERIFY(data->test.pixels == std::vector<std::uint8_t>(36, 30));
}

void DatasetTest::missingDataNameWhatIsLookedFor()
{
    const QTemporaryDir folder;
    const auto data = readDatasets(toPath(folder.path()));
    QVERIFY(!data);
    QCOMPARE(data.error().code, ErrorCode::NotFound);
    QVERIFY(data.error().what.find("train-images-idx3-ubyte") != std::string::npos);
}

void DatasetTest::holdsOutTheSameShareOfEachClass()
{
    Dataset train = numbered(200, 5);
    const auto before = countsOf(train);
    const auto held = holdOut(train, 0.25, 3);
    QVERIFY_RESULT(held);
    QCOMPARE(train.count + held->count, 200);
    QCOMPARE(train.pixels.size(), std::size_t(train.count * 4));
    const auto counts = countsOf(*held);
    for (std::size_t label = 0; label < before.size(); ++label)
        QCOMPARE(counts[label], std::lround(0.25 * double(before[label])));
    std::vector<std::uint8_t> firsts; // each picture's first pixel is its number
    for (const Dataset &part : {Dataset(train), Dataset(*held)}) {
        std::uint8_t last = 0;
        for (std::int64_t i = 0; i < part.count; ++i) {
            const std::uint8_t number = part.pixels[std::size_t(4 * i)];
            QVERIFY(i == 0 || number > last); // the order is kept
            QCOMPARE(int(part.labels[std::size_t(i)]), number % 7 == 0 ? 0 : number % 5);
            firsts.push_back(last = number);
        }
    }
    std::sort(firsts.begin(), firsts.end());
    for (std::size_t i = 0; i < firsts.size(); ++i)
        QCOMPARE(std::size_t(firsts[i]), i); // none lost, none twice
}

void DatasetTest::holdsOutBySeed()
{
    Dataset one = numbered(200, 5), same = one, other = one;
    QVERIFY(holdOut(one, 0.2, 1)->pixels == holdOut(same, 0.2, 1)->pixels);
    QVERIFY(holdOut(other, 0.2, 2)->pixels != numbered(200, 5).pixels);
    QVERIFY(one.pixels == same.pixels);
    QVERIFY(one.pixels != other.pixels);
}

void DatasetTest::refusesSharesThatLeaveNothing()
{
    Dataset train = numbered(20, 10);
    const auto held = holdOut(train, 0.01, 0);
    QVERIFY(!held);
    QCOMPARE(held.error().code, ErrorCode::Usage);
    QCOMPARE(train.count, 20);
}

void DatasetTest::fingerprintsDiffer()
{
    const Dataset data = numbered(30, 5);
    Dataset other = data;
    QCOMPARE(fingerprint(other), fingerprint(data));
    other.labels[3] ^= 1;
    QVERIFY(fingerprint(other) != fingerprint(data));
    other = data;
    other.channels = 2;
    other.height = 1;
    QVERIFY(fingerprint(other) != fingerprint(data));
}

BOTTEGA_TEST_MAIN(DatasetTest)
#include "tst_dataset.moc"
