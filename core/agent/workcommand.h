// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/run/job.h"
#include "core/run/runfolder.h"

#include <filesystem>
#include <string>
#include <vector>

namespace bottega {

/// What is executed for a job, one element an argument: no shell ever sees it.
[[nodiscard]] std::vector<std::string> workArguments(const Job &job, const RunFolder &folder, int attempt,
                                                     const std::filesystem::path &trainer);

/// "NAME=value" of the few variables of ours that the work may see, those that tell it of its run, and `own` before them.
/// Everything else, tokens above all, stays out.
[[nodiscard]] std::vector<std::string> workEnvironment(const RunFolder &folder, const std::vector<std::string> &own);

} // namespace bottega
