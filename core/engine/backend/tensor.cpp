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

Tensor::Tensor(Shape shape, std::int64_t stride, Memory memory)
    : m_shape(std::move(shape))
    , m_rows(elementCount(m_shape) / m_shape.back())
    , m_columns(m_shape.back())
    , m_stride(stride)
    , m_memory(std::move(memory))
{
}

Tensor hostTensor(Shape shape)
{
    const std::int64_t rows = elementCount(shape) / shape.back();
    const std::int64_t stride = (shape.back() + floatsPerLine - 1) / floatsPerLine * floatsPerLine;
    const std::size_t bytes = static_cast<std::size_t>(rows * stride) * sizeof(float);
    auto *memory = static_cast<float *>(std::aligned_alloc(cacheLine, bytes));
    if (!memory)
        throw std::bad_alloc();
    std::memset(memory, 0, bytes);
    return {std::move(shape), stride, Tensor::Memory(memory, release)};
}

} // namespace bottega::engine
