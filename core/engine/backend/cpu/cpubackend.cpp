// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cpu/cpubackend.h"

#include <algorithm>
#include <cmath>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace bottega::engine {

namespace {

/// Velocities of idle weights fade into denormals, which some processors handle a hundred times slower.
class FlushDenormals
{
public:
#if defined(__SSE2__)
    FlushDenormals() : m_mode(_mm_getcsr()) { _mm_setcsr(m_mode | _MM_FLUSH_ZERO_ON | _MM_DENORMALS_ZERO_ON); }
    ~FlushDenormals() { _mm_setcsr(m_mode); }

private:
    unsigned m_mode;
#else
    FlushDenormals() {}
#endif
    FlushDenormals(const FlushDenormals &) = delete;
    FlushDenormals &operator=(const FlushDenormals &) = delete;
};

std::int64_t padded(std::int64_t count)
{
    return (count + 15) / 16 * 16;
}

/// Scratch that only ever grows.
void ensure(Tensor &tensor, std::int64_t rows, std::int64_t columns)
{
    if (tensor.rows() * tensor.stride() < rows * padded(columns))
        tensor = hostTensor({rows, columns});
}

void clearPadding(Tensor &tensor)
{
    for (std::int64_t r = 0; r < tensor.rows(); ++r)
        std::fill(tensor.row(r) + tensor.columns(), tensor.row(r) + tensor.stride(), 0.0f);
}

} // namespace

CpuBackend::CpuBackend(const cpu::InstructionSet &set) : m_set(set), m_kernels(*set.kernels) {}

std::string CpuBackend::name() const
{
    return "cpu:" + std::string(m_set.name);
}

std::string CpuBackend::description() const
{
    return "CPU, " + std::string(m_set.title) + ", 1 thread";
}

void CpuBackend::gather(const Batch &batch, float scale, Tensor &input)
{
    check(batch, input);
    m_kernels.gather({batch.samples.pixels.get(), batch.samples.features, batch.indices.data(), input.columns(), scale,
                      input.row(0), input.stride()});
}

void CpuBackend::linearForward(const LinearForward &op)
{
    check(op);
    const FlushDenormals guard;
    m_kernels.forward({op.weights.row(0), op.weights.stride(), 1, op.input.row(0), op.input.stride(), op.output.row(0),
                       op.output.stride(), op.output.rows(), op.input.rows(), op.output.stride()},
                      op.bias.row(0), op.activation == Activation::Relu);
}

void CpuBackend::linearInputGradient(const LinearInputGradient &op)
{
    check(op);
    const FlushDenormals guard;
    m_kernels.inputGradient({op.weights.row(0), 1, op.weights.stride(), op.outputGradient.row(0),
                             op.outputGradient.stride(), op.inputGradient.row(0), op.inputGradient.stride(),
                             op.inputGradient.rows(), op.outputGradient.rows(), op.inputGradient.stride()},
                            op.reluOutput ? op.reluOutput->row(0) : nullptr);
}

/// With the input turned to [N, in] the weights' own rows are the vectors, so that the optimizer can run on the tile.
cpu::Product CpuBackend::weightProduct(const Tensor &input, const Tensor &outputGradient, Tensor &result)
{
    const std::int64_t stride = padded(input.rows());
    ensure(m_transposed, padded(input.columns()), stride);
    m_kernels.transpose(input.row(0), input.stride(), input.rows(), input.columns(), m_transposed.row(0), stride);
    return {outputGradient.row(0), outputGradient.stride(), 1, m_transposed.row(0), stride, result.row(0),
            result.stride(), outputGradient.rows(), input.columns(), result.stride()};
}

void CpuBackend::linearWeightGradient(const LinearWeightGradient &op)
{
    check(op);
    const FlushDenormals guard;
    m_kernels.weightGradient(weightProduct(op.input, op.outputGradient, op.weightGradient));
    for (std::int64_t o = 0; o < op.outputGradient.rows(); ++o)
        op.biasGradient.row(0)[o] = m_kernels.sum(op.outputGradient.row(o), op.outputGradient.stride());
}

void CpuBackend::linearMomentumStep(const LinearMomentumStep &op)
{
    check(op);
    const FlushDenormals guard;
    m_kernels.weightStep(weightProduct(op.input, op.outputGradient, op.weights), op.weightVelocity.row(0),
                         op.rule.learningRate, op.rule.momentum);
    for (std::int64_t o = 0; o < op.outputGradient.rows(); ++o) {
        const float gradient = m_kernels.sum(op.outputGradient.row(o), op.outputGradient.stride());
        float &velocity = op.biasVelocity.row(0)[o];
        velocity = op.rule.momentum * velocity - op.rule.learningRate * gradient;
        op.bias.row(0)[o] += velocity;
    }
}

void CpuBackend::momentumStep(const Tensor &gradient, const MomentumRule &rule, Tensor &weights, Tensor &velocity)
{
    checkSameShape("momentumStep", gradient, weights);
    checkSameShape("momentumStep", velocity, weights);
    const FlushDenormals guard;
    m_kernels.momentumStep(gradient.row(0), weights.row(0), velocity.row(0), weights.rows() * weights.stride(),
                           rule.learningRate, rule.momentum);
}

void CpuBackend::softmax(const Tensor &logits, const Batch &batch, Tensor &losses, Tensor *gradient)
{
    ensure(m_softmax, 3, logits.columns());
    float *maxima = m_softmax.row(0);
    float *sums = maxima + logits.stride();
    m_kernels.softmax({logits.row(0), logits.stride(), logits.rows(), logits.stride(), maxima, sums,
                       sums + logits.stride(), gradient ? gradient->row(0) : nullptr,
                       gradient ? gradient->stride() : 0, 1.0f / static_cast<float>(logits.columns())});
    for (std::int64_t n = 0; n < logits.columns(); ++n) {
        const int label = batch.samples.labels.get()[batch.indices[static_cast<std::size_t>(n)]];
        losses.row(0)[n] = std::log(sums[n]) + (maxima[n] - logits.row(label)[n]);
    }
}

void CpuBackend::softmaxCrossEntropy(const SoftmaxCrossEntropy &op)
{
    check(op);
    const FlushDenormals guard;
    softmax(op.logits, op.batch, op.losses, &op.gradient);
    const float mean = 1.0f / static_cast<float>(op.logits.columns());
    for (std::int64_t n = 0; n < op.logits.columns(); ++n) {
        const int label = op.batch.samples.labels.get()[op.batch.indices[static_cast<std::size_t>(n)]];
        op.gradient.row(label)[n] -= mean;
    }
    clearPadding(op.gradient);
}

void CpuBackend::softmaxPrediction(const SoftmaxPrediction &op)
{
    check(op);
    const FlushDenormals guard;
    softmax(op.logits, op.batch, op.losses, nullptr);
    const float *sums = m_softmax.row(0) + op.logits.stride();
    const float *winners = sums + op.logits.stride();
    for (std::int64_t n = 0; n < op.logits.columns(); ++n) {
        op.classes.row(0)[n] = winners[n];
        op.confidences.row(0)[n] = 1.0f / sums[n]; // e^(maximum − maximum) over the sum
    }
}

} // namespace bottega::engine
