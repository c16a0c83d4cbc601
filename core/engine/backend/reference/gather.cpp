// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/reference/operations.h"

namespace bottega::engine::reference {

void run(const ops::Gather &op, const StepInputs &step)
{
    for (std::int64_t n = 0; n < op.input->samples(); ++n) {
        const std::int64_t index = step.indices[static_cast<std::size_t>(n)];
        const std::uint8_t *pixels = op.samples->pixels.get() + index * op.samples->features();
        for (std::int64_t i = 0; i < op.input->features(); ++i)
            op.input->at(i, n) = static_cast<float>(pixels[i]) / 255.0f;
    }
}

} // namespace bottega::engine::reference
