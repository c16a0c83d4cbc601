// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/run/metricstream.h"

#include <QSharedData>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bottega {

/// A run's metrics in short, by name: a sorted list whose copies share it until one of them is changed, so that ten thousand
/// records go from thread to thread for nothing. One object is one thread's; copies of it are not.
class MetricSummaries
{
public:
    using Item = std::pair<std::string, MetricSummary>;
    using const_iterator = std::vector<Item>::const_iterator;

    MetricSummaries() = default;
    explicit MetricSummaries(std::vector<Item> items); // in any order; of equal names the last one counts

    [[nodiscard]] const_iterator begin() const { return items().begin(); }
    [[nodiscard]] const_iterator end() const { return items().end(); }
    [[nodiscard]] const_iterator find(std::string_view name) const;
    [[nodiscard]] bool contains(std::string_view name) const { return find(name) != end(); }
    [[nodiscard]] std::size_t size() const { return items().size(); }
    [[nodiscard]] bool empty() const { return items().empty(); }

    [[nodiscard]] const MetricSummary &at(std::string_view name) const; // which is there
    MetricSummary &operator[](std::string_view name);                   // made where it is not; valid until the next

private:
    struct Data : QSharedData
    {
        std::vector<Item> items;
    };
    [[nodiscard]] const std::vector<Item> &items() const;

    QExplicitlySharedDataPointer<Data> m_data; // null: none
};

} // namespace bottega
