// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/formats/npz/npz.h"
#include "core/workspace/models.h"

namespace bottega::cli {

/// The weights of the one file of a registered model that can hold them.
[[nodiscard]] Result<NpzArrays> readModelWeights(const Models &models, const Model &model);

} // namespace bottega::cli
