// SPDX-License-Identifier: Apache-2.0
// Dropout and its gradient: [features, N], one thread per value. Who survives follows from seed, step and place alone, so
// that nothing is kept between the two.
#include "core/engine/backend/cuda/launchers.h"
#include "core/engine/backend/dropout.h"

namespace bottega::engine::cuda {

namespace {

// Kernels

struct Drop
{
    StepTable steps;
    std::uint64_t seed;
    std::uint32_t threshold;
    float scale;
    std::int64_t batch;
    const float *input;
    float *output;

    BOTTEGA_HOST_DEVICE void operator()(std::int64_t i) const
    {
        const bool isGone = isDropped(dropoutKey(seed, steps.number()), threshold, static_cast<std::uint32_t>(i / batch),
                                      static_cast<std::uint32_t>(steps.firstPlace() + i % batch));
        output[i] = isGone ? 0.0f : input[i] * scale;
    }
};

} // namespace

// Launchers

void launch(const ops::Dropout &op, const LaunchContext &context)
{
    const Drop body{context.steps, op.seed, dropoutThreshold(op.rate), 1 / (1 - op.rate), op.input->samples(),
                    op.input->data(), op.output->data()};
    context.queue.launch(makeLaunch("dropout", body, op.output->count()));
}

} // namespace bottega::engine::cuda
