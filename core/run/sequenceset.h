// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <utility>

namespace bottega {

/// The sequence numbers seen so far, as ranges: a stream without gaps takes one entry however long it grows.
class SequenceSet
{
public:
    /// False where the number was there already.
    bool insert(std::uint64_t sequence);
    /// How many numbers below the highest, from 1 on, have not been seen.
    [[nodiscard]] std::uint64_t missing() const;
    [[nodiscard]] const std::map<std::uint64_t, std::uint64_t> &ranges() const { return m_ranges; } // first → last
    /// Ranges as `ranges` gave them.
    void restore(std::map<std::uint64_t, std::uint64_t> ranges) { m_ranges = std::move(ranges); }

private:
    bool insertApart(std::uint64_t sequence);

    std::map<std::uint64_t, std::uint64_t> m_ranges; // first → last, both within; neither touching nor overlapping
};

} // namespace bottega
