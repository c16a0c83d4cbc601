// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/workspace/archiveimport.h"
#include "core/workspace/archivereader.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace bottega {

/// Brings the runs, models and data sets of an archive to their places in a workspace: all staged and proved first, then
/// each renamed. Borrows the archive and the progress. See importArchive.
class ArchivePlacer
{
public:
    ArchivePlacer(const ArchiveReader &archive, const CopyProgress &progress);

    /// Decides for each unit what is to become of it, before anything is written.
    [[nodiscard]] Result<void> compareWith(const Workspace &workspace);
    /// Each has the document that tells what it is.
    [[nodiscard]] Result<void> checkUnits() const;
    [[nodiscard]] std::uint64_t bytesToWrite() const;
    /// Unpacks and proves everything below `staging`, as it will lie in the workspace, and syncs it.
    [[nodiscard]] Result<void> stage(const std::filesystem::path &staging);
    /// Gives each unit its name below `root`.
    [[nodiscard]] Result<void> publish(const std::filesystem::path &staging, const std::filesystem::path &root);
    /// What people said of what is imported; of what was there already they said it here.
    [[nodiscard]] Result<void> annotate(const std::filesystem::path &annotations) const;
    [[nodiscard]] ImportReport report(const std::filesystem::path &workspace) const;

private:
    /// One run, model or data set on its way.
    struct Unit
    {
        ImportedItem item;
        std::string from; // its folder in the archive, "models/digits/1"
        std::string to;   // and in the workspace
        std::vector<const ArchivedFile *> files;
    };

    [[nodiscard]] static tl::unexpected<Error> partly(Error error, std::size_t done);
    [[nodiscard]] Result<void> advance(std::uint64_t bytes);
    /// A run or data set of that name: identical or in the way.
    [[nodiscard]] Result<void> compareFolder(Unit &unit, const Workspace &workspace);
    /// As it would be exported now, file by file.
    [[nodiscard]] Result<bool> isSame(const Unit &unit, const Workspace &workspace);
    [[nodiscard]] Result<Json> modelFacts(const Unit &unit) const;
    /// The version that is the same, else the wanted one where it is free, else the next.
    [[nodiscard]] Result<void> placeModel(Unit &unit, const Workspace &workspace);
    [[nodiscard]] Result<void> stageUnit(const Unit &unit, const std::filesystem::path &staging);
    [[nodiscard]] Result<void> writeFile(const ArchivedFile &file, const std::filesystem::path &target);
    [[nodiscard]] Result<void> finishRun(const Unit &unit, const RunFolder &run);
    [[nodiscard]] static Result<void> renumber(const Unit &unit, const std::filesystem::path &folder);

    const ArchiveReader &m_archive;
    const CopyProgress &m_progress;
    std::vector<Unit> m_units;
    std::map<std::string, int> m_nextVersions; // by name of the model
    std::uint64_t m_done = 0;
    std::uint64_t m_total = 0;
    std::uint64_t m_written = 0;
};

} // namespace bottega
