// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/hostdevice.h"
#include "core/engine/backend/updaterule.h"

#include <cstdint>

namespace bottega::engine::cuda {

/// What changes from step to step, for many steps at once, in device memory: so that one recorded step can be replayed
/// for each of them. The last kernel of a step moves `current` on. A plain view, handed to kernels by value.
struct StepTable
{
    std::int32_t *current = nullptr;       // the step that runs, counted from the first of the table
    const std::int64_t *numbers = nullptr; // [steps] optimizer steps
    const std::int64_t *firstPlaces = nullptr; // [steps] of the batch's first sample, where several ranks share it
    const std::int32_t *indices = nullptr; // [steps, batch] samples
    const UpdateScalars *scalars = nullptr; // [steps, rules]
    float *losses = nullptr;               // [steps] mean of each
    std::int32_t batch = 0;
    std::int32_t rules = 0;

    [[nodiscard]] BOTTEGA_HOST_DEVICE std::int64_t number() const { return numbers[*current]; }
    [[nodiscard]] BOTTEGA_HOST_DEVICE std::int64_t firstPlace() const { return firstPlaces[*current]; }
    [[nodiscard]] BOTTEGA_HOST_DEVICE std::int32_t sample(std::int64_t place) const
    {
        return indices[std::int64_t{*current} * batch + place];
    }
    [[nodiscard]] BOTTEGA_HOST_DEVICE const UpdateScalars &rule(std::int32_t index) const
    {
        return scalars[std::int64_t{*current} * rules + index];
    }
};

} // namespace bottega::engine::cuda
