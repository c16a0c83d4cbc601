// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/runmetrics.h"

#include "core/run/columncache.h"
#include "core/workspace/workspace.h"

namespace bottega {

std::filesystem::path columnCacheOf(const RunFolder &folder)
{
    const auto workspace = Workspace::open(folder.root().parent_path().parent_path());
    return workspace ? workspace->cacheFolder() / "columns" / folder.id() : std::filesystem::path();
}

Result<std::map<std::string, std::vector<MetricPoint>>> readRunMetrics(const RunFolder &folder)
{
    const std::filesystem::path cache = columnCacheOf(folder);
    limitColumnCachesBeside(cache);
    return readMetrics(folder.metrics(), cache);
}

void limitColumnCachesBeside(const std::filesystem::path &cache)
{
    constexpr std::uint64_t largest = std::uint64_t{4} << 30; // of all runs of a workspace together
    if (!cache.empty())
        limitColumnCaches(cache.parent_path(), largest);
}

} // namespace bottega
