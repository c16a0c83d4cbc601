// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace bottega::engine {

/// Extents, outermost first: [out, in], [features, N], [N, C, H, W].
using Shape = std::vector<std::int64_t>;

[[nodiscard]] std::int64_t elementCount(const Shape &shape);
[[nodiscard]] std::string shapeText(const Shape &shape); // "[100, 784]"

/// float32 values in one allocation of a backend, seen as rows of the last extent. Rows start `stride` values apart:
/// whole vectors, so that kernels need no tails; the padding is zero unless an operation says otherwise.
/// Move only. The memory may lie on a device: only the backend that allocated it may look inside.
class Tensor
{
public:
    using Memory = std::unique_ptr<float, void (*)(float *)>;

    Tensor() : m_memory(nullptr, nullptr) {}
    Tensor(Shape shape, std::int64_t stride, Memory memory);

    [[nodiscard]] const Shape &shape() const { return m_shape; }
    [[nodiscard]] std::int64_t rows() const { return m_rows; }       // product of all extents but the last
    [[nodiscard]] std::int64_t columns() const { return m_columns; } // the last extent
    [[nodiscard]] std::int64_t stride() const { return m_stride; }
    [[nodiscard]] float *row(std::int64_t index) { return m_memory.get() + index * m_stride; }
    [[nodiscard]] const float *row(std::int64_t index) const { return m_memory.get() + index * m_stride; }

private:
    Shape m_shape;
    std::int64_t m_rows = 0;
    std::int64_t m_columns = 0;
    std::int64_t m_stride = 0;
    Memory m_memory;
};

/// A tensor in this process' memory, aligned to 64 bytes, rows padded to whole cache lines, all zero.
/// Throws std::bad_alloc, and std::invalid_argument for an extent below 1.
[[nodiscard]] Tensor hostTensor(Shape shape);

/// Pictures and their labels as a backend holds them: uint8, converted batch by batch, never as a whole.
struct Samples
{
    std::shared_ptr<const std::uint8_t> pixels; // [count, features]
    std::shared_ptr<const std::uint8_t> labels; // [count]
    std::int64_t count = 0;
    std::int64_t features = 0;
};

/// Some samples of a set, by index: the rows of one batch, in its order.
struct Batch
{
    const Samples &samples;
    std::span<const std::int32_t> indices; // [N]
};

} // namespace bottega::engine
