// SPDX-License-Identifier: Apache-2.0
#include "core/agent/slotplan.h"

#include <algorithm>

namespace bottega {

namespace {

class Planner
{
public:
    explicit Planner(FreeSlots free) : m_free(std::move(free)) {}

    SlotDecision decide(const SlotNeeds &needs)
    {
        SlotDecision decision;
        if (takeGpu(decision, needs.gpus))
            takeCpus(decision, needs.cpus);
        return decision;
    }

private:
    /// False where others will get every GPU that could serve before this one does.
    bool takeGpu(SlotDecision &decision, const std::vector<std::string> &gpus)
    {
        bool isNext = gpus.empty();
        for (const std::string &gpu : gpus) {
            if (m_awaitedGpus.contains(gpu))
                continue;
            isNext = true;
            if (m_free.busyGpus.insert(gpu).second) {
                decision.share.gpu = gpu;
                return true;
            }
        }
        decision.lacksGpu = !gpus.empty();
        m_awaitedGpus.insert(gpus.begin(), gpus.end());
        return isNext;
    }

    void takeCpus(SlotDecision &decision, int wanted)
    {
        const int count = wanted == 0 ? std::max(1, m_free.cpus) : std::min(wanted, m_free.allCpus);
        decision.lacksCpus = m_areCpusAwaited || m_free.cpus < count;
        m_areCpusAwaited = decision.lacksCpus;
        if (decision.lacksCpus)
            return;
        decision.share.cpus = count;
        m_free.cpus -= count;
    }

    FreeSlots m_free;
    std::set<std::string> m_awaitedGpus;
    bool m_areCpusAwaited = false;
};

} // namespace

std::vector<SlotDecision> decideSlots(FreeSlots free, std::span<const SlotNeeds> queue)
{
    Planner planner(std::move(free));
    std::vector<SlotDecision> decisions;
    for (const SlotNeeds &needs : queue)
        decisions.push_back(planner.decide(needs));
    return decisions;
}

} // namespace bottega
