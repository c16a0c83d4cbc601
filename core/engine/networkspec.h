// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/engine/backend/ops.h"

#include <cstdint>
#include <string>
#include <vector>

namespace bottega::engine {

enum class LayerType {
    Linear,
    Conv2d,
    MaxPool,
    AveragePool,
    Relu,
    Gelu,
    Tanh,
    BatchNorm,
    Dropout,
    Flatten,
    Add,
};

/// One layer as the user describes it. What a type does not use stays at its default.
struct LayerSpec
{
    LayerType type = LayerType::Linear;
    std::string name;          // empty: given by planNetwork
    std::int64_t units = 0;    // outputs of a linear layer, channels of a convolution; 0 in the last linear: the classes
    std::int64_t kernel = 0;
    std::int64_t stride = 1;   // pooling: the kernel where not given
    std::int64_t padding = 0;
    double rate = 0.5;         // dropout
    std::string with;          // add: name of the earlier layer whose output is added
};

/// A network from picture to logits: layers one after the other. The last one gives the logits.
struct NetworkSpec
{
    std::vector<LayerSpec> layers;
};

[[nodiscard]] const char *layerTypeName(LayerType type); // "conv2d", as in the JSON

/// {"layers": [{"type": "conv2d", "channels": 20, "kernel": 5}, {"type": "relu"}, …]}. Usage errors name the layer by
/// number and type, the member and what is allowed. At most 256 layers.
[[nodiscard]] Result<NetworkSpec> parseNetwork(const std::string &json);
[[nodiscard]] Json networkToJson(const NetworkSpec &spec);

/// One parameter tensor of a layer, by the name it has in files.
struct ParameterPlan
{
    std::string name;  // "conv1/W"
    Shape shape;       // [out, C, K, K]
    bool decays = false;
};

struct LayerPlan
{
    LayerSpec spec;                        // name filled in
    Shape input;                           // per sample: [C, H, W] or [F]
    Shape output;
    std::int64_t with = -1;                // add: index of the other layer, −1: the network's input
    std::vector<ParameterPlan> parameters; // trained ones, then batch norm's running values
    std::int64_t parameterCount = 0;       // trained ones
    double multiplyAdds = 0;               // of one sample, forward

    [[nodiscard]] Window window() const; // convolution and pooling
};

/// A network whose shapes have been checked, for pictures of one size.
struct NetworkPlan
{
    Shape picture;                 // [C, H, W]
    std::int64_t classes = 0;      // logits
    std::vector<LayerPlan> layers;
    std::int64_t parameterCount = 0;
    double trainingFlops = 0;      // of one sample: forward, input gradients but the first layer's, weight gradients
    std::int64_t activationFloats = 0; // of one sample, outputs of all layers together

    [[nodiscard]] NetworkSpec spec() const;
};

/// Chains the layers, names them (linear: l1, l2, …; conv2d: conv1, …; batchnorm: bn1, …; others by their type) and checks
/// every shape before anything is allocated. Usage errors name the layer: "layer 3 (conv2d conv2): the kernel of 7 does not
/// fit its input of 4 × 4". At most 2^28 parameters and 2^24 values a sample.
[[nodiscard]] Result<NetworkPlan> planNetwork(const NetworkSpec &spec, const Shape &picture, std::int64_t classes);

/// Bytes that training takes beside the data set: parameters with the optimizer's state, activations and their gradients.
[[nodiscard]] double trainingBytes(const NetworkPlan &plan, const UpdateRule &rule, std::int64_t batchSize);

/// Ready ones: linear layers with ReLU between them, and the networks of the recipes.
[[nodiscard]] NetworkSpec mlpNetwork(const std::vector<std::int64_t> &hidden);
[[nodiscard]] NetworkSpec cnnNetwork();      // conv 5×5×20, pool, conv 5×5×50, pool, linear 500, linear
[[nodiscard]] NetworkSpec smallCnnNetwork(); // conv 3×3×8, pool, conv 3×3×16, pool, linear

} // namespace bottega::engine
