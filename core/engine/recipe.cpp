// SPDX-License-Identifier: Apache-2.0
#include "core/engine/recipe.h"

#include "core/base/safename.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>

namespace bottega::engine {

namespace {

const std::vector<ParamSpec> &mlpParams()
{
    static const std::vector<ParamSpec> params = {
        {"epochs", ParamType::Integer, "10", 1, 100'000, "How many times the training images are gone through."},
        {"batchsize", ParamType::Integer, "128", 1, 65'536,
         "How many images make one step of the optimizer. At most as many as the training set has."},
        {"output_dir", ParamType::Text, "./outputs", 0, 0,
         "Folder for model.npz, relative to the run's working folder."},
        {"lr", ParamType::Real, "0.01", 0, 1'000, "Learning rate: the size of each step."},
        {"momentum", ParamType::Real, "0.9", 0, 1, "Share of the last step that is kept in the next one."},
        {"hidden", ParamType::Integer, "100", 1, 4'096, "Units in each of the two hidden layers."},
        {"seed", ParamType::Integer, "0", 0, 4'294'967'295.0,
         "Start of the random numbers. The same seed gives the same weights."},
    };
    return params;
}

template <class T>
std::optional<T> parseWhole(const std::string &text)
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

tl::unexpected<Error> wrongValue(const ParamSpec &spec, const std::string &value, const std::string &needed)
{
    return fail(ErrorCode::Usage, spec.name + "=" + printable(value, 80) + ": " + needed + " is needed", {}, {},
                "The default is " + spec.defaultValue);
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
        if (std::none_of(recipe.params.begin(), recipe.params.end(), [&](const auto &p) { return p.name == name; }))
            return fail(ErrorCode::Usage, "The recipe " + recipe.name + " has no parameter \"" + printable(name, 80) + "\"",
                        {}, {}, "It knows " + knownNames(recipe));
        if (std::any_of(given.begin(), given.begin() + static_cast<std::ptrdiff_t>(i), isNamed))
            return fail(ErrorCode::Usage, "The parameter " + name + " is given twice", {}, {}, "Give it once");
    }
    return {};
}

} // namespace

std::span<const Recipe> recipes()
{
    static const std::vector<Recipe> all = {
        {"mnist-mlp", "MNIST digits, small network",
         "Reads handwritten digits with two hidden layers of ReLU units (784-100-100-10), trained by momentum SGD on "
         "softmax cross entropy. Takes any data set of small grey images in IDX files.",
         mlpParams()},
    };
    return all;
}

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
        const auto found = std::find_if(given.begin(), given.end(), [&](const auto &p) { return p.first == spec.name; });
        const std::string &value = found == given.end() ? spec.defaultValue : found->second;
        if (auto checked = checkParam(spec, value); !checked)
            return fail(checked.error());
        complete.emplace_back(spec.name, value);
    }
    return complete;
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
    }
    return {};
}

} // namespace bottega::engine
