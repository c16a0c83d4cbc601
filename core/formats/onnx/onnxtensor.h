// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/formats/npz/npz.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bottega::onnx {

/// ONNX's number of an element type, and the other way; nothing where we have no such type.
[[nodiscard]] std::uint64_t numberOf(NpyType type);
[[nodiscard]] std::optional<NpyType> typeOf(std::uint64_t number);
[[nodiscard]] std::string typeName(std::uint64_t number); // as ONNX writes it: "FLOAT16"

struct NamedArray
{
    std::string name;
    NpyArray array;
};

[[nodiscard]] std::string encodeTensor(const std::string &name, const NpyArray &array);

/// One TensorProto with its values inside, raw or typed; at most `maximumBytes` of them.
[[nodiscard]] Result<NamedArray> decodeTensor(std::string_view message, std::uint64_t maximumBytes,
                                              const std::string &where);

} // namespace bottega::onnx
