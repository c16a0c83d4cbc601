// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace bottega::engine {

enum class ParamType {
    Integer,
    Real,
    Text,
    Choice,   // one of `choices`
    Integers, // whole numbers with commas between: "300,100"
    Network,  // the JSON of a network, as parseNetwork takes it; at most 64 KiB
};

/// One script parameter of a recipe, as the job form and the command line show it.
struct ParamSpec
{
    std::string name;         // "batchsize"
    ParamType type = ParamType::Text;
    std::string defaultValue;
    double minimum = 0;       // inclusive; of a number, and of each of Integers
    double maximum = 0;
    std::string help;         // English; the studio translates it
    std::string group;        // "Training", "Optimizer", "Regularization", "Augmentation": the studio translates it
    std::vector<std::string> choices;
};

/// Values that go well together, under a name.
struct Preset
{
    std::string name;         // "accurate"
    std::string title;        // English; the studio translates it
    std::vector<std::pair<std::string, std::string>> params;
};

/// A training job the built-in trainer knows.
struct Recipe
{
    std::string name;         // "mnist-mlp"
    std::string title;
    std::string description;
    std::vector<ParamSpec> params;
    std::vector<Preset> presets;
};

using Params = std::vector<std::pair<std::string, std::string>>;

[[nodiscard]] std::span<const Recipe> recipes();
[[nodiscard]] Result<const Recipe *> findRecipe(const std::string &name); // NotFound lists the known ones

/// The given parameters checked and completed by the defaults, in the recipe's order. Errors are Usage and name the
/// parameter, the value, what is allowed: "epochs=ten: a whole number from 1 to 100,000 is needed".
[[nodiscard]] Result<Params> completeParams(const Recipe &recipe, const Params &given);

/// The given parameters, and those of the preset that are not given. NotFound lists the recipe's presets.
[[nodiscard]] Result<Params> withPreset(const Recipe &recipe, const std::string &preset, const Params &given);

/// Puts the content of a file in the place of each Network parameter that names one (its value ends with ".json"), so that
/// a job stands by itself. Errors name the file.
[[nodiscard]] Result<Params> withFilesRead(const Recipe &recipe, Params given);

/// One value against its spec; the studio's fields call it as the user types.
[[nodiscard]] Result<void> checkParam(const ParamSpec &spec, const std::string &value);

/// The numbers of an Integers value that has been checked.
[[nodiscard]] std::vector<std::int64_t> integersOf(const std::string &value);

/// The value of a parameter; empty where there is none.
[[nodiscard]] std::string paramOf(const Params &params, const std::string &name);

} // namespace bottega::engine
