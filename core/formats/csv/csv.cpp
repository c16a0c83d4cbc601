// SPDX-License-Identifier: Apache-2.0
#include "core/formats/csv/csv.h"

#include <charconv>
#include <cmath>

namespace bottega {

namespace {

constexpr std::string_view formulaStarts = "=+-@\t\r";

/// An apostrophe too, so that taking one off again is always right.
bool needsApostrophe(std::string_view text)
{
    return !text.empty() && (formulaStarts.find(text.front()) != std::string_view::npos || text.front() == '\'');
}

std::string textCell(const std::string &text)
{
    const std::string safe = needsApostrophe(text) ? "'" + text : text;
    if (safe.find_first_of(",\"\r\n\t ") == std::string::npos && !safe.empty())
        return safe;
    std::string quoted = "\"";
    for (const char c : safe) {
        quoted += c;
        if (c == '"')
            quoted += c;
    }
    return quoted + '"';
}

std::string numberCell(double value)
{
    if (std::isnan(value))
        return "NaN";
    if (std::isinf(value))
        return value > 0 ? "Infinity" : "-Infinity";
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    return {digits, end};
}

struct Cell
{
    std::string operator()(const std::string &text) const { return textCell(text); }
    std::string operator()(double value) const { return numberCell(value); }
    std::string operator()(std::int64_t value) const { return std::to_string(value); }
};

class Reader
{
public:
    explicit Reader(std::string_view text) : m_text(text) {}

    Result<std::vector<std::vector<std::string>>> read()
    {
        std::vector<std::vector<std::string>> rows;
        while (m_at < m_text.size()) {
            std::vector<std::string> row;
            for (bool more = true; more;) {
                auto cell = readCell();
                if (!cell)
                    return fail(cell.error());
                row.push_back(std::move(*cell));
                more = m_at < m_text.size() && m_text[m_at] == ',';
                m_at += more ? 1 : 0;
            }
            takeLineEnd();
            rows.push_back(std::move(row));
        }
        return rows;
    }

private:
    Result<std::string> readCell()
    {
        auto cell = m_at < m_text.size() && m_text[m_at] == '"' ? readQuoted() : readBare();
        if (cell && cell->size() > 1 && cell->front() == '\'' && needsApostrophe(cell->substr(1)))
            cell->erase(0, 1);
        return cell;
    }

    Result<std::string> readBare()
    {
        const std::size_t end = std::min(m_text.find_first_of(",\r\n", m_at), m_text.size());
        std::string cell(m_text.substr(m_at, end - m_at));
        m_at = end;
        if (cell.find('"') != std::string::npos)
            return damaged("A quote stands in the middle of a cell");
        return cell;
    }

    Result<std::string> readQuoted()
    {
        std::string cell;
        for (++m_at; m_at < m_text.size(); ++m_at) {
            const bool isQuote = m_text[m_at] == '"';
            if (isQuote && (m_at + 1 >= m_text.size() || m_text[m_at + 1] != '"')) {
                ++m_at;
                if (m_at < m_text.size() && std::string_view(",\r\n").find(m_text[m_at]) == std::string_view::npos)
                    return damaged("Something follows a closing quote");
                return cell;
            }
            cell += m_text[m_at];
            m_at += isQuote ? 1 : 0;
        }
        return damaged("A quote is not closed");
    }

    void takeLineEnd()
    {
        ++m_line;
        if (m_at < m_text.size() && m_text[m_at] == '\r')
            ++m_at;
        if (m_at < m_text.size() && m_text[m_at] == '\n')
            ++m_at;
    }

    [[nodiscard]] tl::unexpected<Error> damaged(const char *what) const
    {
        return fail(ErrorCode::Corrupt, what, "row " + std::to_string(m_line) + ", byte " + std::to_string(m_at), "nothing was read",
                    "Export the table again as CSV");
    }

    std::string_view m_text;
    std::size_t m_at = 0;
    std::size_t m_line = 1;
};

} // namespace

std::string csvRow(const std::vector<CsvCell> &cells)
{
    std::string row;
    for (std::size_t i = 0; i < cells.size(); ++i)
        row += (i == 0 ? "" : ",") + std::visit(Cell(), cells[i]);
    return row + "\r\n";
}

Result<std::vector<std::vector<std::string>>> readCsv(std::string_view text)
{
    return Reader(text).read();
}

} // namespace bottega
