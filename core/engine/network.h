// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/engine/backend/backend.h"
#include "core/engine/random.h"
#include "core/formats/npz/npz.h"

#include <cstdint>
#include <string>
#include <vector>

namespace bottega::engine {

/// One linear layer with what follows it, its weights and their velocities.
struct LinearLayer
{
    Tensor weights;        // [out, in]
    Tensor bias;           // [out]
    Tensor weightVelocity; // [out, in]
    Tensor biasVelocity;   // [out]
    Activation activation = Activation::None;

    [[nodiscard]] std::int64_t inputs() const { return weights.columns(); }
    [[nodiscard]] std::int64_t outputs() const { return weights.rows(); }
};

/// The tensors that one batch size needs on its way through a network. Made once, used for every step.
struct Workspace
{
    Tensor input;                  // [features, N]
    std::vector<Tensor> outputs;   // per layer [out, N]
    std::vector<Tensor> gradients; // per layer [out, N]; empty where only predictions are wanted
    Tensor losses;                 // [N]
    Tensor classes;                // [N]
    Tensor confidences;            // [N]
};

/// Linear layers with ReLU between them, ending in logits. Weights are named as Chainer names them: l1/W, l1/b, l2/W, ….
/// Throws std::invalid_argument for shapes that do not fit.
class Network
{
public:
    /// `extents` from pixels to classes: {784, 100, 100, 10}. All weights zero. `backend` must outlive the network.
    Network(Backend &backend, const std::vector<std::int64_t> &extents);

    /// W ~ N(0, 1/fan_in), drawn layer by layer in C order; b = 0.
    void initialize(Random &random);

    [[nodiscard]] std::int64_t features() const { return m_layers.front().inputs(); }
    [[nodiscard]] std::int64_t classes() const { return m_layers.back().outputs(); }
    [[nodiscard]] std::int64_t parameterCount() const;
    [[nodiscard]] std::vector<LinearLayer> &layers() { return m_layers; }
    [[nodiscard]] Backend &backend() const { return m_backend; }

    [[nodiscard]] Workspace makeWorkspace(std::int64_t batchSize, bool isTraining) const;

    /// One optimizer step on a batch of the workspace's size. Its losses, from before the step, are in the workspace.
    void step(const Batch &batch, const MomentumRule &rule, Workspace &workspace);

    /// Losses, classes and confidences of a batch, into the workspace.
    void predict(const Batch &batch, Workspace &workspace) const;

    /// Adds the weights under `prefix` + "l1/W", …, or the velocities.
    void saveWeights(NpzArrays &arrays, const std::string &prefix = {}) const;
    void saveVelocities(NpzArrays &arrays, const std::string &prefix) const;

    /// Sets what `saveWeights` wrote. A missing key, another shape or type, NaN and infinity are Corrupt and named.
    [[nodiscard]] Result<void> loadWeights(const NpzArrays &arrays, const std::string &prefix = {});
    [[nodiscard]] Result<void> loadVelocities(const NpzArrays &arrays, const std::string &prefix);

private:
    void forward(const Batch &batch, Workspace &workspace) const;

    Backend &m_backend;
    std::vector<LinearLayer> m_layers;
};

/// Extents of the network whose weights lie under l1/W, l2/W, …; layers that do not chain or have a wrong bias are Corrupt.
[[nodiscard]] Result<std::vector<std::int64_t>> networkExtents(const NpzArrays &arrays);

} // namespace bottega::engine
