// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace bottega {

/// Where in each 256 values of a growing curve the lowest and the highest are, so that ten million need not be looked at
/// to draw a thousand columns. The values themselves are kept elsewhere.
class ValueBlocks
{
public:
    static constexpr std::size_t size = 256;
    struct Block
    {
        std::uint8_t low = 0;  // index in the block, the first of equals; of finite values
        std::uint8_t high = 0;
        bool isFinite = true;  // all values are
    };

    void add(double value); // the next one
    /// Forgets the values from `count` on, and some more before it: add them again from the index that is returned.
    [[nodiscard]] std::size_t rewind(std::size_t count);
    void clear();

    [[nodiscard]] std::size_t count() const { return m_count; }
    /// The block that begins with the value at `index` and is whole; nullptr where there is none.
    [[nodiscard]] const Block *wholeAt(std::size_t index) const;

private:
    std::vector<Block> m_blocks;
    std::size_t m_count = 0;
    double m_low = 0, m_high = 0; // of the last block
};

} // namespace bottega
