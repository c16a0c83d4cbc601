// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/engine/backend/backend.h"
#include "core/engine/networkspec.h"
#include "core/formats/npz/npz.h"

#include <string>

namespace bottega::engine {

/// Adds the tensor's values as float32 of its shape.
void saveTensor(Backend &backend, const Tensor &tensor, NpzArrays &arrays, const std::string &key);

/// Sets what `saveTensor` added. A missing key, another shape or type, NaN and infinity are Corrupt and named.
[[nodiscard]] Result<void> loadTensor(Backend &backend, Tensor &tensor, const NpzArrays &arrays, const std::string &key);

/// Adds the entry "network" (JSON in uint8: layers, picture, classes), unless the names of the weights tell all: plain
/// linear layers l1, l2, … with ReLU between them have none, as other programs write them.
void describeNetwork(const NetworkPlan &plan, NpzArrays &arrays);

/// The network whose weights these are: by their entry "network", or, without one, linear layers under l1/W, l2/W, … with
/// ReLU between them, for pictures of so many pixels. Layers that do not chain or have a wrong bias are Corrupt.
[[nodiscard]] Result<NetworkPlan> planOfWeights(const NpzArrays &arrays);

} // namespace bottega::engine
