// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/run/readmetrics.h"
#include "core/workspace/workspace.h"

#include <filesystem>
#include <memory>
#include <string>

namespace bottega {

/// Where the decoded points of a workspace's run are kept, beside the workspace's index (see ColumnCache); empty for a run
/// folder that is in no workspace.
[[nodiscard]] std::filesystem::path columnCacheOf(const RunFolder &folder);
[[nodiscard]] std::filesystem::path columnCacheOf(const Workspace &workspace, const std::string &runId);

/// Memory for the points of a run, for whoever holds all of them: what is more than some hundred MiB goes to the
/// workspace's cache folder. Touches no disk until then.
[[nodiscard]] std::shared_ptr<PagePool> makePagePool(const Workspace &workspace);

/// Every point of the run's metrics, from the cache what is there and from the event files the rest, in such a pool (in
/// the system's folder for temporary files where the run is in no workspace). With `only`, the points of that metric, and
/// the names of all.
[[nodiscard]] Result<PagedMetrics> readRunMetrics(const RunFolder &folder, const std::optional<std::string> &only = {});

/// Removes the column caches longest unused where those of the run's workspace take too much of the disk.
void limitColumnCachesBeside(const std::filesystem::path &cache);

} // namespace bottega
