// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/valueblocks.h"

#include <cmath>

namespace bottega {

void ValueBlocks::add(const MetricPoint &point)
{
    const auto at = static_cast<std::uint8_t>(m_count++ % size);
    if (at == 0)
        m_blocks.push_back({point, point, point, point});
    Block &block = m_blocks.back();
    const bool isFinite = std::isfinite(point.value);
    if (isFinite && !block.hasFinite) {
        block.first = block.low = block.high = point;
        block.firstAt = block.lowAt = block.highAt = at;
    }
    if (isFinite || !block.hasFinite) {
        block.last = point;
        block.lastAt = at;
    }
    if (isFinite && point.value < block.low.value) {
        block.low = point;
        block.lowAt = at;
    }
    if (isFinite && point.value > block.high.value) {
        block.high = point;
        block.highAt = at;
    }
    block.hasFinite = block.hasFinite || isFinite;
    block.hasNotFinite = block.hasNotFinite || !isFinite;
}

std::size_t ValueBlocks::rewind(std::size_t count)
{
    if (count >= m_count)
        return m_count;
    m_blocks.resize(count / size);
    m_count = count / size * size;
    return m_count;
}

void ValueBlocks::clear()
{
    m_blocks.clear();
    m_count = 0;
}

const ValueBlocks::Block *ValueBlocks::wholeAt(std::size_t index) const
{
    return index % size == 0 && index + size <= m_count ? &m_blocks[index / size] : nullptr;
}

} // namespace bottega
