// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/archiveimport.h"

#include "core/base/safename.h"
#include "core/base/staging.h"
#include "core/workspace/archiveplacer.h"
#include "core/workspace/filecopy.h"

#include <unistd.h>

namespace bottega {

namespace fs = std::filesystem;

namespace {

bool isThere(const fs::path &path)
{
    std::error_code ignored;
    return fs::exists(fs::symlink_status(path, ignored));
}

Result<void> checkIsFree(const fs::path &folder)
{
    std::error_code failure;
    if (!isThere(folder) || (fs::is_directory(fs::symlink_status(folder, failure)) && fs::is_empty(folder, failure)))
        return {};
    return fail(ErrorCode::Exists, "The folder is not empty", folder.string(), nothingImported,
                isThere(folder / "config.json") ? "To import into that workspace, use --workspace " + folder.string()
                                                : "Choose a new folder");
}

Result<Workspace> makeWorkspace(const fs::path &staging, const fs::path &folder, const ArchiveManifest &manifest)
{
    const bool isNamed = checkName("a workspace", manifest.workspaceName, 2, 32).has_value();
    const auto workspace = Workspace::make(staging, isNamed ? manifest.workspaceName : workspaceNameFor(folder));
    if (!workspace)
        return workspace;
    WorkspaceDefaults defaults = workspace->defaults();
    if (checkName("an experiment", manifest.experiment, 3, 36))
        defaults.experiment = manifest.experiment;
    if (checkName("a data set", manifest.dataset, 1, 64))
        defaults.dataset = manifest.dataset;
    if (auto saved = workspace->setDefaults(defaults); !saved)
        return fail(saved.error());
    return workspace;
}

} // namespace

Result<ArchiveManifest> readArchiveManifest(const fs::path &file)
{
    const auto archive = ArchiveReader::open(file);
    if (!archive)
        return fail(archive.error());
    return archive->manifest();
}

Result<ImportReport> importArchive(const fs::path &file, const Workspace &workspace, const CopyProgress &progress)
{
    const auto archive = ArchiveReader::open(file);
    if (!archive)
        return fail(archive.error());
    ArchivePlacer placer(*archive, progress);
    if (auto whole = placer.checkUnits(); !whole)
        return fail(whole.error());
    if (auto compared = placer.compareWith(workspace); !compared)
        return fail(compared.error());
    if (auto space = checkFreeSpace(workspace.root(), placer.bytesToWrite()); !space)
        return notImported(space.error());
    StagingFolder::sweep(workspace.root());
    const auto staging = StagingFolder::create(workspace.root());
    if (!staging)
        return notImported(staging.error());
    if (auto staged = placer.stage(staging->path()); !staged)
        return fail(staged.error());
    if (auto published = placer.publish(staging->path(), workspace.root()); !published)
        return fail(published.error());
    if (auto annotated = placer.annotate(workspace.annotations()); !annotated)
        return fail(annotated.error());
    return placer.report(workspace.root());
}

Result<ImportReport> importArchiveTo(const fs::path &file, const fs::path &wanted, const CopyProgress &progress)
{
    std::error_code failure;
    const fs::path named = fs::absolute(wanted, failure).lexically_normal();
    const fs::path folder = named.has_filename() ? named : named.parent_path();
    if (auto free = checkIsFree(folder); !free)
        return fail(free.error());
    const auto archive = ArchiveReader::open(file);
    if (!archive)
        return fail(archive.error());
    ArchivePlacer placer(*archive, progress);
    if (auto whole = placer.checkUnits(); !whole)
        return fail(whole.error());
    if (auto space = checkFreeSpace(folder.parent_path(), placer.bytesToWrite()); !space)
        return notImported(space.error());
    auto staging = StagingFolder::create(folder.parent_path());
    if (!staging)
        return notImported(staging.error());
    const auto workspace = makeWorkspace(staging->path(), folder, archive->manifest());
    if (!workspace)
        return notImported(workspace.error());
    // In the new folder's own tree, so that one rename publishes it all.
    if (auto staged = placer.stage(workspace->root()); !staged)
        return fail(staged.error());
    if (auto annotated = placer.annotate(workspace->annotations()); !annotated)
        return notImported(annotated.error());
    ::rmdir(folder.c_str()); // an empty one gives way
    if (auto published = staging->publish(folder); !published)
        return notImported(published.error());
    return placer.report(folder);
}

} // namespace bottega
