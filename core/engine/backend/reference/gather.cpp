// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/augment.h"
#include "core/engine/backend/reference/operations.h"

namespace bottega::engine::reference {

void run(const ops::Gather &op, const StepInputs &step)
{
    const Samples &samples = *op.samples;
    for (std::int64_t n = 0; n < op.input->samples(); ++n) {
        const std::int64_t index = step.indices[static_cast<std::size_t>(n)];
        const std::uint8_t *picture = samples.pixels.get() + index * samples.features(); // [C, H, W]
        if (op.augmentation.isActive()) {
            augment(op.augmentation, op.seed, step.number, step.firstPlace + n, picture, samples.channels, samples.height, samples.width,
                    1.0f / 255, &op.input->at(0, n), Tensor::blockSize);
            continue;
        }
        for (std::int64_t i = 0; i < op.input->features(); ++i)
            op.input->at(i, n) = static_cast<float>(picture[i]) / 255.0f;
    }
}

} // namespace bottega::engine::reference
