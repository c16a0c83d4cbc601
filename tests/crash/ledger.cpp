// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/ledger.h"

#include <algorithm>
#include <set>

namespace bottega::crash {

namespace {

std::string_view takeWord(std::string_view &rest)
{
    const std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    return word;
}

} // namespace

void Ledger::note(std::string_view line)
{
    const std::string_view verb = takeWord(line);
    const std::string key(takeWord(line));
    if (verb == "try" && key != "allocations") {
        Entry &entry = m_entries[key];
        entry.values.emplace_back(line);
        entry.order.push_back(m_attempts++);
    } else if (verb == "ack") {
        Entry &entry = m_entries[key];
        entry.settled = entry.values.size();
        ++m_acknowledged;
    } else if (verb == "no") {
        m_refusals.emplace_back(line);
    }
}

void Ledger::forgetAcknowledged(const std::string &key)
{
    const auto found = m_entries.find(key);
    if (found != m_entries.end())
        found->second.settled = 0;
}

std::vector<std::string> Ledger::keys() const
{
    std::vector<std::string> all;
    for (const auto &[key, entry] : m_entries)
        all.push_back(key);
    return all;
}

std::string Ledger::lastValue(const std::string &key) const
{
    const auto found = m_entries.find(key);
    return found == m_entries.end() || found->second.values.empty() ? std::string() : found->second.values.back();
}

std::vector<std::string> Ledger::compare(const Found &found) const
{
    std::vector<std::string> wrong = found.problems;
    std::set<std::string> seen;
    std::size_t last = 0;
    for (const auto &[key, value] : found.items) {
        const auto entry = m_entries.find(key);
        if (!seen.insert(key).second)
            wrong.push_back(key + " is stored twice");
        if (entry == m_entries.end()) {
            wrong.push_back(key + " is stored and was never attempted");
            continue;
        }
        const auto &values = entry->second.values;
        const auto allowed = values.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(entry->second.settled, 1) - 1);
        const auto match = std::find(allowed, values.end(), value);
        if (match == values.end()) {
            wrong.push_back(key + " holds “" + value + "”, which is not what was acknowledged");
            continue;
        }
        const std::size_t order = entry->second.order[static_cast<std::size_t>(match - values.begin())];
        if (order < last)
            wrong.push_back(key + " is stored behind what was attempted later");
        last = order;
    }
    for (const auto &[key, entry] : m_entries) {
        if (entry.settled > 0 && !seen.contains(key))
            wrong.push_back(key + " was acknowledged and is not stored");
    }
    if (found.shown >= 0 && found.shown != static_cast<long long>(found.items.size()))
        wrong.push_back(std::to_string(found.shown) + " are shown, " + std::to_string(found.items.size()) + " are stored");
    return wrong;
}

} // namespace bottega::crash
