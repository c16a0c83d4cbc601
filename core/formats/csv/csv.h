// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace bottega {

/// A cell: a text of any origin, or a number of ours.
using CsvCell = std::variant<std::string, double, std::int64_t>;

/// Rows as CSV (RFC 4180: commas, CRLF, quotes doubled), UTF-8. A text that a spreadsheet would take for a formula, one
/// that starts with = + - @ TAB or CR, gets an apostrophe before it; numbers are written bare, shortest that reads back
/// bit-equal, and are never touched: -0.5 stays -0.5. NaN and infinities are NaN, Infinity, -Infinity.
[[nodiscard]] std::string csvRow(const std::vector<CsvCell> &cells);

/// The texts of all cells, apostrophes of csvRow taken off again. Corrupt, with the line, where a quote is not closed or
/// stands in the middle of a cell.
[[nodiscard]] Result<std::vector<std::vector<std::string>>> readCsv(std::string_view text);

} // namespace bottega
