// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <span>
#include <string>
#include <vector>

namespace bottega {

/// What a run asks of its machine.
struct SlotNeeds
{
    int cpus = 0;                  // processors; more than there are: all of them; 0: all that are free, at least one
    std::vector<std::string> gpus; // one of these, by UUID; empty: none

    [[nodiscard]] bool operator==(const SlotNeeds &) const = default;
};

/// What a run has of its machine, for itself alone.
struct SlotShare
{
    int cpus = 0;
    std::string gpu; // UUID; empty: none

    [[nodiscard]] bool operator==(const SlotShare &) const = default;
};

/// What of a machine nobody holds.
struct FreeSlots
{
    int allCpus = 1; // free or not
    int cpus = 0;    // fewer than none where more were given away than there are now
    std::set<std::string> busyGpus;
};

struct SlotDecision
{
    SlotShare share;        // kept for this run: it may start where it lacks nothing
    bool lacksCpus = false;
    bool lacksGpu = false;

    [[nodiscard]] bool mayStart() const { return !lacksCpus && !lacksGpu; }
};

/// Who of a queue, in the order of its tickets, may start now. First come, first served: what somebody further ahead lacks
/// is given to nobody behind, and what is there for him already is kept for him, so that he starts when the rest comes. A
/// run that needs nothing of that may start before him. One that waits for a GPU keeps a processor only when it is the next
/// to get that GPU. So nobody starves, and a GPU never idles for want of a processor that went to somebody later.
[[nodiscard]] std::vector<SlotDecision> decideSlots(FreeSlots free, std::span<const SlotNeeds> queue);

} // namespace bottega
