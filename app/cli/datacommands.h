// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/cli/command.h"

namespace bottega::cli {

/// The commands of the noun `data`.
[[nodiscard]] CommandList dataCommands();

} // namespace bottega::cli
