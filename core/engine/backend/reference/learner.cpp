// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/reference/learner.h"

namespace bottega::engine::reference {

Learner::Learner(Parameter &parameter, const UpdateRule &rule, const StepInputs &step)
    : m_parameter(parameter)
    , m_scalars(updateScalars(rule, step.number, step.learningRate, parameter.decays))
{
}

void Learner::take(std::int64_t row, std::int64_t column, double gradient)
{
    if (m_parameter.gradient)
        m_parameter.gradient.row(row)[column] = static_cast<float>(gradient);
    else
        apply(row, column, static_cast<float>(gradient));
}

void Learner::apply(std::int64_t row, std::int64_t column, float gradient)
{
    float none = 0;
    float &weight = m_parameter.value.row(row)[column];
    float &first = m_parameter.first ? m_parameter.first.row(row)[column] : none;
    float &second = m_parameter.second ? m_parameter.second.row(row)[column] : none;
    updateValue(m_scalars, gradient, weight, first, second);
    if (m_scalars.averageDecay > 0)
        updateAverage(m_scalars.averageDecay, weight, m_parameter.average.row(row)[column]);
}

} // namespace bottega::engine::reference
