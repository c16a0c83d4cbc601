// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/run/metricstream.h"
#include "core/run/runfolder.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace bottega {

/// Where the decoded points of a workspace's run are kept, beside the workspace's index (see ColumnCache); empty for a run
/// folder that is in no workspace.
[[nodiscard]] std::filesystem::path columnCacheOf(const RunFolder &folder);

/// Every point of the run's metrics, from the cache what is there and from the event files the rest.
[[nodiscard]] Result<std::map<std::string, std::vector<MetricPoint>>> readRunMetrics(const RunFolder &folder);

/// Removes the column caches longest unused where those of the run's workspace take too much of the disk.
void limitColumnCachesBeside(const std::filesystem::path &cache);

} // namespace bottega
