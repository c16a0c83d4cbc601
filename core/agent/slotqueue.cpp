// SPDX-License-Identifier: Apache-2.0
#include "core/agent/slotqueue.h"

#include "core/agent/processtree.h"
#include "core/base/safename.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace bottega {

namespace {

constexpr std::size_t mostNamed = 3;

std::string processorsText(int count)
{
    return std::to_string(count) + (count == 1 ? " processor" : " processors");
}

std::string needText(const SlotNeeds &needs, const SlotDecision &decision, int allCpus)
{
    std::string text;
    if (decision.lacksGpu)
        text = needs.gpus.size() == 1 ? "GPU " + needs.gpus.front() : std::string("a GPU");
    if (decision.lacksCpus)
        text += (text.empty() ? "" : " and ") + processorsText(std::clamp(needs.cpus, 1, allCpus));
    return text;
}

std::string runName(const SlotTicket &ticket)
{
    return ticket.run.empty() ? "another run" : "run " + printable(ticket.run.filename().string(), 80);
}

/// "run X holds 2", after "waiting for 2 processors"; "run X holds GPU-8f6d…" where a GPU is waited for; both where both are.
std::string holdingText(const SlotTicket &holder, const SlotDecision &decision)
{
    std::string text;
    if (decision.lacksGpu)
        text = printable(holder.share.gpu, 80);
    if (decision.lacksCpus && holder.share.cpus > 0)
        text += text.empty() ? std::to_string(holder.share.cpus) : " and " + processorsText(holder.share.cpus);
    text = runName(holder) + " holds " + text;
    return holder.leftBehind == 0 ? text : text + " by process " + std::to_string(holder.leftBehind) + ", left behind at its end";
}

bool isInTheWay(const SlotTicket &holder, const SlotNeeds &needs, const SlotDecision &decision)
{
    const auto &gpus = needs.gpus;
    return (decision.lacksCpus && holder.share.cpus > 0) ||
           (decision.lacksGpu && std::find(gpus.begin(), gpus.end(), holder.share.gpu) != gpus.end());
}

/// True where `other`, further ahead, must start before this one can.
bool mustGoFirst(const SlotNeeds &other, const SlotDecision &otherDecision, const SlotNeeds &needs, const SlotDecision &decision)
{
    const auto awaitedByOther = [&other](const std::string &gpu) {
        return std::find(other.gpus.begin(), other.gpus.end(), gpu) != other.gpus.end();
    };
    return (decision.lacksCpus && otherDecision.lacksCpus) ||
           (decision.lacksGpu && otherDecision.lacksGpu && std::all_of(needs.gpus.begin(), needs.gpus.end(), awaitedByOther));
}

std::string listText(const std::vector<std::string> &texts)
{
    std::string list;
    for (std::size_t i = 0; i < std::min(texts.size(), mostNamed); ++i)
        list += (i == 0 ? "" : ", ") + texts[i];
    return texts.size() > mostNamed ? list + " and " + std::to_string(texts.size() - mostNamed) + " more" : list;
}

FreeSlots freeSlots(const std::vector<SlotTicket> &tickets, int cpus)
{
    FreeSlots free{cpus, cpus, {}};
    for (const SlotTicket &ticket : tickets) {
        free.cpus -= ticket.share.cpus;
        if (!ticket.share.gpu.empty())
            free.busyGpus.insert(ticket.share.gpu);
    }
    return free;
}

} // namespace

SlotQueue::SlotQueue(SlotFolder folder, const RunFolder &run, SlotNeeds needs, int cpus)
    : m_folder(std::move(folder)), m_run(run), m_cpus(cpus)
{
    m_ticket.needs = std::move(needs);
}

Result<bool> SlotQueue::tryTake()
{
    const auto alone = lockQueue(m_folder);
    if (!alone)
        return fail(alone.error());
    if (!*alone)
        return false;
    if (m_ticket.name.empty()) {
        auto lock = writeTicket(m_folder, m_ticket, m_run);
        if (!lock) {
            m_ticket.name.clear();
            return fail(lock.error());
        }
        m_lock = std::move(*lock);
    }
    const auto tickets = readTickets(m_folder);
    std::vector<SlotNeeds> queue;
    for (const SlotTicket &ticket : tickets) {
        if (!ticket.isHolder && ticket.number <= m_ticket.number)
            queue.push_back(ticket.needs);
    }
    const auto decisions = decideSlots(freeSlots(tickets, m_cpus), queue);
    if (!decisions.empty() && decisions.back().mayStart())
        return take(decisions.back().share);
    explain(tickets, decisions);
    return false;
}

Result<bool> SlotQueue::take(const SlotShare &share)
{
    const std::string name = holderName(m_ticket, share);
    if (::renameat(m_folder.handle.get(), m_ticket.name.c_str(), m_folder.handle.get(), name.c_str()) != 0)
        return fail(systemError(errno, "The run's share of this machine could not be taken", (m_folder.path / name).string()));
    m_ticket.name = name;
    m_share = share;
    return true;
}

void SlotQueue::explain(const std::vector<SlotTicket> &tickets, const std::vector<SlotDecision> &decisions)
{
    const SlotDecision ours = decisions.empty() ? SlotDecision() : decisions.back();
    std::vector<std::string> causes;
    const SlotTicket *first = nullptr;
    m_watched.clear();
    m_waitingRuns = 0;
    for (const SlotTicket &ticket : tickets) {
        if (ticket.isHolder) {
            if (!isInTheWay(ticket, m_ticket.needs, ours))
                continue;
            causes.push_back(holdingText(ticket, ours));
            m_watched.push_back(ticket.name);
        } else if (const auto place = static_cast<std::size_t>(m_waitingRuns++); place + 1 < decisions.size()) {
            if (mustGoFirst(ticket.needs, decisions[place], m_ticket.needs, ours))
                first = &ticket;
            else if (decisions[place].share.cpus > 0)
                m_watched.push_back(ticket.name); // may give up what is kept for it
        }
    }
    if (first)
        m_watched = {first->name};
    if (causes.empty())
        causes.push_back(first ? runName(*first) + " comes first" : "kept for runs that come first");
    m_reason = "waiting for " + needText(m_ticket.needs, ours, m_cpus) + ": " + listText(causes) + "; place " +
               std::to_string(decisions.size()) + " of " + std::to_string(m_waitingRuns);
}

bool SlotQueue::hasNews() const
{
    return m_watched.empty() || !std::all_of(m_watched.begin(), m_watched.end(), [this](const std::string &name) {
        return isTicketLocked(m_folder, name);
    });
}

void SlotQueue::leave()
{
    if (!m_lock)
        return;
    const bool isStillHeld = m_share.cpus > 0 && !processesOfRun(m_run).empty();
    if (!isStillHeld) {
        ::unlinkat(m_folder.handle.get(), m_ticket.name.c_str(), 0);
        ::flock(m_lock.get(), LOCK_UN); // for all who inherited it
    }
    m_lock.reset();
}

} // namespace bottega
