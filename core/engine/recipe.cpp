// SPDX-License-Identifier: Apache-2.0
#include "core/engine/recipe.h"

#include "core/base/file.h"
#include "core/base/safename.h"
#include "core/engine/networkspec.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>

namespace bottega::engine {

namespace {

constexpr std::size_t longestNetwork = std::size_t{64} << 10;
constexpr std::size_t mostIntegers = 32;

template <class T> std::optional<T> parseWhole(const std::string &text)
{
    T value = {};
    const char *end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data(), end, value);
    return failure == std::errc() && stop == end ? std::optional(value) : std::nullopt;
}

std::string withThousands(std::int64_t value)
{
    std::string digits = std::to_string(value);
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0 && digits[at - 1] != '-'; at -= 3)
        digits.insert(static_cast<std::size_t>(at), 1, ',');
    return digits;
}

std::string limitText(double limit)
{
    if (limit == std::trunc(limit))
        return withThousands(static_cast<std::int64_t>(limit));
    char text[32];
    return {text, std::to_chars(text, text + sizeof text, limit).ptr};
}

std::string rangeText(const ParamSpec &spec)
{
    return "from " + limitText(spec.minimum) + " to " + limitText(spec.maximum);
}

bool isInRange(const ParamSpec &spec, double value)
{
    return value >= spec.minimum && value <= spec.maximum; // false for NaN
}

bool isInteger(const ParamSpec &spec, const std::string &value)
{
    const auto number = parseWhole<std::int64_t>(value);
    return number && isInRange(spec, static_cast<double>(*number));
}

bool isReal(const ParamSpec &spec, const std::string &value)
{
    const auto number = parseWhole<double>(value);
    return number && isInRange(spec, *number);
}

bool isText(const std::string &value)
{
    const auto isControl = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
    return !value.empty() && value.size() <= 1'000 && std::none_of(value.begin(), value.end(), isControl);
}

bool isIntegers(const ParamSpec &spec, const std::string &value)
{
    std::size_t count = 0;
    for (std::size_t at = 0; at <= value.size(); ++count) {
        const std::size_t comma = std::min(value.find(',', at), value.size());
        if (!isInteger(spec, value.substr(at, comma - at)))
            return false;
        at = comma + 1;
    }
    return count <= mostIntegers;
}

tl::unexpected<Error> wrongValue(const ParamSpec &spec, const std::string &value, const std::string &needed)
{
    return fail(ErrorCode::Usage, spec.name + "=" + printable(value, 80) + ": " + needed + " is needed", {},
                {}, "The default is " + spec.defaultValue);
}

Result<void> checkNetwork(const ParamSpec &spec, const std::string &value)
{
    if (value.size() > longestNetwork)
        return fail(ErrorCode::Usage, spec.name + ": the description has more than 64 KiB", {}, {},
                    "Describe fewer layers");
    if (auto network = parseNetwork(value); !network)
        return fail(network.error());
    return {};
}

std::string joined(const std::vector<std::string> &names)
{
    std::string text;
    for (const std::string &name : names)
        text += (text.empty() ? "" : ", ") + name;
    return text;
}

std::string knownNames(const Recipe &recipe)
{
    std::vector<std::string> names;
    for (const ParamSpec &spec : recipe.params)
        names.push_back(spec.name);
    return joined(names);
}

Result<void> checkNames(const Recipe &recipe, const Params &given)
{
    for (std::size_t i = 0; i < given.size(); ++i) {
        const std::string &name = given[i].first;
        const auto isNamed = [&name](const auto &other) { return other.first == name; };
        if (std::none_of(recipe.params.begin(), recipe.params.end(),
                         [&](const auto &p) { return p.name == name; }))
            return fail(ErrorCode::Usage,
                        "The recipe " + recipe.name + " has no parameter \"" + printable(name, 80) + "\"", {},
                        {}, "It knows " + knownNames(recipe));
        if (std::any_of(given.begin(), given.begin() + static_cast<std::ptrdiff_t>(i), isNamed))
            return fail(ErrorCode::Usage, "The parameter " + name + " is given twice", {}, {},
                        "Give it once");
    }
    return {};
}

