// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.h"

#include "core/base/file.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bottega {

namespace {

constexpr int maximumDepth = 64;

/// The parser recurses only in its destructor and its callers: refuse deep nesting before building anything.
bool isTooDeep(std::string_view text)
{
    int depth = 0;
    bool inString = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (inString) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                inString = false;
        } else if (c == '"') {
            inString = true;
        } else if (c == '{' || c == '[') {
            if (++depth > maximumDepth)
                return true;
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    return false;
}

std::string lineAndColumn(std::string_view text, std::size_t byte)
{
    const std::string_view before = text.substr(0, std::min(byte, text.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t lineStart = before.rfind('\n');
    const std::size_t column = lineStart == std::string_view::npos ? before.size() : before.size() - lineStart - 1;
    return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

} // namespace

Result<Json> parseJson(std::string_view text, const std::string &where)
{
    if (isTooDeep(text))
        return fail(ErrorCode::Corrupt, "The JSON is nested deeper than 64 levels", where, "nothing was read");
    try {
        return Json::parse(text);
    } catch (const Json::parse_error &error) {
        return fail(ErrorCode::Corrupt, "This is not valid JSON", where + ", " + lineAndColumn(text, error.byte),
                    "nothing was read");
    } catch (const Json::exception &) {
        return fail(ErrorCode::Corrupt, "The JSON holds a value that cannot be represented", where,
                    "nothing was read");
    }
}

Result<Json> readJsonObject(const FilePlace &place)
{
    const auto text = readFile(place, std::uint64_t{16} << 20);
    if (!text)
        return fail(text.error());
    auto json = parseJson(*text, place.path().string());
    if (json && !json->is_object())
        return fail(ErrorCode::Corrupt, "The file should hold a JSON object", place.path().string(), "nothing was read");
    return json;
}

std::string dumpJson(const Json &json, int indent)
{
    return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

Json jsonNumber(double value)
{
    if (std::isnan(value))
        return "NaN";
    if (std::isinf(value))
        return value > 0 ? "Infinity" : "-Infinity";
    return value;
}

std::optional<double> numberFromJson(const Json &json)
{
    if (json.is_number())
        return json.get<double>();
    if (!json.is_string())
        return {};
    const auto &text = json.get_ref<const std::string &>();
    if (text == "NaN")
        return std::numeric_limits<double>::quiet_NaN();
    if (text == "Infinity")
        return std::numeric_limits<double>::infinity();
    if (text == "-Infinity")
        return -std::numeric_limits<double>::infinity();
    return {};
}

std::string stringMember(const Json &object, const char *key, const std::string &fallback)
{
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : fallback;
}

double numberMember(const Json &object, const char *key, double fallback)
{
    const auto found = object.find(key);
    return found == object.end() ? fallback : numberFromJson(*found).value_or(fallback);
}

std::int64_t integerMember(const Json &object, const char *key, std::int64_t fallback)
{
    const auto found = object.find(key);
    return found != object.end() && found->is_number_integer() ? found->get<std::int64_t>() : fallback;
}

} // namespace bottega
