// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/workspace/runrecord.h"
#include "core/workspace/workspace.h"

#include <memory>
#include <string>
#include <vector>

namespace bottega {

/// The derived index of a workspace's runs: an SQLite file in the user's cache folder, made anew from the run folders
/// whenever it is missing, damaged or of another version. One connection, one thread; several processes may share it.
class Index
{
public:
    [[nodiscard]] static Result<Index> open(const Workspace &workspace);
    Index(Index &&) noexcept;
    Index &operator=(Index &&) noexcept;
    ~Index();

    struct Changes
    {
        std::vector<RunRecord> changed; // new ones too
        std::vector<std::string> removed;
    };
    /// Brings the index up to date with the folders; only runs whose journal or metrics grew are read again, and live
    /// ones, whose process is looked at. Returns what differs from the last refresh of this object.
    [[nodiscard]] Result<Changes> refresh();
    /// The same for what lives: ended runs are not looked at unless the folder of runs itself changed. Costs a stat and
    /// what the live runs cost, however many there are; a whole `refresh` from time to time finds the rest.
    [[nodiscard]] Result<Changes> refreshLive();

    [[nodiscard]] Result<std::vector<RunRecord>> runs() const; // newest first, without artifacts; as of the last refresh
    [[nodiscard]] bool hasLiveRuns() const;                    // as of the last refresh: some run may change any moment
    /// Runs of this machine that have lost their agents, as of the last refresh.
    [[nodiscard]] std::vector<RunFolder> orphans() const;

    /// Why the index is kept in memory only, in words; empty where it is a file.
    [[nodiscard]] const std::string &memoryReason() const;

    /// Forgets everything and reads all runs again.
    [[nodiscard]] Result<int> rebuild();
    /// Compares the index with the files, run by run; one line of words per difference, none where they agree.
    [[nodiscard]] Result<std::vector<std::string>> verify();

private:
    struct State;
    explicit Index(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace bottega
