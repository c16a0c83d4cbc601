// SPDX-License-Identifier: Apache-2.0
#include "core/engine/recipehelp.h"

#include "core/engine/recipe.h"

#include <algorithm>

namespace bottega::engine {

namespace {

constexpr std::size_t textColumn = 28;

std::string padded(const std::string &left)
{
    return left + std::string(left.size() < textColumn ? textColumn - left.size() : 1, ' ');
}

const ParamSpec *findSpec(const Recipe &recipe, const std::string &name)
{
    const auto found = std::find_if(recipe.params.begin(), recipe.params.end(), [&](const auto &p) { return p.name == name; });
    return found == recipe.params.end() ? nullptr : &*found;
}

bool isShared(const ParamSpec &spec)
{
    return std::all_of(recipes().begin(), recipes().end(), [&](const auto &recipe) { return findSpec(recipe, spec.name); });
}

std::string line(const ParamSpec &spec, const std::string &prefix)
{
    const bool isLong = spec.type == ParamType::Network;
    std::string text = padded("  " + prefix + spec.name + (isLong ? " JSON" : " " + spec.defaultValue)) + spec.help;
    for (std::size_t i = 0; i < spec.choices.size(); ++i)
        text += (i == 0 ? " (" : ", ") + spec.choices[i];
    return text + (spec.choices.empty() ? "\n" : ")\n");
}

/// What is the recipe's own, and where its defaults differ from those told before.
std::string ownLines(const Recipe &recipe, const std::string &prefix)
{
    const Recipe &first = recipes().front();
    std::string text;
    for (const ParamSpec &spec : recipe.params) {
        if (!isShared(spec) || spec.defaultValue != findSpec(first, spec.name)->defaultValue)
            text += line(spec, prefix);
    }
    for (const Preset &preset : recipe.presets) {
        text += padded("  preset " + preset.name) + preset.title + ":";
        for (const auto &[name, value] : preset.params)
            text += " " + name + "=" + value;
        text += "\n";
    }
    return text;
}

} // namespace

std::string recipesHelp(const std::string &prefix)
{
    std::string text;
    for (const Recipe &recipe : recipes())
        text += "Recipe " + recipe.name + ": " + recipe.title + "\n" + ownLines(recipe, prefix);
    text += "\nParameters of all recipes:\n";
    for (const ParamSpec &spec : recipes().front().params) {
        if (isShared(spec))
            text += line(spec, prefix);
    }
    return text;
}

} // namespace bottega::engine
