// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/uniquefd.h"

#include <cstdint>
#include <map>
#include <set>

namespace bottega {

/// Says which of several runs may have changed, by inotify: nothing is done while nothing happens.
class FolderWatch
{
public:
    FolderWatch();

    /// Watches a run's folder and those inside it; again, those that have come meanwhile. False where the kernel can't see
    /// all changes (its limits, network file systems): such a run must be looked at now and then.
    [[nodiscard]] bool watch(std::uint32_t run, int folder);
    void forget(std::uint32_t run);

    /// Readable when something has changed; -1 where there is no inotify.
    [[nodiscard]] int fd() const { return m_inotify.get(); }
    /// The runs that have changed since the last call. Never waits.
    [[nodiscard]] std::set<std::uint32_t> changes();

private:
    UniqueFd m_inotify;
    std::map<int, std::uint32_t> m_runs; // by watch
};

} // namespace bottega
