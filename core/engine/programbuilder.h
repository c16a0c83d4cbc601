// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/network.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace bottega::engine {

/// Turns a planned network into programs of operations with the tensors that they need. Everything given is borrowed.
///
/// Layers that change nothing in memory share the tensor before them: flatten always, ReLU where the layer before it can
/// apply it itself, dropout in predictions. Gradients flow backwards through the layers; where a tensor is read by several
/// layers, theirs are added up in the order of the walk.
class ProgramBuilder
{
public:
    ProgramBuilder(Backend &backend, const NetworkPlan &plan, const std::vector<std::unique_ptr<Parameter>> &parameters,
                   const Samples &samples, std::int64_t batchSize);

    [[nodiscard]] Pass training(const TrainingOptions &options);
    [[nodiscard]] Pass prediction(bool usesAverages);

private:
    /// One tensor of activations, whoever shares it.
    struct Value
    {
        Tensor *tensor = nullptr;
        Tensor *gradient = nullptr; // made with the first gradient that reaches it
        int readers = 0;            // layers that read it
        bool isRelu = false;        // a ReLU was applied to it in place
        bool hasParameters = false; // something before it is trained
    };

    void forward(bool isTraining, const TrainingOptions &options, bool usesAverages);
    void forwardLayer(std::size_t index, bool isTraining, const TrainingOptions &options, bool usesAverages);
    void forwardBatchNorm(std::size_t index, bool isTraining, bool usesAverages);
    void backward(const TrainingOptions &options);
    void backwardLayer(std::size_t index, const TrainingOptions &options);
    void backwardBatchNorm(std::size_t index, const TrainingOptions &options);
    void addWeights(const TrainingOptions &options);

    [[nodiscard]] std::size_t inputOf(std::size_t layer) const; // index of a value
    [[nodiscard]] std::size_t otherOf(std::size_t layer) const; // add: the other input's value
    [[nodiscard]] bool takesRelu(std::size_t layer) const;
    [[nodiscard]] Activation fusedActivation(std::size_t layer) const;
    [[nodiscard]] Parameter &parameter(std::size_t layer, std::size_t index) const;
    [[nodiscard]] const Tensor *weights(std::size_t layer, std::size_t index, bool usesAverages) const;
    Tensor *make(Shape shape, Layout layout = Layout::Samples);
    Tensor *makeLike(const Shape &sampleShape);
    void addValue(std::size_t layer, Tensor *tensor);
    void shareValue(std::size_t layer);

    /// Calls `write(target, mask)` for the gradient of an input, and adds where another reader has written before.
    template <class Write>
    void passGradient(std::size_t value, bool canMask, const Write &write);

    Backend &m_backend;
    const NetworkPlan &m_plan;
    const std::vector<std::unique_ptr<Parameter>> &m_parameters;
    const Samples &m_samples;
    const std::int64_t m_batchSize;
    std::vector<std::size_t> m_firstParameter; // per layer
    std::vector<std::size_t> m_valueOf;        // per layer: the value it gives
    std::vector<Value> m_values;               // 0 is the network's input
    std::vector<std::pair<Tensor *, Tensor *>> m_statistics; // per layer: batch norm's mean and inverse deviation
    Program m_program;
    Pass m_pass;
};

} // namespace bottega::engine
