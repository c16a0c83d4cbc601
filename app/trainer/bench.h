// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/trainer/device.h"
#include "app/trainer/options.h"
#include "core/base/json.h"

namespace bottega::trainer {

/// What `bench` measured, as the JSON document: machine, versions, results.
struct BenchReport
{
    Json document;
    bool isCanceled = false;
};

/// Trains each network with each number of threads, and measures the multipliers' peak beside it.
[[nodiscard]] Result<BenchReport> measure(const Options &options, const Device &device);

/// The document as a table for people.
[[nodiscard]] std::string benchTable(const Json &document);

} // namespace bottega::trainer
