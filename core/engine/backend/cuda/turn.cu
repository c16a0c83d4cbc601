// SPDX-License-Identifier: Apache-2.0
// What stands between our layout, samples innermost, and that of the libraries, [N, C, H, W]; and what they leave to us.
#include "core/engine/backend/cuda/turn.h"

#include "core/engine/backend/cuda/blocksum.h"
#include "core/engine/backend/cuda/parameterview.h"

namespace bottega::engine::cuda {

namespace {

// Kernels

/// A block turns 32 × 32 values through shared memory, so that both sides are read and written along memory.
struct Turn
{
    static constexpr int side = 32;
    static constexpr int threads = 256;
    struct Shared
    {
        float values[side][side + 1];
    };
    using Registers = Nothing;

    const float *from; // [rows, columns]
    std::int64_t rows, columns;
    float *to;
    const float *bias; // of each column's channel, or null
    std::int64_t positions;
    bool isRelu;
    std::int64_t columnTiles;

    [[nodiscard]] BOTTEGA_HOST_DEVICE int phases() const { return 2; }
    BOTTEGA_HOST_DEVICE void phase(int number, const Place &place, Shared &shared, Registers &) const
    {
        const std::int64_t row = place.x / columnTiles * side, column = place.x % columnTiles * side;
        const int lane = place.thread % side;
        for (int i = place.thread / side; i < side; i += threads / side) {
            if (number == 0) {
                if (row + i < rows && column + lane < columns)
                    shared.values[i][lane] = from[(row + i) * columns + column + lane];
            } else if (column + i < columns && row + lane < rows) {
                to[(column + i) * rows + row + lane] = finished(shared.values[lane][i], column + i);
            }
        }
    }

private:
    BOTTEGA_HOST_DEVICE float finished(float value, std::int64_t column) const
    {
        const float sum = bias ? value + bias[column / positions] : value;
        return isRelu && sum < 0 ? 0.0f : sum;
    }
};

struct RowSums
{
    static constexpr int threads = 256;
    struct Shared
    {
        BlockSum<float, threads> sum;
    };
    using Registers = Nothing;

    const float *values;
    std::int64_t columns;
    float *to;

    [[nodiscard]] BOTTEGA_HOST_DEVICE int phases() const { return 3; }
    BOTTEGA_HOST_DEVICE void phase(int number, const Place &place, Shared &shared, Registers &) const
    {
        if (number == 0) {
            float sum = 0;
            for (std::int64_t i = place.thread; i < columns; i += threads)
                sum += values[place.x * columns + i];
            shared.sum.put(place.thread, sum);
        } else if (number == 1) {
            shared.sum.fold(place.thread);
        } else if (place.thread == 0) {
            to[place.x] = shared.sum.total();
        }
    }
};

struct Mask
{
    const float *mask;
    float *gradient;

    BOTTEGA_HOST_DEVICE void operator()(std::int64_t i) const
    {
        if (mask[i] <= 0)
            gradient[i] = 0;
    }
};

struct Apply
{
    ParameterView parameter;

    BOTTEGA_HOST_DEVICE void operator()(std::int64_t i) const { parameter.update(i, parameter.gradient[i]); }
};

void launch(Turn kernel, Queue &queue)
{
    const std::int64_t rowTiles = (kernel.rows + Turn::side - 1) / Turn::side;
    kernel.columnTiles = (kernel.columns + Turn::side - 1) / Turn::side;
    queue.launch(makeLaunch("turn", kernel, Blocks{rowTiles * kernel.columnTiles}));
}

} // namespace

// Launchers

void launchTurn(const float *from, std::int64_t rows, std::int64_t columns, float *to, Queue &queue)
{
    launch(Turn{from, rows, columns, to, nullptr, 1, false, 0}, queue);
}

void launchTurnWithBias(const float *from, const Tensor &bias, Activation activation, Tensor &output, Queue &queue)
{
    launch(Turn{from, output.samples(), output.features(), output.data(), bias.data(), output.features() / bias.count(),
                activation == Activation::Relu, 0},
           queue);
}

void launchRowSums(const float *values, std::int64_t rows, std::int64_t columns, float *to, Queue &queue)
{
    queue.launch(makeLaunch("rowSums", RowSums{values, columns, to}, Blocks{rows}));
}

void launchMask(const Tensor &mask, Tensor &gradient, Queue &queue)
{
    queue.launch(makeLaunch("mask", Mask{mask.data(), gradient.data()}, gradient.count()));
}

void launchUpdate(Parameter &parameter, float *gradient, std::int32_t rule, const LaunchContext &context)
{
    ParameterView view = viewOf(parameter, context.steps, rule);
    view.gradient = gradient;
    context.queue.launch(makeLaunch("update", Apply{view}, parameter.value.count()));
}

void rehearseTurns(Queue &queue)
{
    launchTurn(nullptr, 1, 1, nullptr, queue);
    launchRowSums(nullptr, 1, 1, nullptr, queue);
    queue.launch(makeLaunch("mask", Mask{}, 1));
    queue.launch(makeLaunch("update", Apply{}, 1));
}

} // namespace bottega::engine::cuda
