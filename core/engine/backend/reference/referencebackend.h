// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/backend.h"

namespace bottega::engine {

/// Plain loops with sums in double: the oracle that every other backend is held against. Never tuned.
class ReferenceBackend final : public HostBackend
{
public:
    [[nodiscard]] std::string name() const override { return "reference"; }
    [[nodiscard]] std::string description() const override { return "plain loops, for checking the others"; }

    void gather(const Batch &batch, float scale, Tensor &input) override;
    void linearForward(const LinearForward &op) override;
    void linearInputGradient(const LinearInputGradient &op) override;
    void linearWeightGradient(const LinearWeightGradient &op) override;
    void linearMomentumStep(const LinearMomentumStep &op) override;
    void momentumStep(const Tensor &gradient, const MomentumRule &rule, Tensor &weights, Tensor &velocity) override;
    void softmaxCrossEntropy(const SoftmaxCrossEntropy &op) override;
    void softmaxPrediction(const SoftmaxPrediction &op) override;
};

} // namespace bottega::engine
