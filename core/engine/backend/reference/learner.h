// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/backend.h"

namespace bottega::engine::reference {

/// What becomes of a parameter's gradient: stored where the parameter has a tensor for it, else applied at
/// once.
class Learner
{
public:
    Learner(Parameter &parameter, const UpdateRule &rule, const StepInputs &step);

    /// Of the value in this row and column.
    void take(std::int64_t row, std::int64_t column, double gradient);
    void apply(std::int64_t row, std::int64_t column, float gradient);

private:
    Parameter &m_parameter;
    UpdateScalars m_scalars;
};

} // namespace bottega::engine::reference
