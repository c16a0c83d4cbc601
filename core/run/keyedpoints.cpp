// SPDX-License-Identifier: Apache-2.0
#include "core/run/keyedpoints.h"

#include <algorithm>
#include <numeric>

namespace bottega {

void KeyedPoints::sort()
{
    if (m_inOrder)
        return;
    std::vector<std::size_t> order(m_points.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) { return m_keys[a] < m_keys[b]; });
    KeyedPoints sorted;
    for (const std::size_t i : order)
        sorted.add(m_keys[i], m_points[i]);
    *this = std::move(sorted);
}

std::pair<PointKey, PointKey> KeyedPoints::range() const
{
    if (m_inOrder)
        return {m_keys.front(), m_keys.back()};
    const auto [least, greatest] = std::minmax_element(m_keys.begin(), m_keys.end());
    return {*least, *greatest};
}

} // namespace bottega
