// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/base/uniquefd.h"

#include <filesystem>

namespace bottega {

/// A hidden folder in which something is built until it is whole and gets its name by one rename. Locked while it is
/// alive; unless published it goes away with this object, or, after a crash, at somebody's next sweep().
class StagingFolder
{
public:
    /// Makes `parent/.new-XXXXXX` (and the parent), 0700.
    [[nodiscard]] static Result<StagingFolder> create(const std::filesystem::path &parent);
    StagingFolder(StagingFolder &&other) noexcept;
    StagingFolder &operator=(StagingFolder &&) = delete;
    ~StagingFolder();

    [[nodiscard]] const std::filesystem::path &path() const { return m_path; }

    /// Syncs all folders in it and renames it to `target`; Exists where anything stands there, and then nothing has changed.
    /// The files in it must have been synced.
    [[nodiscard]] Result<void> publish(const std::filesystem::path &target);

    /// Renames `victim` to a hidden name first, so that it is never seen half removed, then removes it.
    [[nodiscard]] static Result<void> discard(const std::filesystem::path &victim);

    /// Removes what crashed processes left in `parent`.
    static void sweep(const std::filesystem::path &parent);

private:
    StagingFolder(std::filesystem::path path, UniqueFd lock);

    std::filesystem::path m_path; // empty once published
    UniqueFd m_lock;
};

} // namespace bottega
