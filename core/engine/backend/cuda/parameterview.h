// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/cuda/steptable.h"
#include "core/engine/backend/ops.h"

namespace bottega::engine::cuda {

/// A parameter as kernels see it: dense values in device memory, and what becomes of a gradient.
struct ParameterView
{
    float *value = nullptr;
    float *first = nullptr;    // null where the rule needs none, like the others
    float *second = nullptr;
    float *average = nullptr;
    float *gradient = nullptr; // not null: gradients are stored, else applied at once
    StepTable steps;
    std::int32_t rule = 0;     // in the step table

    BOTTEGA_HOST_DEVICE void update(std::int64_t i, float slope) const
    {
        const UpdateScalars &scalars = steps.rule(rule);
        float weight = value[i], one = first ? first[i] : 0.0f, two = second ? second[i] : 0.0f;
        updateValue(scalars, slope, weight, one, two);
        value[i] = weight;
        if (first)
            first[i] = one;
        if (second)
            second[i] = two;
        if (average)
            updateAverage(scalars.averageDecay, weight, average[i]);
    }

    BOTTEGA_HOST_DEVICE void take(std::int64_t i, float slope) const
    {
        if (gradient)
            gradient[i] = slope;
        else
            update(i, slope);
    }
};

[[nodiscard]] inline ParameterView viewOf(Parameter &parameter, const StepTable &steps, std::int32_t rule)
{
    return {parameter.value.data(),   parameter.first.data(),    parameter.second.data(),
            parameter.average.data(), parameter.gradient.data(), steps,
            rule};
}

} // namespace bottega::engine::cuda
