// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/backend.h"
#include "core/engine/backend/cpu/instructionset.h"

namespace bottega::engine {

/// Vectorised kernels of one instruction set. Results are the same bits on every processor that has the set, whatever
/// the batch a sample is in. Numbers below 1.2e-38 count as zero.
class CpuBackend final : public HostBackend
{
public:
    explicit CpuBackend(const cpu::InstructionSet &set = cpu::instructionSets().front());

    [[nodiscard]] std::string name() const override;
    [[nodiscard]] std::string description() const override;

    void gather(const Batch &batch, float scale, Tensor &input) override;
    void linearForward(const LinearForward &op) override;
    void linearInputGradient(const LinearInputGradient &op) override;
    void linearWeightGradient(const LinearWeightGradient &op) override;
    void linearMomentumStep(const LinearMomentumStep &op) override;
    void momentumStep(const Tensor &gradient, const MomentumRule &rule, Tensor &weights, Tensor &velocity) override;
    void softmaxCrossEntropy(const SoftmaxCrossEntropy &op) override;
    void softmaxPrediction(const SoftmaxPrediction &op) override;

private:
    [[nodiscard]] cpu::Product weightProduct(const Tensor &input, const Tensor &outputGradient, Tensor &result);
    void softmax(const Tensor &logits, const Batch &batch, Tensor &losses, Tensor *gradient);

    cpu::InstructionSet m_set;
    const cpu::Kernels &m_kernels;
    Tensor m_transposed; // [N, features] of the layer whose weights are being changed
    Tensor m_softmax;    // [3, N] maxima, sums, winners
};

} // namespace bottega::engine
