// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/formats/npz/npz.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace bottega {

/// A length, or the name of one that is free ("N"; empty: nothing is known of it).
using OnnxDimension = std::variant<std::uint64_t, std::string>;

/// What goes into or comes out of the graph.
struct OnnxValue
{
    std::string name;
    NpyType type = NpyType::Float32;
    std::vector<OnnxDimension> shape;
};

using OnnxAttribute =
    std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>, std::vector<float>>;

/// One operation of ONNX's own operator set. An empty name among the inputs or outputs leaves an optional one out.
struct OnnxNode
{
    std::string opType; // "Conv", "Gemm", …
    std::string name;   // for people; may be empty
    std::vector<std::string> inputs;
    std::vector<std::string> outputs;
    std::map<std::string, OnnxAttribute> attributes;
};

/// One network as an ONNX file holds it. Which operations make sense is for others to say; here each name is given once,
/// and before it is used.
struct OnnxModel
{
    std::int64_t irVersion = 9; // the one that came with opset 20
    std::int64_t opset = 20;
    std::string producerName;
    std::string producerVersion;
    std::string graphName; // never empty
    std::vector<OnnxValue> inputs;
    std::vector<OnnxValue> outputs;
    std::vector<OnnxNode> nodes; // each behind those whose outputs it takes
    NpzArrays initializers;      // the weights, by the names under which nodes take them
    std::map<std::string, std::string> metadata;
};

/// The bytes of the file; same model, same bytes. Usage where the model contradicts itself, Unsupported above 2 GiB.
[[nodiscard]] Result<std::string> encodeOnnx(const OnnxModel &model);

/// Saved atomically.
[[nodiscard]] Result<void> writeOnnx(const std::filesystem::path &path, const OnnxModel &model);

/// Reads what `OnnxModel` can hold. Unsupported, by name: weights in other files, which are never opened, whatever their
/// path; graphs inside attributes, functions, sparse weights; other operator sets, attributes and element types. Corrupt:
/// damaged messages, shapes that do not fit their values, names given twice or used before. At most 2 GiB and 200,000
/// parts (nodes, names, attributes, lengths …). `where` names the file in errors.
[[nodiscard]] Result<OnnxModel> decodeOnnx(std::string_view bytes, const std::string &where);
[[nodiscard]] Result<OnnxModel> readOnnx(const FilePlace &place);

/// In words, what makes the model contradict itself; empty where nothing does.
[[nodiscard]] std::string flawOf(const OnnxModel &model);

} // namespace bottega
