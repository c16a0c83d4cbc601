// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

/// Field numbers and constants of ONNX's onnx.proto, as far as we write or refuse them.
namespace bottega::onnx {

namespace model {
inline constexpr std::uint32_t irVersion = 1;
inline constexpr std::uint32_t producerName = 2;
inline constexpr std::uint32_t producerVersion = 3;
inline constexpr std::uint32_t graph = 7;
inline constexpr std::uint32_t opsetImport = 8;
inline constexpr std::uint32_t metadata = 14;
inline constexpr std::uint32_t functions = 25;
} // namespace model

namespace opset {
inline constexpr std::uint32_t domain = 1;
inline constexpr std::uint32_t version = 2;
} // namespace opset

namespace pair { // a text by key: metadata, places of external data
inline constexpr std::uint32_t key = 1;
inline constexpr std::uint32_t value = 2;
} // namespace pair

namespace graph {
inline constexpr std::uint32_t node = 1;
inline constexpr std::uint32_t name = 2;
inline constexpr std::uint32_t initializer = 5;
inline constexpr std::uint32_t input = 11;
inline constexpr std::uint32_t output = 12;
inline constexpr std::uint32_t sparseInitializer = 15;
} // namespace graph

namespace node {
inline constexpr std::uint32_t input = 1;
inline constexpr std::uint32_t output = 2;
inline constexpr std::uint32_t name = 3;
inline constexpr std::uint32_t opType = 4;
inline constexpr std::uint32_t attribute = 5;
inline constexpr std::uint32_t domain = 7;
} // namespace node

namespace attribute {
inline constexpr std::uint32_t name = 1;
inline constexpr std::uint32_t real = 2;
inline constexpr std::uint32_t integer = 3;
inline constexpr std::uint32_t text = 4;
inline constexpr std::uint32_t reals = 7;
inline constexpr std::uint32_t integers = 8;
inline constexpr std::uint32_t type = 20;
inline constexpr std::uint64_t realType = 1;
inline constexpr std::uint64_t integerType = 2;
inline constexpr std::uint64_t textType = 3;
inline constexpr std::uint64_t realsType = 6;
inline constexpr std::uint64_t integersType = 7;
} // namespace attribute

namespace value {
inline constexpr std::uint32_t name = 1;
inline constexpr std::uint32_t type = 2;
inline constexpr std::uint32_t tensorType = 1;  // inside type
inline constexpr std::uint32_t elementType = 1; // inside tensorType
inline constexpr std::uint32_t shape = 2;       // inside tensorType
inline constexpr std::uint32_t dimension = 1;   // inside shape
inline constexpr std::uint32_t length = 1;      // inside dimension
inline constexpr std::uint32_t symbol = 2;      // inside dimension
} // namespace value

namespace tensor {
inline constexpr std::uint32_t dimension = 1;
inline constexpr std::uint32_t type = 2;
inline constexpr std::uint32_t segment = 3;
inline constexpr std::uint32_t name = 8;
inline constexpr std::uint32_t rawData = 9;
inline constexpr std::uint32_t externalData = 13;
inline constexpr std::uint32_t dataLocation = 14;
} // namespace tensor

} // namespace bottega::onnx
