// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/valueblocks.h"

#include <cmath>

namespace bottega {

void ValueBlocks::add(double value)
{
    const std::size_t at = m_count++ % size;
    if (at == 0) {
        m_blocks.emplace_back();
        m_low = HUGE_VAL;
        m_high = -HUGE_VAL;
    }
    Block &block = m_blocks.back();
    if (!std::isfinite(value)) {
        block.isFinite = false;
        return;
    }
    if (value < m_low) {
        m_low = value;
        block.low = static_cast<std::uint8_t>(at);
    }
    if (value > m_high) {
        m_high = value;
        block.high = static_cast<std::uint8_t>(at);
    }
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
