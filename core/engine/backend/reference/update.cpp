// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/reference/learner.h"
#include "core/engine/backend/reference/operations.h"
#include "core/engine/comm/communicator.h"

#include <cmath>
#include <vector>

namespace bottega::engine::reference {

namespace {

/// Calls visit(row, column) for each value of a parameter.
template <class Visit> void forEachValue(const Tensor &tensor, Visit visit)
{
    for (std::int64_t r = 0; r < tensor.rows(); ++r) {
        for (std::int64_t c = 0; c < tensor.columns(); ++c)
            visit(r, c);
    }
}

} // namespace

void run(const ops::AllReduce &op, const StepInputs &)
{
    std::vector<float> values; // without the rows' padding
    for (Parameter *parameter : op.parameters) {
        values.clear();
        forEachValue(parameter->gradient, [&](auto r, auto c) { values.push_back(parameter->gradient.row(r)[c]); });
        op.communicator->allReduceMean(values);
        auto value = values.begin();
        forEachValue(parameter->gradient, [&](auto r, auto c) { parameter->gradient.row(r)[c] = *value++; });
    }
}

void run(const ops::ClipNorm &op, const StepInputs &)
{
    double squares = 0;
    for (const Parameter *parameter : op.parameters) {
        forEachValue(parameter->gradient, [&](auto r, auto c) {
            const double gradient = parameter->gradient.row(r)[c];
            squares += gradient * gradient;
        });
    }
    const double norm = std::sqrt(squares);
    if (!(norm > double(op.limit)))
        return;
    for (Parameter *parameter : op.parameters) {
        forEachValue(parameter->gradient, [&](auto r, auto c) {
            float &gradient = parameter->gradient.row(r)[c];
            gradient = static_cast<float>(double(gradient) * double(op.limit) / norm);
        });
    }
}

void run(const ops::Update &op, const StepInputs &step)
{
    Learner learner(*op.parameter, op.rule, step);
    forEachValue(op.parameter->gradient,
                 [&](auto r, auto c) { learner.apply(r, c, op.parameter->gradient.row(r)[c]); });
}

} // namespace bottega::engine::reference
