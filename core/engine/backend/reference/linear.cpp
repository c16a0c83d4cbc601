// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/reference/learner.h"
#include "core/engine/backend/reference/operations.h"

namespace bottega::engine::reference {

void run(const ops::LinearForward &op, const StepInputs &)
{
    for (std::int64_t n = 0; n < op.output->samples(); ++n) {
        for (std::int64_t o = 0; o < op.output->features(); ++o) {
            double sum = op.bias->row(0)[o];
            for (std::int64_t i = 0; i < op.input->features(); ++i)
                sum += double(op.weights->row(o)[i]) * double(op.input->at(i, n));
            op.output->at(o, n) = static_cast<float>(rectified(sum, op.activation));
        }
    }
}

void run(const ops::LinearInputGradient &op, const StepInputs &)
{
    for (std::int64_t n = 0; n < op.inputGradient->samples(); ++n) {
        for (std::int64_t i = 0; i < op.inputGradient->features(); ++i) {
            double sum = 0;
            for (std::int64_t o = 0; o < op.outputGradient->features(); ++o)
                sum += double(op.weights->row(o)[i]) * double(op.outputGradient->at(o, n));
            op.inputGradient->at(i, n) = masked(sum, op.mask, i, n);
        }
    }
}

void run(const ops::LinearWeights &op, const StepInputs &step)
{
    Learner weights(*op.weights, op.rule, step), bias(*op.bias, op.rule, step);
    for (std::int64_t o = 0; o < op.outputGradient->features(); ++o) {
        double biasSum = 0;
        for (std::int64_t n = 0; n < op.input->samples(); ++n)
            biasSum += op.outputGradient->at(o, n);
        bias.take(0, o, biasSum);
        for (std::int64_t i = 0; i < op.input->features(); ++i) {
            double sum = 0;
            for (std::int64_t n = 0; n < op.input->samples(); ++n)
                sum += double(op.outputGradient->at(o, n)) * double(op.input->at(i, n));
            weights.take(o, i, sum);
        }
    }
}

} // namespace bottega::engine::reference
