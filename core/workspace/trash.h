// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/workspace/workspace.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bottega {

/// Something that was deleted and can come back.
struct TrashItem
{
    std::string entry;       // its folder in trash/
    std::string name;        // run id, or "digits:2"
    double deletedAt = 0;    // seconds since 1970
    std::uint64_t bytes = 0; // on disk when it was deleted: what emptying gives back

    [[nodiscard]] bool isRun() const { return name.find(':') == std::string::npos; }
};

[[nodiscard]] Json trashItemToJson(const TrashItem &item); // the command line's document

/// The trash of one workspace: trash/<name>~<8 hex>/ with the run's or version's folder as `it` and deleted.json beside.
/// Things go in and out by one rename, wholly or not at all, and no link is followed on the way. Stateless; safe to use
/// from several processes. That a run has ended is for the caller to see to.
class Trash
{
public:
    explicit Trash(Workspace workspace) : m_workspace(std::move(workspace)) {}

    /// Moves a run (by id) or a model version (as "digits:2") here. After an error it is where it was.
    [[nodiscard]] Result<TrashItem> put(const std::string &name) const;

    [[nodiscard]] Result<std::vector<TrashItem>> list() const; // what was deleted last first
    /// The item of this name that was deleted last; for runs a unique beginning will do. NotFound lists what there is.
    [[nodiscard]] Result<TrashItem> find(const std::string &name) const;

    /// Back to where it came from; Exists where something of this name stands there again, and then it stays here.
    [[nodiscard]] Result<void> restore(const TrashItem &item) const;
    /// Removes for good; returns the bytes freed.
    [[nodiscard]] Result<std::uint64_t> remove(const TrashItem &item) const;

    struct Emptied
    {
        std::size_t items = 0;
        std::uint64_t bytes = 0;
    };
    /// Removes all that was deleted at least so long ago.
    [[nodiscard]] Result<Emptied> empty(double olderThanSeconds = 0) const;

private:
    [[nodiscard]] std::optional<TrashItem> read(const std::string &entry) const;
    void sweep() const;

    Workspace m_workspace;
};

} // namespace bottega
