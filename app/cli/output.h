// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/cli/console.h"
#include "core/base/error.h"
#include "core/base/json.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bottega::cli {

enum class Align {
    Left,
    Right,
};

struct Column
{
    std::string title;
    Align align = Align::Left;
};

/// Rows in aligned columns under their titles. Cells may be of foreign origin: they are shown printable.
class Table
{
public:
    explicit Table(std::vector<Column> columns) : m_columns(std::move(columns)) {}

    void add(std::vector<std::string> cells); // as many as there are columns
    void print(std::ostream &out) const;

private:
    std::vector<Column> m_columns;
    std::vector<std::vector<std::string>> m_rows;
};

/// "name   value" lines, the names padded to one width; rows with an empty value are left out.
void printFacts(std::ostream &out, const std::vector<std::pair<std::string, std::string>> &facts);

/// The one document of a command.
void printJson(std::ostream &out, const Json &json);

/// An error for people, part by part, or as {"error": {…}}.
void printError(std::ostream &err, const Error &error, bool asJson);

/// What a download made: {"items": [{"path"}…]} or a line for each.
void printWritten(const std::vector<std::filesystem::path> &paths, bool asJson, std::ostream &out);

/// Text of many lines from outside: line breaks and tabs stay, every other control character is made visible.
[[nodiscard]] std::string printableLines(std::string_view text);

[[nodiscard]] std::size_t displayWidth(std::string_view utf8); // in columns, one for each character
[[nodiscard]] std::string clipped(std::string_view utf8, std::size_t columns);

[[nodiscard]] std::string durationText(double seconds);        // "0:07", "12:40", "1:02:03"
[[nodiscard]] std::string bytesText(std::uint64_t bytes);      // "512 B", "23.4 MB"
[[nodiscard]] std::string countText(std::int64_t count);       // "10,000"
[[nodiscard]] std::string numberText(double value, int digits = 4); // significant digits; "NaN", "Infinity"
[[nodiscard]] std::string shareText(double value);             // accuracies and the like: "0.9712"
[[nodiscard]] std::string timeText(double secondsSinceEpoch);  // local: "2026-11-23 14:00:24"; "-" for 0
[[nodiscard]] std::string agoText(double seconds);             // "3 s ago", "12 min ago", "5 h ago", "3 days ago"
[[nodiscard]] std::string countOf(std::int64_t count, const std::string &one, const std::string &many); // "1 run"

} // namespace bottega::cli
