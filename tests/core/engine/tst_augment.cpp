// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/augment.h"
#include "tests/support/testcase.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <vector>

using namespace bottega::engine;

namespace {

constexpr std::int64_t height = 12, width = 16;

using Picture = std::vector<std::uint8_t>;

Picture dotAt(std::int64_t row, std::int64_t column)
{
    Picture picture(height * width);
    picture[static_cast<std::size_t>(row * width + column)] = 200;
    return picture;
}

Picture noise(std::int64_t channels = 1)
{
    Picture picture(static_cast<std::size_t>(channels * height * width));
    for (std::size_t i = 0; i < picture.size(); ++i)
        picture[i] = static_cast<std::uint8_t>(mixed(static_cast<std::uint32_t>(i)));
    return picture;
}

std::vector<float> moved(const PictureMove &move, const Picture &picture, const ElasticGrid *grid = nullptr)
{
    std::vector<float> out(picture.size());
    movePicture(move, grid, picture.data(), 1, height, width, 1, out.data());
    return out;
}

std::vector<float> augmented(const Augmentation &augmentation, const Picture &picture, std::uint64_t seed = 1,
                             std::int64_t step = 1, std::int64_t place = 0)
{
    std::vector<float> out(picture.size());
    const auto channels = static_cast<std::int64_t>(picture.size()) / (height * width);
    augment(augmentation, seed, step, place, picture.data(), channels, height, width, 1, out.data());
    return out;
}

float valueAt(const std::vector<float> &picture, std::int64_t row, std::int64_t column)
{
    return picture[static_cast<std::size_t>(row * width + column)];
}

struct Centre
{
    double row = 0, column = 0;
};

Centre centreOf(const std::vector<float> &picture)
{
    Centre centre;
    double sum = 0;
    for (std::int64_t i = 0; i < height * width; ++i) {
        const double value = picture[static_cast<std::size_t>(i)];
        centre.row += value * static_cast<double>(i / width);
        centre.column += value * static_cast<double>(i % width);
        sum += value;
    }
    return {centre.row / sum, centre.column / sum};
}

} // namespace

class AugmentTest : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void nothingAskedGivesThePlainPicture();
    void shiftsByPixels();
    void shiftsBetweenPixels();
    void turnsAboutTheCentre();
    void scalesAboutTheCentre();
    void bendsByTheGrid();
    void drawsWithinWhatWasAsked();
    void bendsWithinWhatWasAsked();
    void drawsDependOnSeedStepAndPlaceAlone();
    void movesAllChannelsAlikeAndStrides();
    void survivesTinyPictures();
};

void AugmentTest::nothingAskedGivesThePlainPicture()
{
    const Picture picture = noise();
    const std::vector<float> plain(picture.begin(), picture.end());
    QVERIFY(augmented({}, picture) == plain);
    QVERIFY(moved({}, picture) == plain);
}

void AugmentTest::shiftsByPixels()
{
    const auto out = moved({1, 0, 0, 1, 3, -2}, dotAt(6, 4));
    QCOMPARE(valueAt(out, 4, 7), 200.0f);
    QCOMPARE(std::accumulate(out.begin(), out.end(), 0.0f), 200.0f);
    const auto gone = moved({1, 0, 0, 1, -5, 0}, dotAt(6, 4)); // outside is zero, nothing comes round
    QCOMPARE(*std::max_element(gone.begin(), gone.end()), 0.0f);
}

void AugmentTest::shiftsBetweenPixels()
{
    const auto out = moved({1, 0, 0, 1, 0.25f, 0.5f}, dotAt(6, 4));
    QCOMPARE(valueAt(out, 6, 4), 75.0f);
    QCOMPARE(valueAt(out, 6, 5), 25.0f);
    QCOMPARE(valueAt(out, 7, 4), 75.0f);
    QCOMPARE(valueAt(out, 7, 5), 25.0f);
    QCOMPARE(valueAt(moved({1, 0, 0, 1, 0.5f, 0}, dotAt(6, 15)), 6, 15), 100.0f); // half of it has left
}

void AugmentTest::turnsAboutTheCentre()
{
    // By 180°: each pixel comes from its mirror image.
    const Picture picture = noise();
    const auto out = moved({-1, 0, 0, -1, 0, 0}, picture);
    for (std::int64_t i = 0; i < height * width; ++i)
        QCOMPARE(out[static_cast<std::size_t>(i)],
                 float(picture[static_cast<std::size_t>(height * width - 1 - i)]));
    // By 90°: what is right of the centre comes to lie below it.
    const auto quarter = moved({0, 1, -1, 0, 0, 0}, dotAt(5, 10));
    const Centre centre = centreOf(quarter);
    QVERIFY(std::abs(centre.row - 8) < 1e-4 && std::abs(centre.column - 8) < 1e-4);
    const PictureMove drawn =
        drawMove({0, 90, 0, 0}, 12345); // some angle: the matrix turns, it neither scales nor mirrors
    QVERIFY(std::abs(drawn.xx * drawn.yy - drawn.xy * drawn.yx - 1) < 1e-6);
}

void AugmentTest::scalesAboutTheCentre()
{
    const auto larger =
        moved({0.5f, 0, 0, 0.5f, 0, 0}, dotAt(8, 12)); // 2.5 below and 4.5 right of the centre
    const Centre centre = centreOf(larger);
    QVERIFY(std::abs(centre.row - (5.5 + 5)) < 0.3 &&
            std::abs(centre.column - (7.5 + 7.5)) < 1.7); // cut at the border
    const auto smaller = moved({2, 0, 0, 2, 0, 0}, Picture(height * width, 100));
    QCOMPARE(valueAt(smaller, 5, 7), 100.0f);
    QCOMPARE(valueAt(smaller, 1, 7), 0.0f);
    QCOMPARE(valueAt(smaller, 5, 2), 0.0f);
}

