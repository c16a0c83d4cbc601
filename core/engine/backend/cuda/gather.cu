// SPDX-License-Identifier: Apache-2.0
// Pictures of a step, from uint8 [count, C, H, W] to float32 [C·H·W, N], moved by the augmentation where there is one.
#include "core/engine/backend/augment.h"
#include "core/engine/backend/cuda/launchers.h"

namespace bottega::engine::cuda {

namespace {

constexpr float unit = 1.0f / 255;

// Kernels

/// A block turns 32 values of 32 pictures: read along the pictures, written along the batch.
struct Turn
{
    static constexpr int side = 32;
    static constexpr int threads = 256;
    struct Shared
    {
        float values[side][side + 1];
    };
    using Registers = Nothing;

    StepTable steps;
    const std::uint8_t *pixels;
    std::int64_t features, batch;
    float *input;

    [[nodiscard]] BOTTEGA_HOST_DEVICE int phases() const { return 2; }
    BOTTEGA_HOST_DEVICE void phase(int number, const Place &place, Shared &shared, Registers &) const
    {
        const std::int64_t feature = std::int64_t{place.x} * side, sample = std::int64_t{place.y} * side;
        const int lane = place.thread % side;
        for (int i = place.thread / side; i < side; i += threads / side) {
            if (number == 0) {
                if (feature + lane < features && sample + i < batch)
                    shared.values[i][lane] = valueOf(feature + lane, sample + i);
            } else if (feature + i < features && sample + lane < batch) {
                input[(feature + i) * batch + sample + lane] = shared.values[lane][i];
            }
        }
    }

private:
    BOTTEGA_HOST_DEVICE float valueOf(std::int64_t feature, std::int64_t n) const
    {
        return static_cast<float>(pixels[steps.sample(n) * features + feature]) * unit;
    }
};

/// A block moves 32 pictures and writes `each` of their places, along the batch.
struct Move
{
    static constexpr int side = 32;
    static constexpr int each = 64;
    static constexpr int threads = 256;
    struct Shared
    {
        ElasticGrid grids[side];
    };
    using Registers = Nothing;

    StepTable steps;
    Augmentation augmentation;
    std::uint64_t seed;
    const std::uint8_t *pixels;
    std::int64_t channels, height, width, batch;
    float *input;

    [[nodiscard]] BOTTEGA_HOST_DEVICE int phases() const { return 2; }
    BOTTEGA_HOST_DEVICE void phase(int number, const Place &place, Shared &shared, Registers &) const
    {
        const int lane = place.thread % side;
        const std::int64_t n = std::int64_t{place.y} * side + lane;
        if (n >= batch)
            return;
        const std::uint32_t key = augmentKey(seed, steps.number(), steps.firstPlace() + n);
        if (number == 0)
            drawGrid(key, place.thread / side, shared.grids[lane]);
        else
            move(key, n, place, shared.grids[lane]);
    }

private:
    BOTTEGA_HOST_DEVICE void drawGrid(std::uint32_t key, int row, ElasticGrid &grid) const
    {
        for (int i = row; augmentation.elastic > 0 && i < ElasticGrid::numbers; i += threads / side)
            grid.values[i] = drawElastic(augmentation, key, i);
    }

    BOTTEGA_HOST_DEVICE void move(std::uint32_t key, std::int64_t n, const Place &place, const ElasticGrid &grid) const
    {
        const PictureMove back = drawMove(augmentation, key);
        const std::int64_t plane = height * width;
        const std::uint8_t *picture = pixels + steps.sample(n) * channels * plane;
        for (std::int64_t i = place.thread / side; i < each; i += threads / side) {
            const std::int64_t at = std::int64_t{place.x} * each + i;
            if (at >= plane)
                return;
            float y = 0, x = 0;
            source(back, grid, at / width, at % width, y, x);
            for (std::int64_t c = 0; c < channels; ++c)
                input[(c * plane + at) * batch + n] = unit * pixelBetween(picture + c * plane, height, width, y, x);
        }
    }

    BOTTEGA_HOST_DEVICE void source(const PictureMove &back, const ElasticGrid &grid, std::int64_t row, std::int64_t column,
                                    float &y, float &x) const
    {
        if (augmentation.elastic > 0) {
            const ElasticRow bent = elasticRow(grid, splinePlace(row, height));
            sourceOf(back, &bent, row, column, height, width, y, x);
        } else {
            sourceOf(back, nullptr, row, column, height, width, y, x);
        }
    }
};

} // namespace

// Launchers

void launch(const ops::Gather &op, const LaunchContext &context)
{
    const Samples &samples = *op.samples;
    const std::int64_t batch = op.input->samples(), plane = samples.height * samples.width;
    const std::int64_t rows = (batch + Turn::side - 1) / Turn::side;
    if (op.augmentation.isActive()) {
        const Move kernel{context.steps,  op.augmentation, op.seed,       samples.pixels.get(), samples.channels,
                          samples.height, samples.width,   batch,         op.input->data()};
        context.queue.launch(makeLaunch("augment", kernel, Blocks{(plane + Move::each - 1) / Move::each, rows}));
        return;
    }
    const Turn kernel{context.steps, samples.pixels.get(), samples.features(), batch, op.input->data()};
    context.queue.launch(makeLaunch("gather", kernel, Blocks{(samples.features() + Turn::side - 1) / Turn::side, rows}));
}

} // namespace bottega::engine::cuda
