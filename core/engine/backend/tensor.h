// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace bottega::engine {

/// Extents, outermost first: [out, in], [C, H, W, N].
using Shape = std::vector<std::int64_t>;

[[nodiscard]] std::int64_t elementCount(const Shape &shape); // throws std::invalid_argument for extents below 1, overflow
[[nodiscard]] std::string shapeText(const Shape &shape);     // "[100, 784]"

/// How the values of a tensor lie in memory.
enum class Layout {
    Rows,    // parameters: the first extent counts rows, each padded to whole vectors; one extent makes one row
    Samples, // activations [features…, N]: the batch is the innermost dimension, so that vectors are always full
};

/// float32 values in one allocation of a backend. Move only. The memory may lie on a device: only the backend that
/// allocated it may look inside.
///
/// Rows: value (r, c) lies at row(r)[c]; padding is zero unless an operation says otherwise.
/// Samples, as host backends lay them out: blocks of 32 samples, each [features, 32], so that one block of a small network
/// stays in a core's own cache on its way through all layers. Value (f, n) lies at block(n / 32)[f · 32 + n % 32]. Columns
/// beyond N of the last block hold finite numbers of no meaning; gradients are zero there.
class Tensor
{
public:
    using Memory = std::unique_ptr<float, std::function<void(float *)>>; // what gives it back knows its device
    static constexpr std::int64_t blockSize = 32;

    Tensor() : m_memory(nullptr, nullptr) {}
    Tensor(Shape shape, Layout layout, std::int64_t stride, Memory memory);

    [[nodiscard]] explicit operator bool() const { return m_memory != nullptr; }
    [[nodiscard]] const Shape &shape() const { return m_shape; }
    [[nodiscard]] Layout layout() const { return m_layout; }
    [[nodiscard]] std::int64_t count() const { return m_rows * m_columns; } // without padding
    [[nodiscard]] float *data() { return m_memory.get(); }
    [[nodiscard]] const float *data() const { return m_memory.get(); }

    // Rows
    [[nodiscard]] std::int64_t rows() const { return m_rows; }
    [[nodiscard]] std::int64_t columns() const { return m_columns; }
    [[nodiscard]] std::int64_t stride() const { return m_stride; } // from one row to the next
    [[nodiscard]] float *row(std::int64_t index) { return data() + index * m_stride; }
    [[nodiscard]] const float *row(std::int64_t index) const { return data() + index * m_stride; }

    // Samples
    [[nodiscard]] std::int64_t features() const { return m_rows; }
    [[nodiscard]] std::int64_t samples() const { return m_columns; }
    [[nodiscard]] std::int64_t blocks() const { return (m_columns + blockSize - 1) / blockSize; }
    [[nodiscard]] float *block(std::int64_t index) { return data() + index * m_rows * blockSize; }
    [[nodiscard]] const float *block(std::int64_t index) const { return data() + index * m_rows * blockSize; }
    [[nodiscard]] float &at(std::int64_t feature, std::int64_t sample)
    {
        return block(sample / blockSize)[feature * blockSize + sample % blockSize];
    }
    [[nodiscard]] float at(std::int64_t feature, std::int64_t sample) const
    {
        return block(sample / blockSize)[feature * blockSize + sample % blockSize];
    }

private:
    Shape m_shape;
    Layout m_layout = Layout::Rows;
    std::int64_t m_rows = 0;
    std::int64_t m_columns = 0;
    std::int64_t m_stride = 0;
    Memory m_memory;
};

/// A tensor in this process' memory, aligned to 64 bytes, all zero.
/// Throws std::bad_alloc, and std::invalid_argument for an extent below 1.
[[nodiscard]] Tensor hostTensor(Shape shape, Layout layout = Layout::Rows);

/// Pictures and their labels as a backend holds them, where its tensors are (not in the host's memory on a GPU): uint8,
/// converted batch by batch, never as a whole.
struct Samples
{
    std::shared_ptr<const std::uint8_t> pixels; // [count, channels, height, width]
    std::shared_ptr<const std::uint8_t> labels; // [count]
    std::int64_t count = 0;
    std::int64_t channels = 1;
    std::int64_t height = 1;
    std::int64_t width = 1;

    [[nodiscard]] std::int64_t features() const { return channels * height * width; }
};

} // namespace bottega::engine