bool isGiven(const Params &params, const std::string &name)
{
    return std::any_of(params.begin(), params.end(),
                       [&name](const auto &param) { return param.first == name; });
}

} // namespace

Result<const Recipe *> findRecipe(const std::string &name)
{
    std::vector<std::string> known;
    for (const Recipe &recipe : recipes()) {
        if (recipe.name == name)
            return &recipe;
        known.push_back(recipe.name);
    }
    return fail(ErrorCode::NotFound, "There is no recipe \"" + printable(name, 80) + "\"", {}, {},
                "Known recipes: " + joined(known));
}

Result<Params> completeParams(const Recipe &recipe, const Params &given)
{
    if (auto checked = checkNames(recipe, given); !checked)
        return fail(checked.error());
    Params complete;
    for (const ParamSpec &spec : recipe.params) {
        const auto found =
            std::find_if(given.begin(), given.end(), [&](const auto &p) { return p.first == spec.name; });
        const std::string &value = found == given.end() ? spec.defaultValue : found->second;
        if (auto checked = checkParam(spec, value); !checked)
            return fail(checked.error());
        complete.emplace_back(spec.name, value);
    }
    return complete;
}

Result<Params> withPreset(const Recipe &recipe, const std::string &preset, const Params &given)
{
    std::vector<std::string> known;
    for (const Preset &candidate : recipe.presets) {
        known.push_back(candidate.name);
        if (candidate.name != preset)
            continue;
        Params params = given;
        for (const auto &param : candidate.params) {
            if (!isGiven(given, param.first))
                params.push_back(param);
        }
        return params;
    }
    return fail(ErrorCode::NotFound,
                "The recipe " + recipe.name + " has no preset \"" + printable(preset, 80) + "\"", {}, {},
                known.empty() ? "It has none" : "It has " + joined(known));
}

Result<Params> withFilesRead(const Recipe &recipe, Params given)
{
    for (auto &[name, value] : given) {
        const auto isNamed = [&name = name](const ParamSpec &spec) {
            return spec.name == name && spec.type == ParamType::Network;
        };
        if (!value.ends_with(".json") || std::none_of(recipe.params.begin(), recipe.params.end(), isNamed))
            continue;
        auto text = readFile(value, longestNetwork);
        if (!text)
            return fail(text.error());
        if (auto network = parseNetwork(*text); !network) {
            network.error().where = value;
            return fail(network.error());
        }
        value = std::move(*text);
    }
    return given;
}

Result<void> checkParam(const ParamSpec &spec, const std::string &value)
{
    switch (spec.type) {
    case ParamType::Integer:
        if (!isInteger(spec, value))
            return wrongValue(spec, value, "a whole number " + rangeText(spec));
        break;
    case ParamType::Real:
        if (!isReal(spec, value))
            return wrongValue(spec, value, "a number " + rangeText(spec));
        break;
    case ParamType::Text:
        if (!isText(value))
            return wrongValue(spec, value, "a text of 1 to 1,000 bytes without control characters");
        break;
    case ParamType::Choice:
        if (std::find(spec.choices.begin(), spec.choices.end(), value) == spec.choices.end())
            return wrongValue(spec, value, "one of " + joined(spec.choices));
        break;
    case ParamType::Integers:
        if (!isIntegers(spec, value))
            return wrongValue(spec, value,
                              "a list of whole numbers " + rangeText(spec) + " (such as 300,100)");
        break;
    case ParamType::Network:
        return checkNetwork(spec, value);
    }
    return {};
}

std::vector<std::int64_t> integersOf(const std::string &value)
{
    std::vector<std::int64_t> numbers;
    for (std::size_t at = 0; at <= value.size();) {
        const std::size_t comma = std::min(value.find(',', at), value.size());
        numbers.push_back(parseWhole<std::int64_t>(value.substr(at, comma - at)).value_or(0));
        at = comma + 1;
    }
    return numbers;
}

std::string paramOf(const Params &params, const std::string &name)
{
    const auto found = std::find_if(params.begin(), params.end(),
                                    [&name](const auto &param) { return param.first == name; });
    return found == params.end() ? std::string() : found->second;
}

} // namespace bottega::engine
