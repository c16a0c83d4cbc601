// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace bottega::crash {

/// What was found in a folder after a restart, as its own readers see it.
struct Found
{
    std::vector<std::pair<std::string, std::string>> items; // key and value, in stored order
    long long shown = -1;                                  // as told to a user
    std::vector<std::string> problems;
};

/// Every attempt and every acknowledgement of all processes, in order, kept outside the disk under test.
class Ledger
{
public:
    /// One line of a notebook: "try KEY VALUE", "ack KEY", "no KEY MISSING TEXT"; others are passed over.
    void note(std::string_view line);
    /// Takes back the acknowledgements that loss of power may undo.
    void forgetAcknowledged(const std::string &key);

    /// acknowledged ⊆ stored ⊆ attempted, each key once, values equal, in the order attempted, and as many as shown. A key
    /// attempted several times holds its last acknowledged value or a later one. What is wrong, or nothing.
    [[nodiscard]] std::vector<std::string> compare(const Found &found) const;

    [[nodiscard]] std::size_t attempts() const { return m_attempts; }
    [[nodiscard]] std::size_t acknowledged() const { return m_acknowledged; }
    [[nodiscard]] const std::vector<std::string> &refusals() const { return m_refusals; } // "MISSING TEXT"
    [[nodiscard]] std::vector<std::string> keys() const;
    [[nodiscard]] std::string lastValue(const std::string &key) const;

private:
    struct Entry
    {
        std::vector<std::string> values; // as attempted
        std::vector<std::size_t> order;  // among all attempts
        std::size_t settled = 0;         // values before this one minus one are gone: index + 1 of the last acknowledged
    };

    std::map<std::string, Entry, std::less<>> m_entries;
    std::size_t m_attempts = 0;
    std::size_t m_acknowledged = 0;
    std::vector<std::string> m_refusals;
};

} // namespace bottega::crash
