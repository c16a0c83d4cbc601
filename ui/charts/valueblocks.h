// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/metricstream.h"

#include <cstddef>
#include <cstdint>
#include <deque>

namespace bottega {

/// What matters of each 256 points of a growing curve, so that a hundred million need not be looked at, nor be in memory,
/// to draw a thousand columns. The points themselves are kept elsewhere.
class ValueBlocks
{
public:
    static constexpr std::size_t size = 256;
    struct Block
    {
        MetricPoint first, low, high, last; // of the finite values, the first of equals; without any, `first` and `last`
                                            // are those of the block
        std::uint8_t firstAt = 0, lowAt = 0, highAt = 0, lastAt = 0; // where they are in the block
        bool hasFinite = false;
        bool hasNotFinite = false;
    };

    void add(const MetricPoint &point); // the next one
    /// Forgets the points from `count` on, and some more before it: add them again from the index that is returned.
    [[nodiscard]] std::size_t rewind(std::size_t count);
    void clear();

    [[nodiscard]] std::size_t count() const { return m_count; }
    [[nodiscard]] const std::deque<Block> &all() const { return m_blocks; } // the last one of fewer points
    /// The block that begins with the point at `index` and is whole; nullptr where there is none.
    [[nodiscard]] const Block *wholeAt(std::size_t index) const;

private:
    std::deque<Block> m_blocks;
    std::size_t m_count = 0;
};

} // namespace bottega
