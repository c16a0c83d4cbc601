// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/formats/npz/npz.h"
#include "core/formats/onnx/onnx.h"

#include <filesystem>
#include <string>

namespace bottega::engine {

/// The network of these weights as an ONNX graph: input "pictures" [N, C, H, W] (or [N, F]) of pixels / 255, output "logits"
/// [N, classes]. Layers keep their names, weights theirs. Dropout is there and does nothing, as ONNX has it in predictions.
[[nodiscard]] Result<OnnxModel> onnxOfWeights(const NpzArrays &weights);

/// Weights and description of the network of a graph that `onnxOfWeights` could have made. Other operations, attributes and
/// forms of graph are Unsupported and named with their node.
[[nodiscard]] Result<NpzArrays> weightsOfOnnx(const OnnxModel &model);

/// Whether the name's ending is one that readWeights takes.
[[nodiscard]] bool isWeightsFile(const std::string &path);

/// Reads weights by the file's ending: .npz, .safetensors or .onnx. Others are Usage.
[[nodiscard]] Result<NpzArrays> readWeights(const std::filesystem::path &path);

/// Writes weights by the file's ending, atomically. In .safetensors the network's description is metadata. Weights that
/// describe no network are refused for .onnx only.
[[nodiscard]] Result<void> writeWeights(const std::filesystem::path &path, const NpzArrays &weights);

} // namespace bottega::engine
