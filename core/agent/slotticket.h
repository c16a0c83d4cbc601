// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/agent/slotfolder.h"
#include "core/agent/slotplan.h"
#include "core/run/attempt.h"
#include "core/run/runfolder.h"

#include <optional>
#include <string>
#include <vector>

namespace bottega {

/// One file of the queue's folder. Its name has the number, and the share once it is given: "0000000012" waits,
/// "0000000012.2.GPU-8f6d…" holds. The file is locked as long as agent or work live.
struct SlotTicket
{
    std::string name;
    std::uint64_t number = 0;
    bool isHolder = false;
    SlotShare share;       // of a holder
    SlotNeeds needs;
    std::filesystem::path run;
    ProcessIdentity agent; // that wrote it
    std::string processSpace; // where that pid means something: boot and pid namespace
    int leftBehind = 0;       // a process that still holds the share of a run whose work has ended; 0: it has not
};

[[nodiscard]] std::string holderName(const SlotTicket &ticket, const SlotShare &share);

/// A ticket of this process for that run, after all there are; locked. The lock belongs to the open file description, so
/// that whoever inherits the descriptor holds it too. The caller has the queue to himself.
[[nodiscard]] Result<UniqueFd> writeTicket(const SlotFolder &folder, SlotTicket &ticket, const RunFolder &run);

/// All tickets of the living, in order; those of the dead are removed. The caller has the queue to himself.
[[nodiscard]] std::vector<SlotTicket> readTickets(const SlotFolder &folder);

/// True where such a file is there and locked.
[[nodiscard]] bool isTicketLocked(const SlotFolder &folder, const std::string &name);

/// The queue to oneself until the descriptor closes; nothing where another agent has it.
[[nodiscard]] Result<std::optional<UniqueFd>> lockQueue(const SlotFolder &folder);

} // namespace bottega
