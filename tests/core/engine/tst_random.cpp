// SPDX-License-Identifier: Apache-2.0
#include "core/engine/random.h"
#include "core/engine/sampler.h"
#include "tests/support/testcase.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <set>

using namespace bottega::engine;

class RandomTest : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void numbersAreTheSameEverywhere();
    void streamsAndSeedsDiffer();
    void normalsHaveTheirMoments();
    void belowIsEven();
    void shuffleIsAPermutation();
    void everyEpochDealsOutEverySampleOnce();
    void batchesStraddleEpochs();
    void samplerGoesOnFromItsState();
    void impossibleBatchesThrow();
};

void RandomTest::numbersAreTheSameEverywhere()
{
    // Recorded; a change would give other weights for the same seed on some machine or in some later version.
    Random random(0);
    double sum = 0;
    std::uint64_t bits = 0;
    for (int i = 0; i < 1000; ++i) {
        const double value = random.normal();
        std::uint64_t word = 0;
        std::memcpy(&word, &value, sizeof word);
        bits = (bits ^ word) * 0x100000001B3u;
        sum += value;
    }
    QCOMPARE(bits, std::uint64_t{1134544240167276446u});
    QVERIFY(std::abs(sum / 1000) < 0.1);
}

void RandomTest::streamsAndSeedsDiffer()
{
    std::set<std::uint64_t> firsts;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        for (std::uint64_t stream = 0; stream < 3; ++stream)
            firsts.insert(Random(seed, stream).next());
    }
    QCOMPARE(firsts.size(), std::size_t{300});
}

void RandomTest::normalsHaveTheirMoments()
{
    constexpr int count = 200'000;
    Random random(5);
    double sum = 0, squares = 0, fourths = 0;
    int beyond = 0;
    for (int i = 0; i < count; ++i) {
        const double x = random.normal();
        sum += x;
        squares += x * x;
        fourths += x * x * x * x;
        beyond += std::abs(x) > 1.959964;
    }
    QVERIFY(std::abs(sum / count) < 0.01);
    QVERIFY(std::abs(squares / count - 1) < 0.015);
    QVERIFY(std::abs(fourths / count - 3) < 0.1);
    QVERIFY(std::abs(beyond / double(count) - 0.05) < 0.002);
}

void RandomTest::belowIsEven()
{
    std::vector<int> counts(7);
    Random random(3);
    for (int i = 0; i < 70'000; ++i)
        ++counts[random.below(7)];
    for (const int count : counts)
        QVERIFY2(std::abs(count - 10'000) < 400, qPrintable(QString::number(count)));
    QCOMPARE(random.below(1), 0u);
}

void RandomTest::shuffleIsAPermutation()
{
    std::vector<std::int32_t> values(1000), sorted(1000);
    std::iota(values.begin(), values.end(), 0);
    std::iota(sorted.begin(), sorted.end(), 0);
    Random(1).shuffle(values);
    QVERIFY(values != sorted);
    std::sort(values.begin(), values.end());
    QVERIFY(values == sorted);
}

void RandomTest::everyEpochDealsOutEverySampleOnce()
{
    constexpr int count = 103, batch = 10;
    Sampler sampler(count, batch, Random(2));
    std::vector<std::int32_t> stream;
    for (int i = 0; i < 31; ++i) {
        const auto indices = sampler.next();
        QCOMPARE(indices.size(), std::size_t{batch});
        stream.insert(stream.end(), indices.begin(), indices.end());
    }
    std::vector<std::vector<std::int32_t>> epochs;
    for (int epoch = 0; epoch < 3; ++epoch) {
        epochs.emplace_back(stream.begin() + epoch * count, stream.begin() + (epoch + 1) * count);
        std::vector<std::int32_t> sorted = epochs.back();
        std::sort(sorted.begin(), sorted.end());
        for (int i = 0; i < count; ++i)
            QCOMPARE(sorted[static_cast<std::size_t>(i)], i);
    }
    QVERIFY(epochs[0] != epochs[1]);
}

void RandomTest::batchesStraddleEpochs()
{
    Sampler sampler(10, 4, Random(2));
    QList<bool> ends;
    for (int i = 0; i < 5; ++i) {
        const auto batch = sampler.next();
        QCOMPARE(batch.size(), std::size_t{4});
        ends << sampler.isEpochEnd();
    }
    QCOMPARE(ends, (QList<bool>{false, false, true, false, true}));
    QCOMPARE(sampler.state().position, 0);
}

void RandomTest::samplerGoesOnFromItsState()
{
    Sampler sampler(50, 8, Random(9));
    for (int i = 0; i < 10; ++i)
        static_cast<void>(sampler.next());
    Sampler resumed(8, sampler.state());
    for (int i = 0; i < 30; ++i) {
        const auto expected = sampler.next(), batch = resumed.next();
        QVERIFY(std::equal(expected.begin(), expected.end(), batch.begin(), batch.end()));
        QCOMPARE(resumed.isEpochEnd(), sampler.isEpochEnd());
    }
}

void RandomTest::impossibleBatchesThrow()
{
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, Sampler(5, 6, Random(0)));
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, Sampler(5, 0, Random(0)));
}

BOTTEGA_TEST_MAIN(RandomTest)
#include "tst_random.moc"
