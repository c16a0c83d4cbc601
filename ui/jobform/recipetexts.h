// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/recipe.h"

#include <QString>

namespace bottega {

/// The engine speaks English only; these are its texts in the user's language.
[[nodiscard]] QString recipeTitle(const engine::Recipe &recipe);
[[nodiscard]] QString recipeDescription(const engine::Recipe &recipe);
[[nodiscard]] QString paramHelp(const engine::ParamSpec &spec);
[[nodiscard]] QString groupTitle(const std::string &group);
[[nodiscard]] QString presetTitle(const engine::Preset &preset);
/// A choice of a parameter; its own name where the studio knows no words for it.
[[nodiscard]] QString choiceText(const std::string &parameter, const std::string &choice);

/// "1 to 100,000" for numbers, empty for texts.
[[nodiscard]] QString paramLimits(const engine::ParamSpec &spec);
/// What a value must be, for a value that is not.
[[nodiscard]] QString paramNeeds(const engine::ParamSpec &spec);

} // namespace bottega
