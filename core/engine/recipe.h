// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace bottega::engine {

enum class ParamType { Integer, Real, Text };

/// One script parameter of a recipe, as the job form and the command line show it.
struct ParamSpec
{
    std::string name;         // "batchsize"
    ParamType type = ParamType::Text;
    std::string defaultValue;
    double minimum = 0;       // inclusive; numbers only
    double maximum = 0;
    std::string help;         // English; the studio translates it
};

/// A training job the built-in trainer knows.
struct Recipe
{
    std::string name;         // "mnist-mlp"
    std::string title;
    std::string description;
    std::vector<ParamSpec> params;
};

using Params = std::vector<std::pair<std::string, std::string>>;

[[nodiscard]] std::span<const Recipe> recipes();
[[nodiscard]] Result<const Recipe *> findRecipe(const std::string &name); // NotFound lists the known ones

/// The given parameters checked and completed by the defaults, in the recipe's order. Errors are Usage and name the
/// parameter, the value, what is allowed: "epochs=ten: a whole number from 1 to 100,000 is needed".
[[nodiscard]] Result<Params> completeParams(const Recipe &recipe, const Params &given);

/// One value against its spec; the studio's fields call it as the user types.
[[nodiscard]] Result<void> checkParam(const ParamSpec &spec, const std::string &value);

} // namespace bottega::engine
