// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/runmetrics.h"

#include "core/run/columncache.h"

namespace bottega {

std::filesystem::path columnCacheOf(const RunFolder &folder)
{
    const auto workspace = Workspace::open(folder.root().parent_path().parent_path());
    return workspace ? columnCacheOf(*workspace, folder.id()) : std::filesystem::path();
}

std::filesystem::path columnCacheOf(const Workspace &workspace, const std::string &runId)
{
    return workspace.cacheFolder() / "columns" / runId;
}

std::shared_ptr<PagePool> pagePoolFor(const RunFolder &folder)
{
    constexpr std::size_t budget = std::size_t{256} << 20;
    const auto workspace = Workspace::open(folder.root().parent_path().parent_path());
    std::error_code ignored;
    return PagePool::create(workspace ? workspace->cacheFolder() : std::filesystem::temp_directory_path(ignored), budget);
}

Result<PagedMetrics> readRunMetrics(const RunFolder &folder, const std::optional<std::string> &only)
{
    const std::filesystem::path cache = columnCacheOf(folder);
    limitColumnCachesBeside(cache);
    return readMetrics(folder.metrics(), cache, pagePoolFor(folder), only);
}

void limitColumnCachesBeside(const std::filesystem::path &cache)
{
    constexpr std::uint64_t largest = std::uint64_t{4} << 30; // of all runs of a workspace together
    if (!cache.empty())
        limitColumnCaches(cache.parent_path(), largest);
}

} // namespace bottega
