// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/engine/backend/backend.h"
#include "core/engine/networkspec.h"
#include "core/engine/random.h"
#include "core/formats/npz/npz.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace bottega::engine {

class Network;

/// The tensors and the plan of one kind of pass through a network at one batch size. Made once, used for every step.
/// Borrows network and samples.
struct Pass
{
    std::deque<Tensor> tensors;     // everything below points into these
    std::vector<const Tensor *> outputs; // per layer [features, N]; layers that work in place share one
    Tensor *losses = nullptr;        // [1, N]
    Tensor *probabilities = nullptr; // [classes, N]; predictions only
    std::unique_ptr<Plan> plan;
};

/// How a network is trained, beside the numbers of each step.
struct TrainingOptions
{
    UpdateRule rule;
    float labelSmoothing = 0;
    float clipNorm = 0;              // 0: gradients are not clipped
    Augmentation augmentation;
    std::uint64_t seed = 0;          // of dropout and augmentation
    Communicator *communicator = nullptr; // null: alone

    [[nodiscard]] bool keepsGradients() const { return clipNorm > 0 || communicator; }
};

/// A planned network on a backend: its parameters, and the programs that train it and predict with it.
class Network
{
public:
    /// All parameters zero but batch norm's gamma and running variance. `backend` must outlive the network.
    Network(Backend &backend, NetworkPlan plan, const TrainingOptions &options = {});

    /// W ~ N(0, 1/fan_in) as Chainer's LeCunNormal, drawn layer by layer in C order; the rest as made.
    void initialize(Random &random);

    [[nodiscard]] const NetworkPlan &plan() const { return m_plan; }
    [[nodiscard]] Backend &backend() const { return m_backend; }
    [[nodiscard]] std::vector<std::unique_ptr<Parameter>> &parameters() { return m_parameters; }

    /// Optimizer steps on batches of N samples. Losses of a step are from before it.
    [[nodiscard]] Pass makeTraining(const Samples &samples, std::int64_t batchSize);
    /// Probabilities and losses, with dropout off and batch norm's running values; by the moving averages of the weights
    /// where asked and kept.
    [[nodiscard]] Pass makePrediction(const Samples &samples, std::int64_t batchSize, bool usesAverages = false) const;

    /// Adds the values under `prefix` + "l1/W", …; the averages instead where asked and kept. `saveState` adds what the
    /// optimizer keeps: "momentum/l1/W" (or first moment), "second/…", "average/…".
    void saveWeights(NpzArrays &arrays, bool usesAverages = false) const;
    void saveState(NpzArrays &arrays) const;

    /// Sets what those wrote. A missing key, another shape or type, NaN and infinity are Corrupt and named.
    [[nodiscard]] Result<void> loadWeights(const NpzArrays &arrays);
    [[nodiscard]] Result<void> loadState(const NpzArrays &arrays);

    /// Averages batch norm's running values over the ranks of the options' communicator: each rank sees its own samples.
    void shareRunningValues();

    /// Name of the first layer, in order, whose output of a pass is not finite, else of the first whose parameters are not;
    /// empty: none.
    [[nodiscard]] std::string firstBrokenLayer(const Pass &pass) const;

private:
    void addParameter(const ParameterPlan &plan, bool isTrained);
    [[nodiscard]] static std::vector<std::pair<std::string, Tensor *>> stateOf(Parameter &parameter);

    Backend &m_backend;
    NetworkPlan m_plan;
    TrainingOptions m_options;
    std::vector<std::unique_ptr<Parameter>> m_parameters; // in the plan's order; running values too, with no state
};

} // namespace bottega::engine
