// SPDX-License-Identifier: Apache-2.0
#include "app/cli/output.h"

#include "core/base/redact.h"
#include "core/base/safename.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <ctime>

namespace bottega::cli {

namespace {

constexpr std::size_t errorTextLimit = 4000; // remedies list what there is

bool isContinuation(char c)
{
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

std::string padded(const std::string &text, std::size_t width, Align align)
{
    const std::size_t shown = displayWidth(text);
    const std::string blanks(width > shown ? width - shown : 0, ' ');
    return align == Align::Left ? text + blanks : blanks + text;
}

std::string fixed(double value, int decimals)
{
    char text[64];
    const auto result = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, decimals);
    return result.ec == std::errc() ? std::string(text, result.ptr) : numberText(value);
}

std::string twoDigits(long long value)
{
    return (value < 10 ? "0" : "") + std::to_string(value);
}

} // namespace

void Table::add(std::vector<std::string> cells)
{
    for (std::string &cell : cells)
        cell = printable(cell);
    m_rows.push_back(std::move(cells));
}

void Table::print(std::ostream &out) const
{
    std::vector<std::string> titles;
    for (const Column &column : m_columns)
        titles.push_back(column.title);
    std::vector<std::vector<std::string>> lines = {titles};
    lines.insert(lines.end(), m_rows.begin(), m_rows.end());
    std::vector<std::size_t> widths(m_columns.size());
    for (const auto &line : lines) {
        for (std::size_t i = 0; i < widths.size(); ++i)
            widths[i] = std::max(widths[i], displayWidth(line[i]));
    }
    for (const auto &line : lines) {
        std::string text;
        for (std::size_t i = 0; i < widths.size(); ++i)
            text += (i == 0 ? "" : "  ") + padded(line[i], widths[i], m_columns[i].align);
        text.erase(text.find_last_not_of(' ') + 1);
        out << text << '\n';
    }
}

void printFacts(std::ostream &out, const std::vector<std::pair<std::string, std::string>> &facts)
{
    std::size_t width = 0;
    for (const auto &[name, value] : facts)
        width = std::max(width, displayWidth(name));
    for (const auto &[name, value] : facts) {
        if (!value.empty())
            out << padded(name, width + 2, Align::Left) << printable(value, 1000) << '\n';
    }
}

void printJson(std::ostream &out, const Json &json)
{
    out << dumpJson(json, 2) << '\n';
}

void printError(std::ostream &err, const Error &error, bool asJson)
{
    if (asJson) {
        printJson(err, {{"error",
                         {{"code", errorCodeName(error.code)},
                          {"what", redact(error.what)},
                          {"where", redact(error.where)},
                          {"kept", redact(error.kept)},
                          {"remedy", redact(error.remedy)}}}});
        return;
    }
    err << "Error: " << printable(redact(error.what), errorTextLimit) << '\n';
    for (const auto &[title, text] : {std::pair("  where:  ", &error.where), {"  kept:   ", &error.kept},
                                      {"  to do:  ", &error.remedy}}) {
        if (!text->empty())
            err << title << printable(redact(*text), errorTextLimit) << '\n';
    }
}

void printWritten(const std::vector<std::filesystem::path> &paths, bool asJson, std::ostream &out)
{
    Json items = Json::array();
    for (const std::filesystem::path &path : paths) {
        items.push_back({{"path", path.string()}});
        if (!asJson)
            out << printable(path.string(), 4000) << '\n';
    }
    if (asJson)
        printJson(out, {{"items", items}});
}

std::string printableLines(std::string_view text)
{
    std::string shown;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t end = std::min(text.find_first_of("\n\t\r", i), text.size());
        shown += printable(text.substr(i, end - i), std::string::npos);
        if (end < text.size() && text[end] != '\r')
            shown += text[end];
        else if (end + 1 < text.size() && text[end + 1] != '\n') // progress lines that redraw themselves
            shown += '\n';
        i = end + 1;
    }
    return shown;
}

std::size_t displayWidth(std::string_view utf8)
{
    return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) { return !isContinuation(c); }));
}

std::string clipped(std::string_view utf8, std::size_t columns)
{
    std::size_t end = 0;
    for (std::size_t shown = 0; end < utf8.size(); ++end) {
        if (!isContinuation(utf8[end]) && shown++ == columns)
            break;
    }
    return std::string(utf8.substr(0, end));
}

std::string durationText(double seconds)
{
    if (!std::isfinite(seconds) || seconds < 0)
        return "-";
    const auto whole = static_cast<long long>(std::min(seconds, 1e12));
    const std::string tail = twoDigits(whole % 60);
    if (whole < 3600)
        return std::to_string(whole / 60) + ":" + tail;
    return std::to_string(whole / 3600) + ":" + twoDigits(whole / 60 % 60) + ":" + tail;
}

std::string bytesText(std::uint64_t bytes)
{
    if (bytes < 1000)
        return std::to_string(bytes) + " B";
    double value = static_cast<double>(bytes);
    const char *const units[] = {"kB", "MB", "GB", "TB", "PB"};
    std::size_t unit = 0;
    for (value /= 1000; value >= 999.95 && unit + 1 < std::size(units); value /= 1000)
        ++unit;
    return fixed(value, 1) + " " + units[unit];
}

std::string countText(std::int64_t count)
{
    const std::string digits = std::to_string(count);
    std::string text;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const std::size_t left = digits.size() - i;
        if (i > 0 && left % 3 == 0 && digits[i - 1] != '-')
            text += ',';
        text += digits[i];
    }
    return text;
}

std::string numberText(double value, int digits)
{
    if (!std::isfinite(value))
        return std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
    char text[64];
    const auto result = std::to_chars(text, text + sizeof text, value, std::chars_format::general, digits);
    return {text, result.ptr};
}

std::string shareText(double value)
{
    return std::isfinite(value) ? fixed(value, 4) : numberText(value);
}

std::string timeText(double secondsSinceEpoch)
{
    if (secondsSinceEpoch <= 0)
        return "-";
    const auto seconds = static_cast<std::time_t>(secondsSinceEpoch);
    std::tm local = {};
    char text[32];
    if (!::localtime_r(&seconds, &local) || std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &local) == 0)
        return "-";
    return text;
}

std::string agoText(double seconds)
{
    const auto whole = static_cast<std::int64_t>(std::clamp(seconds, 0.0, 1e12));
    if (whole < 60)
        return std::to_string(whole) + " s ago";
    if (whole < 3600)
        return std::to_string(whole / 60) + " min ago";
    if (whole < 2 * 86400)
        return std::to_string(whole / 3600) + " h ago";
    return countText(whole / 86400) + " days ago";
}

std::string countOf(std::int64_t count, const std::string &one, const std::string &many)
{
    return countText(count) + " " + (count == 1 ? one : many);
}

} // namespace bottega::cli
