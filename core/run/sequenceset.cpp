// SPDX-License-Identifier: Apache-2.0
#include "core/run/sequenceset.h"

#include <iterator>

namespace bottega {

bool SequenceSet::insert(std::uint64_t sequence)
{
    if (!m_ranges.empty()) { // nearly always: the next number of a stream in order
        auto &[first, last] = *m_ranges.rbegin();
        if (sequence > last && sequence - last == 1) {
            last = sequence;
            return true;
        }
        if (sequence >= first && sequence <= last)
            return false;
    }
    return insertApart(sequence);
}

bool SequenceSet::insertApart(std::uint64_t sequence)
{
    const auto after = m_ranges.upper_bound(sequence);
    const auto before = after == m_ranges.begin() ? m_ranges.end() : std::prev(after);
    if (before != m_ranges.end() && sequence <= before->second)
        return false;
    const bool touchesBefore = before != m_ranges.end() && before->second + 1 == sequence;
    const bool touchesAfter = after != m_ranges.end() && sequence + 1 == after->first;
    const std::uint64_t last = touchesAfter ? after->second : sequence;
    if (touchesAfter)
        m_ranges.erase(after);
    if (touchesBefore)
        before->second = last;
    else
        m_ranges.emplace(sequence, last);
    return true;
}

std::uint64_t SequenceSet::missing() const
{
    std::uint64_t missing = 0;
    std::uint64_t next = 1;
    for (const auto &[first, last] : m_ranges) {
        missing += first - next;
        next = last + 1;
    }
    return missing;
}

} // namespace bottega
