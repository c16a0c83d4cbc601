// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/pagedarray.h"
#include "core/base/result.h"
#include "core/run/keyedpoints.h"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace bottega {

using PagedMetrics = std::map<std::string, PagedArray<MetricPoint>>;

/// Every metric of a finished or running run, read once, in the order of attempt and sequence, whoever wrote at the same
/// time. `cache` is MetricStream's. Memory holds what `pool` permits, without one everything. With `only`, that metric's
/// points, and none of the others, whose names are there all the same.
[[nodiscard]] Result<PagedMetrics> readMetrics(const std::filesystem::path &folder, const std::filesystem::path &cache = {},
                                               const std::shared_ptr<PagePool> &pool = {},
                                               const std::optional<std::string> &only = {});

} // namespace bottega
