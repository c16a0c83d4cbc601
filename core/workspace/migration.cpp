// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/migration.h"

#include "core/base/file.h"
#include "core/workspace/config.h"

namespace bottega {

namespace fs = std::filesystem;

namespace {

Result<void> addTrashAndObjects(const fs::path &root)
{
    for (const char *part : {"trash", "objects"}) {
        if (auto made = makeFolder(root / part); !made)
            return made;
    }
    return syncFolder(root);
}

/// steps[i] makes format i + 2 of format i + 1.
constexpr Result<void> (*steps[])(const fs::path &) = {addTrashAndObjects};
static_assert(std::size(steps) + 1 == workspaceFormat);

Result<void> takeStep(const fs::path &root, Json &config)
{
    const std::int64_t format = integerMember(config, "format", workspaceFormat);
    if (format >= workspaceFormat)
        return {}; // another process was quicker
    if (auto taken = steps[format - 1](root); !taken)
        return taken;
    config["format"] = format + 1;
    config["createdBy"] = "bottega " BOTTEGA_VERSION;
    return {};
}

} // namespace

Result<void> migrateWorkspace(const fs::path &root)
{
    for (std::size_t i = 0; i < std::size(steps); ++i) {
        auto changed = changeConfig(root, [&root](Json &config) { return takeStep(root, config); });
        if (!changed)
            return changed;
    }
    return {};
}

} // namespace bottega
