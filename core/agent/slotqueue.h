// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/agent/slotfolder.h"
#include "core/agent/slotplan.h"
#include "core/agent/slotticket.h"
#include "core/base/result.h"
#include "core/base/uniquefd.h"
#include "core/run/runfolder.h"

#include <string>
#include <vector>

namespace bottega {

/// One run's place in this machine's queue, then its share of the machine. There is no daemon: the queue is a folder with a
/// file per run, named by a number that gives the order. The file is locked by one open file description: the agent's
/// alone while the run waits, inherited by the work and all of its tree once it has its share, which then stands in the
/// file's name ("0000000012.2.GPU-8f6d…"). So a share is free exactly when the work is gone, whoever was killed, and
/// neither adoption nor anything else has to pass it on. A file without a lock is of a dead run and is removed by the next
/// who looks.
///
/// What the work leaves behind has inherited the lock too. It holds the share only as long as it is of the run, which its
/// environment tells (BOTTEGA_RUN_DIR); whatever has another one, such as a service that was started on the occasion, does
/// not: the agent unlocks, and where that is dead too, the next who looks passes over such a lock.
///
/// Decisions are made one at a time under the folder's own lock, which is never waited for. Not thread safe.
class SlotQueue
{
public:
    /// `cpus` is what the machine has to give.
    SlotQueue(SlotFolder folder, const RunFolder &run, SlotNeeds needs, int cpus);
    SlotQueue(SlotQueue &&) noexcept = default;
    SlotQueue &operator=(SlotQueue &&) = delete;
    ~SlotQueue() { leave(); }

    /// Draws a ticket, the first time; takes the share where it is this run's turn, else has a reason. False, with nothing
    /// changed, also while another agent decides: ask again.
    [[nodiscard]] Result<bool> tryTake();
    /// Why not yet: "waiting for 2 processors: run X holds 2; place 1 of 3".
    [[nodiscard]] const std::string &reason() const { return m_reason; }
    /// Cheap: false where nothing that is in our way has changed since the last `tryTake`.
    [[nodiscard]] bool hasNews() const;
    [[nodiscard]] int waitingRuns() const { return m_waitingRuns; }

    [[nodiscard]] const SlotShare &share() const { return m_share; }
    /// For the work to inherit; closed on exec here.
    [[nodiscard]] int descriptor() const { return m_lock.get(); }
    /// Gives place or share back. For when the work is gone: what it left of the run behind goes on holding the share.
    void leave();

private:
    [[nodiscard]] Result<bool> take(const SlotShare &share);
    void explain(const std::vector<SlotTicket> &tickets, const std::vector<SlotDecision> &decisions);

    SlotFolder m_folder;
    RunFolder m_run;
    SlotTicket m_ticket; // without a name: not drawn yet
    int m_cpus;
    SlotShare m_share;
    UniqueFd m_lock;
    std::string m_reason;
    std::vector<std::string> m_watched; // tickets that are in our way
    int m_waitingRuns = 0;
};

} // namespace bottega
