// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/runmetrics.h"

#include "core/run/columncache.h"

namespace bottega {

namespace fs = std::filesystem;

namespace {

/// Of the workspace that the folder lies in, if any.
std::optional<Workspace> workspaceOf(const RunFolder &folder)
{
    auto workspace = Workspace::open(folder.root().parent_path().parent_path());
    return workspace ? std::optional(std::move(*workspace)) : std::nullopt;
}

std::shared_ptr<PagePool> poolIn(const fs::path &folder)
{
    constexpr std::size_t budget = std::size_t{256} << 20;
    return PagePool::create(folder, budget);
}

} // namespace

fs::path columnCacheOf(const RunFolder &folder)
{
    const auto workspace = workspaceOf(folder);
    return workspace ? columnCacheOf(*workspace, folder.id()) : fs::path();
}

fs::path columnCacheOf(const Workspace &workspace, const std::string &runId)
{
    return workspace.cacheFolder() / "columns" / runId;
}

std::shared_ptr<PagePool> makePagePool(const Workspace &workspace)
{
    return poolIn(workspace.cacheFolder());
}

Result<PagedMetrics> readRunMetrics(const RunFolder &folder, const std::optional<std::string> &only)
{
    const auto workspace = workspaceOf(folder);
    if (!workspace) {
        std::error_code ignored;
        return readMetrics(folder.metrics(), {}, poolIn(fs::temp_directory_path(ignored)), only);
    }
    const fs::path cache = columnCacheOf(*workspace, folder.id());
    limitColumnCachesBeside(cache);
    return readMetrics(folder.metrics(), cache, makePagePool(*workspace), only);
}

void limitColumnCachesBeside(const fs::path &cache)
{
    constexpr std::uint64_t largest = std::uint64_t{4} << 30; // of all runs of a workspace together
    if (!cache.empty())
        limitColumnCaches(cache.parent_path(), largest);
}

} // namespace bottega
