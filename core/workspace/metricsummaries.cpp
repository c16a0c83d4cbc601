// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/metricsummaries.h"

#include <algorithm>
#include <stdexcept>

namespace bottega {

namespace {

struct ByName
{
    bool operator()(const MetricSummaries::Item &a, const MetricSummaries::Item &b) const { return a.first < b.first; }
    bool operator()(const MetricSummaries::Item &a, std::string_view b) const { return a.first < b; }
};

} // namespace

MetricSummaries::MetricSummaries(std::vector<Item> items)
{
    if (items.empty())
        return;
    const auto isOutOfOrder = [](const Item &a, const Item &b) { return a.first >= b.first; };
    if (std::adjacent_find(items.begin(), items.end(), isOutOfOrder) != items.end()) {
        std::reverse(items.begin(), items.end());
        std::stable_sort(items.begin(), items.end(), ByName());
        const auto isEqual = [](const Item &a, const Item &b) { return a.first == b.first; };
        items.erase(std::unique(items.begin(), items.end(), isEqual), items.end());
    }
    m_data = new Data;
    m_data->items = std::move(items);
}

const std::vector<MetricSummaries::Item> &MetricSummaries::items() const
{
    static const std::vector<Item> none;
    return m_data ? m_data->items : none;
}

MetricSummaries::const_iterator MetricSummaries::find(std::string_view name) const
{
    const auto found = std::lower_bound(begin(), end(), name, ByName());
    return found != end() && found->first == name ? found : end();
}

const MetricSummary &MetricSummaries::at(std::string_view name) const
{
    const auto found = find(name);
    if (found == end())
        throw std::out_of_range("no such metric");
    return found->second;
}

MetricSummary &MetricSummaries::operator[](std::string_view name)
{
    if (!m_data)
        m_data = new Data;
    else if (m_data->ref.loadAcquire() != 1) // what another thread read in its copy, it has read
        m_data.detach();
    auto &items = m_data->items;
    const auto place = std::lower_bound(items.begin(), items.end(), name, ByName());
    if (place != items.end() && place->first == name)
        return place->second;
    return items.emplace(place, std::string(name), MetricSummary())->second;
}

} // namespace bottega
