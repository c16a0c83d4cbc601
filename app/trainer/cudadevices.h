// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/trainer/machine.h"

namespace bottega::trainer {

/// The machine with its CUDA devices first, or with the reason why it has none. Loads no vendor library yet.
[[nodiscard]] Machine cudaMachine();

} // namespace bottega::trainer
