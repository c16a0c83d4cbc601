// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/agent/work.h"
#include "core/base/uniquefd.h"
#include "core/run/runfolder.h"

namespace bottega {

/// The work that a dead agent left: no child of ours, so that its end is heard of through a handle, its processes are
/// found by the run's folder in their environment, and only its own end record tells how it ended.
class AdoptedWork final : public Work
{
public:
    /// Of this attempt, whose processes must be on this machine; the work may have ended meanwhile.
    AdoptedWork(const RunFolder &folder, int attempt, const ProcessIdentity &identity);

    [[nodiscard]] ProcessIdentity identity() const override { return m_identity; }
    [[nodiscard]] int endFd() const override { return m_exit ? -1 : m_handle.get(); }
    [[nodiscard]] std::optional<Exit> exit() override;
    [[nodiscard]] std::vector<TreeMember> members() override;
    void signalGroup(int signal) override;

private:
    [[nodiscard]] bool hasEnded() const;
    void findRoots();

    RunFolder m_folder;
    int m_attempt;
    ProcessIdentity m_identity;
    UniqueFd m_handle; // a pidfd; none on an old kernel
    std::optional<Exit> m_exit;
    std::vector<ProcessIdentity> m_roots; // found by environment; what is below them is found by descent
    double m_rootsFound = 0;
};

} // namespace bottega
