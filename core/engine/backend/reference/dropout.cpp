// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/dropout.h"

#include "core/engine/backend/reference/operations.h"

namespace bottega::engine::reference {

void run(const ops::Dropout &op, const StepInputs &step)
{
    const std::uint32_t key = dropoutKey(op.seed, step.number);
    const std::uint32_t threshold = dropoutThreshold(op.rate);
    const float scale = dropoutScale(op.rate);
    for (std::int64_t n = 0; n < op.output->samples(); ++n) {
        for (std::int64_t i = 0; i < op.output->features(); ++i) {
            const bool isGone = isDropped(key, threshold, static_cast<std::uint32_t>(i),
                                          static_cast<std::uint32_t>(step.firstPlace + n));
            op.output->at(i, n) = isGone ? 0 : op.input->at(i, n) * scale;
        }
    }
}

} // namespace bottega::engine::reference
