// SPDX-License-Identifier: Apache-2.0
// Stored gradients: their common norm, and the optimizer. Dense values of parameters, any count.
#include "core/engine/backend/cuda/blocksum.h"
#include "core/engine/backend/cuda/launchers.h"
#include "core/engine/backend/cuda/turn.h"

#include <cmath>

namespace bottega::engine::cuda {

namespace {

// Kernels

/// A block adds up the squares of 4096 values; in double, since a training that goes wrong has large ones.
struct Squares
{
    static constexpr int threads = 256;
    static constexpr std::int64_t each = 4096;
    struct Shared
    {
        BlockSum<double, threads> sum;
    };
    using Registers = Nothing;

    const float *values;
    std::int64_t count;
    double *sums; // [blocks]

    [[nodiscard]] BOTTEGA_HOST_DEVICE int phases() const { return 3; }
    BOTTEGA_HOST_DEVICE void phase(int number, const Place &place, Shared &shared, Registers &) const
    {
        if (number == 0)
            shared.sum.put(place.thread, part(place));
        else if (number == 1)
            shared.sum.fold(place.thread);
        else if (place.thread == 0)
            sums[place.x] = shared.sum.total();
    }

private:
    BOTTEGA_HOST_DEVICE double part(const Place &place) const
    {
        const std::int64_t first = place.x * each, end = first + each < count ? first + each : count;
        double sum = 0;
        for (std::int64_t i = first + place.thread; i < end; i += threads)
            sum += double(values[i]) * double(values[i]);
        return sum;
    }
};

/// One block: what all gradients are to be multiplied with.
struct Factor
{
    static constexpr int threads = 256;
    struct Shared
    {
        BlockSum<double, threads> sum;
    };
    using Registers = Nothing;

    const double *sums;
    std::int64_t count;
    float limit;
    double *factor;

    [[nodiscard]] BOTTEGA_HOST_DEVICE int phases() const { return 3; }
    BOTTEGA_HOST_DEVICE void phase(int number, const Place &place, Shared &shared, Registers &) const
    {
        if (number == 0) {
            double sum = 0;
            for (std::int64_t i = place.thread; i < count; i += threads)
                sum += sums[i];
            shared.sum.put(place.thread, sum);
        } else if (number == 1) {
            shared.sum.fold(place.thread);
        } else if (place.thread == 0) {
            const double norm = sqrt(shared.sum.total());
            *factor = norm > double(limit) ? double(limit) / norm : 1;
        }
    }
};

struct Scale
{
    const double *factor;
    float *values;

    BOTTEGA_HOST_DEVICE void operator()(std::int64_t i) const
    {
        values[i] = static_cast<float>(double(values[i]) * *factor);
    }
};

std::int64_t blocksOf(const Parameter &parameter)
{
    return (parameter.gradient.count() + Squares::each - 1) / Squares::each;
}

std::int64_t blocksOf(const ops::ClipNorm &op)
{
    std::int64_t blocks = 0;
    for (const Parameter *parameter : op.parameters)
        blocks += blocksOf(*parameter);
    return blocks;
}

} // namespace

// Launchers

std::size_t scratchFloats(const ops::ClipNorm &op, int)
{
    return 2 * static_cast<std::size_t>(blocksOf(op) + 1); // doubles: the factor, then the sums
}

void launch(const ops::ClipNorm &op, const LaunchContext &context)
{
    auto *factor = reinterpret_cast<double *>(context.scratch);
    double *sums = factor + 1;
    std::int64_t done = 0;
    for (const Parameter *parameter : op.parameters) {
        const Squares kernel{parameter->gradient.data(), parameter->gradient.count(), sums + done};
        context.queue.launch(makeLaunch("clipSquares", kernel, Blocks{blocksOf(*parameter)}));
        done += blocksOf(*parameter);
    }
    context.queue.launch(makeLaunch("clipFactor", Factor{sums, done, op.limit, factor}, Blocks{}));
    for (Parameter *parameter : op.parameters)
        context.queue.launch(
            makeLaunch("clipScale", Scale{factor, parameter->gradient.data()}, parameter->gradient.count()));
}

void launch(const ops::Update &op, const LaunchContext &context)
{
    launchUpdate(*op.parameter, op.parameter->gradient.data(), context.rule, context);
}

} // namespace bottega::engine::cuda
