// SPDX-License-Identifier: Apache-2.0
#include "core/engine/resumable.h"

#include "core/engine/settings.h"

#include <cstdlib>

namespace bottega::engine {

namespace {

tl::unexpected<Error> cannotResume(const std::string &what, const std::string &remedy)
{
    return fail(ErrorCode::Usage, "The training cannot go on from this checkpoint: " + what, {},
                "the checkpoint is untouched", remedy);
}

/// Checkpoints of earlier versions lack what had one value only: the default's.
std::string madeWith(const Checkpoint &checkpoint, const ParamSpec &spec)
{
    const std::string value = checkpoint.param(spec.name);
    return value.empty() ? spec.defaultValue : value;
}

bool isSameNetwork(const Recipe &recipe, const std::string &name, const std::string &one, const std::string &other)
{
    const auto first = networkOf(recipe, {{name, one}}), second = networkOf(recipe, {{name, other}});
    return first && second && networkToJson(*first) == networkToJson(*second);
}

/// Whether a training made with one value of a parameter may go on with another.
bool canGoOnWith(const Recipe &recipe, const ParamSpec &spec, const std::string &made, const std::string &asked)
{
    const auto number = [](const std::string &text) { return std::strtod(text.c_str(), nullptr); };
    if (spec.type == ParamType::Network || spec.type == ParamType::Integers)
        return isSameNetwork(recipe, spec.name, made, asked);
    if (spec.name == "batchsize" || spec.name == "seed" || spec.name == "validation")
        return number(made) == number(asked);
    if (spec.name == "average") // there are averages to go on with, or none
        return (number(made) > 0) == (number(asked) > 0);
    return spec.name != "optimizer" || made == asked;
}

} // namespace

Result<void> checkResumable(const Checkpoint &checkpoint, const Recipe &recipe, const Params &params, std::uint32_t data)
{
    if (checkpoint.recipe != recipe.name)
        return cannotResume("it is of the recipe " + checkpoint.recipe + ", not " + recipe.name,
                            "Use the recipe that made it");
    for (const ParamSpec &spec : recipe.params) {
        const std::string made = madeWith(checkpoint, spec), asked = paramOf(params, spec.name);
        if (canGoOnWith(recipe, spec, made, asked))
            continue;
        if (spec.type == ParamType::Network)
            return cannotResume("it was made with another network", "Give that network, or start a new training");
        return cannotResume("it was made with " + spec.name + "=" + made + ", not " + asked,
                            "Give " + spec.name + "=" + made + ", or start a new training");
    }
    if (checkpoint.data != data)
        return cannotResume("it was made with another training set", "Name the data folder that it was made with");
    if (checkpoint.epoch >= std::stoll(paramOf(params, "epochs")))
        return cannotResume("it has " + std::to_string(checkpoint.epoch) + " finished epochs, and epochs=" +
                                paramOf(params, "epochs") + " leaves nothing to do",
                            "Ask for more epochs");
    return {};
}

} // namespace bottega::engine
