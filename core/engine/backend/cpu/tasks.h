// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/backend.h"
#include "core/engine/backend/cpu/kernels.h"

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <vector>

namespace bottega::engine::cpu {

/// One operation made ready for the kernels. `run` is called for each block of samples, for ranges of rows that together
/// make up `extent`, or once, by whichever worker.
struct Task
{
    using Run = std::function<void(const StepInputs &step, std::int64_t begin, std::int64_t end)>;

    Split split;
    std::int64_t extent = 1; // blocks, or rows
    Run run;
};

/// Turns operations into tasks and owns what they need beside the program's own tensors: inputs of linear layers turned
/// sample by sample, inputs of padded convolutions with their padding, gradients spread out for strided ones.
class TaskMaker
{
public:
    explicit TaskMaker(const Kernels &kernels) : m_kernels(kernels) {}

    /// The program's tasks, in order. What weight gradients need prepared stands before the first of them.
    [[nodiscard]] std::vector<Task> make(const Program &program);

private:
    /// A batch of pictures as bytes, twice.
    struct Pixels
    {
        std::uint8_t *features = nullptr; // [blocks, features, block]
        std::uint8_t *rows = nullptr;     // [N padded to blocks, rowStride]
        std::int64_t rowStride = 0;
    };

    void findPixels(const Program &program);

    // One for each operation; they append to m_tasks. Weights prepare their inputs first.
    void prepare(const ops::LinearWeights &op);
    void prepare(const ops::ConvWeights &op);
    template <class Other>
    void prepare(const Other &)
    {
    }

    void add(const ops::Gather &op);
    void add(const ops::LinearForward &op);
    void add(const ops::LinearInputGradient &op);
    void add(const ops::LinearWeights &op);
    void add(const ops::ConvForward &op);
    void add(const ops::ConvInputGradient &op);
    void add(const ops::ConvWeights &op);
    void add(const ops::MaxPool &op);
    void add(const ops::MaxPoolGradient &op);
    void add(const ops::AveragePool &op);
    void add(const ops::AveragePoolGradient &op);
    void add(const ops::Activate &op);
    void add(const ops::ActivateGradient &op);
    void add(const ops::Dropout &op);
    void add(const ops::BatchNorm &op);
    void add(const ops::BatchNormGradient &op);
    void add(const ops::BatchNormFixed &op);
    void add(const ops::Add &op);
    void add(const ops::SoftmaxCrossEntropy &op);
    void add(const ops::SoftmaxPrediction &op);
    void add(const ops::AllReduce &op);
    void add(const ops::ClipNorm &op);
    void add(const ops::Update &op);

    [[nodiscard]] const Pixels *pixelsOf(const Tensor *input) const;
    std::uint8_t *addBytes(std::int64_t count);
    void addSamples(const Tensor &tensor, std::function<void(const StepInputs &, std::int64_t block)> run);
    void addRows(std::int64_t rows, Task::Run run);
    void addWhole(std::function<void()> run);

    const Kernels &m_kernels;
    std::vector<Task> m_tasks;
    std::list<Tensor> m_scratch;
    std::map<const Tensor *, Tensor *> m_transposed; // [N padded to blocks, features] of linear layers' inputs
    std::map<const Tensor *, Pixels> m_pixels;       // what gather gives where only linear layers read it
    std::map<const Tensor *, Tensor *> m_padded;     // [C, H + 2p, W + 2p, N] of convolutions' inputs
};

/// Where a parameter's gradients go in this step.
[[nodiscard]] WeightTarget targetOf(Parameter &parameter, const UpdateRule &rule, const StepInputs &step);

/// One finished gradient of a bias, or of batch norm's parameters.
void deliverValue(Parameter &parameter, std::int64_t index, float gradient, const UpdateScalars &scalars);

} // namespace bottega::engine::cpu
