// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/tensor.h"

#include <cstdlib>
#include <cstring>
#include <new>
#include <stdexcept>

namespace bottega::engine {

namespace {

constexpr std::int64_t cacheLine = 64;
constexpr std::int64_t floatsPerLine = cacheLine / static_cast<std::int64_t>(sizeof(float));

void release(float *memory)
{
    std::free(memory);
}

std::int64_t rowsOf(const Shape &shape, Layout layout)
{
    if (layout == Layout::Samples)
        return elementCount(shape) / shape.back();
    return shape.size() < 2 ? 1 : shape.front();
}

} // namespace

std::int64_t elementCount(const Shape &shape)
{
    std::int64_t count = 1;
    for (const std::int64_t extent : shape) {
        if (extent < 1 || __builtin_mul_overflow(count, extent, &count))
            throw std::invalid_argument("no tensor can have the shape " + shapeText(shape));
    }
    return count;
}

std::string shapeText(const Shape &shape)
{
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size(); ++i)
        text += (i ? ", " : "") + std::to_string(shape[i]);
    return text + "]";
}

Tensor::Tensor(Shape shape, Layout layout, std::int64_t stride, Memory memory)
    : m_shape(std::move(shape))
    , m_layout(layout)
    , m_rows(rowsOf(m_shape, layout))
    , m_columns(elementCount(m_shape) / m_rows)
    , m_stride(stride)
    , m_memory(std::move(memory))
{
}

Tensor hostTensor(Shape shape, Layout layout)
{
    const std::int64_t rows = rowsOf(shape, layout);
    const std::int64_t columns = elementCount(shape) / rows;
    const std::int64_t unit = layout == Layout::Rows ? floatsPerLine : Tensor::blockSize;
    const std::int64_t stride = (columns + unit - 1) / unit * unit;
    std::int64_t total = 0;
    if (__builtin_mul_overflow(rows, stride * static_cast<std::int64_t>(sizeof(float)), &total))
        throw std::bad_alloc();
    const auto bytes = static_cast<std::size_t>(total);
    auto *memory = static_cast<float *>(std::aligned_alloc(cacheLine, bytes));
    if (!memory)
        throw std::bad_alloc();
    std::memset(memory, 0, bytes);
    return {std::move(shape), layout, layout == Layout::Rows ? stride : Tensor::blockSize,
            Tensor::Memory(memory, release)};
}

} // namespace bottega::engine
