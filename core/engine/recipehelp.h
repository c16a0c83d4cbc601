// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace bottega::engine {

/// All recipes, their parameters with defaults, and their presets, for the help of a command line. What all recipes share
/// stands there once. `prefix` goes before each parameter's name: "--", or nothing.
[[nodiscard]] std::string recipesHelp(const std::string &prefix);

} // namespace bottega::engine
