// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/engine/backend/precision.h"
#include "core/engine/recipe.h"

#include <filesystem>
#include <string>
#include <vector>

namespace bottega::trainer {

enum class Verb {
    Train,
    Selftest,
    Info,
    Bench,
    Help,
    Version,
};

/// The command line, taken apart. Parameters of the recipe are kept as given.
struct Options
{
    Verb verb = Verb::Train;
    std::string recipe;
    std::string device = "auto";
    std::filesystem::path data;
    std::filesystem::path runFolder;
    std::filesystem::path resumeFrom;
    int attempt = 1;
    int threads = 0; // of the CPU; 0: all that may be used
    engine::Precision precision = engine::Precision::Float32;
    int ranks = 1;   // processes that share each batch
    std::string preset;
    bool isJson = false;
    bool mentionsPeers = true; // bench: says where they are compared with
    engine::Params params;
};

/// `--NAME VALUE` and `--NAME=VALUE`. Usage names the argument that is wrong. On an error, `options` holds what was
/// understood before it, so that the error can still be told in the form and at the place that was asked for.
[[nodiscard]] Result<void> parseOptions(const std::vector<std::string> &arguments, Options &options);

[[nodiscard]] std::string helpText();

} // namespace bottega::trainer