void AugmentTest::bendsByTheGrid()
{
    ElasticGrid grid = {};
    constexpr int half = ElasticGrid::numbers / 2;
    std::fill_n(grid.values, half,
                -2.0f); // all control points alike: the whole picture comes from 2 to the left
    std::fill_n(grid.values + half, half, 1.0f);
    const auto out = moved({}, dotAt(6, 4), &grid);
    QVERIFY(std::abs(valueAt(out, 5, 6) - 200) < 0.01f);
    ElasticGrid one = {};
    one.values[0] = one.values[half] = 40; // a single point bends its surroundings and nothing else
    const Picture picture = noise();
    const auto bent = moved({}, picture, &one);
    QVERIFY(valueAt(bent, 0, 0) != float(picture[0]));
    for (std::int64_t row = height / 4; row < height; ++row) {
        for (std::int64_t column = width / 4; column < width; ++column)
            QCOMPARE(valueAt(bent, row, column),
                     float(picture[static_cast<std::size_t>(row * width + column)]));
    }
}

void AugmentTest::drawsWithinWhatWasAsked()
{
    const Augmentation asked = {2, 30, 0.2f, 0};
    float leastShift = 0, mostShift = 0, leastAngle = 0, mostAngle = 0, leastSize = 2, mostSize = 0;
    for (std::int64_t place = 0; place < 2000; ++place) {
        const PictureMove move = drawMove(asked, augmentKey(7, 1, place));
        const float size = 1 / std::sqrt(move.xx * move.yy - move.xy * move.yx);
        const float angle = std::atan2(move.xy, move.xx) * 57.29578f;
        for (const float shift : {move.shiftX, move.shiftY}) {
            leastShift = std::min(leastShift, shift);
            mostShift = std::max(mostShift, shift);
        }
        leastAngle = std::min(leastAngle, angle);
        mostAngle = std::max(mostAngle, angle);
        leastSize = std::min(leastSize, size);
        mostSize = std::max(mostSize, size);
    }
    QVERIFY(leastShift >= -2 && leastShift < -1.98f && mostShift <= 2 && mostShift > 1.98f);
    QVERIFY(leastAngle >= -30.01f && leastAngle < -29.7f && mostAngle <= 30.01f && mostAngle > 29.7f);
    QVERIFY(leastSize >= 0.799f && leastSize < 0.802f && mostSize <= 1.201f && mostSize > 1.198f);
}

void AugmentTest::bendsWithinWhatWasAsked()
{
    const Augmentation asked = {0, 0, 0, 3};
    float furthest = 0, sum = 0;
    for (std::int64_t place = 0; place < 50; ++place) {
        const std::uint32_t key = augmentKey(1, 1, place);
        ElasticGrid grid;
        for (int i = 0; i < ElasticGrid::numbers; ++i)
            grid.values[i] = drawElastic(asked, key, i);
        for (std::int64_t i = 0; i < height * width; ++i) {
            float y = 0, x = 0;
            const ElasticRow along = elasticRow(grid, splinePlace(i / width, height));
            sourceOf({}, &along, i / width, i % width, height, width, y, x);
            furthest = std::max({furthest, std::abs(y - float(i / width)), std::abs(x - float(i % width))});
            sum += x - float(i % width);
        }
    }
    QVERIFY(furthest <= 3);
    QVERIFY(furthest > 1.5f);
    QVERIFY(std::abs(sum / (50 * height * width)) < 0.2f); // to no side in particular
}

void AugmentTest::drawsDependOnSeedStepAndPlaceAlone()
{
    const Augmentation asked = {2, 10, 0.1f, 1};
    const Picture picture = noise();
    const auto one = augmented(asked, picture, 5, 9, 3);
    QVERIFY(augmented(asked, picture, 5, 9, 3) == one);
    QVERIFY(augmented(asked, picture, 6, 9, 3) != one);
    QVERIFY(augmented(asked, picture, 5, 10, 3) != one);
    QVERIFY(augmented(asked, picture, 5, 9, 4) != one);
    QVERIFY(augmented(asked, picture, 5 + (std::uint64_t{1} << 32), 9, 3) != one);
}

void AugmentTest::movesAllChannelsAlikeAndStrides()
{
    const Augmentation asked = {2, 10, 0.1f, 1};
    const Picture grey = noise();
    Picture colored = grey;
    colored.insert(colored.end(), grey.begin(), grey.end());
    const auto single = augmented(asked, grey);
    const auto twice = augmented(asked, colored);
    QVERIFY(std::equal(single.begin(), single.end(), twice.begin()));
    QVERIFY(std::equal(single.begin(), single.end(), twice.begin() + height * width));
    std::vector<float> strided(grey.size() * 3, -1);
    augment(asked, 1, 1, 0, grey.data(), 1, height, width, 0.5f, strided.data(), 3);
    for (std::size_t i = 0; i < grey.size(); ++i) {
        QCOMPARE(strided[3 * i], 0.5f * single[i]);
        QCOMPARE(strided[3 * i + 1], -1.0f);
    }
}

void AugmentTest::survivesTinyPictures()
{
    const std::uint8_t pixel = 50;
    float out = -1;
    augment({64, 180, 0.9f, 32}, 1, 1, 0, &pixel, 1, 1, 1, 1, &out);
    QVERIFY(out >= 0 && out <= 50);
}

BOTTEGA_TEST_MAIN(AugmentTest)
#include "tst_augment.moc"
