// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/backend.h"

#include <cmath>
#include <string>
#include <vector>

namespace bottega::test {

inline engine::Tensor filled(engine::Backend &backend, const engine::Shape &shape,
                             const std::vector<float> &values, engine::Layout layout = engine::Layout::Rows)
{
    engine::Tensor tensor = backend.allocate(shape, layout);
    backend.upload(values, tensor);
    return tensor;
}

inline engine::Tensor activations(engine::Backend &backend, const engine::Shape &shape,
                                  const std::vector<float> &values)
{
    return filled(backend, shape, values, engine::Layout::Samples);
}

inline engine::Tensor activations(engine::Backend &backend, const engine::Shape &shape)
{
    return backend.allocate(shape, engine::Layout::Samples);
}

inline std::vector<float> valuesOf(engine::Backend &backend, const engine::Tensor &tensor)
{
    std::vector<float> values(static_cast<std::size_t>(tensor.count()));
    backend.download(tensor, values);
    return values;
}

inline void run(engine::Backend &backend, engine::Program program, const engine::StepInputs &step = {})
{
    backend.compile(std::move(program))->run(step);
}

/// Empty, or what is off first: "3: 0.5 instead of 0.25".
inline std::string difference(const std::vector<float> &actual, const std::vector<double> &expected,
                              double tolerance = 0)
{
    if (actual.size() != expected.size())
        return std::to_string(actual.size()) + " values instead of " + std::to_string(expected.size());
    for (std::size_t i = 0; i < actual.size(); ++i) {
        if (!(std::abs(double(actual[i]) - expected[i]) <= tolerance))
            return std::to_string(i) + ": " + std::to_string(actual[i]) + " instead of " +
                   std::to_string(expected[i]);
    }
    return {};
}

} // namespace bottega::test
