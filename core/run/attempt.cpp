// SPDX-License-Identifier: Apache-2.0
#include "core/run/attempt.h"

#include "core/run/process.h"

#include <algorithm>

namespace bottega {

namespace {

/// A line of a newer attempt starts from nothing but the times of the run as a whole.
void beginAttempt(Attempt &attempt, int number)
{
    const double firstRunning = attempt.firstRunning;
    const double seconds = attempt.secondsBefore + attempt.seconds;
    attempt = Attempt();
    attempt.number = number;
    attempt.firstRunning = firstRunning;
    attempt.secondsBefore = seconds;
}

/// How long an attempt has run, by the steady clock where its lines have it: the wall clock may have been set meanwhile.
class Stopwatch
{
public:
    void take(Attempt &attempt, const JournalEntry &entry)
    {
        if (!m_begin && (entry.state == RunState::Starting || entry.state == RunState::Running))
            begin(attempt, entry);
        else if (m_begin && entry.state == RunState::Running && !m_isRunning)
            begin(attempt, entry);
        if (m_begin && entry.agentPid)
            attempt.seconds = std::max(0.0, between(*m_begin, entry));
    }

private:
    void begin(Attempt &attempt, const JournalEntry &entry)
    {
        m_begin = entry;
        m_isRunning = entry.state == RunState::Running;
        attempt.steadyRunning = entry.steady.value_or(0);
    }

    static double between(const JournalEntry &first, const JournalEntry &last)
    {
        const bool isComparable = first.steady && last.steady && first.bootId == last.bootId;
        return isComparable ? *last.steady - *first.steady : last.time - first.time;
    }

    std::optional<JournalEntry> m_begin;
    bool m_isRunning = false;
};

void takeProcesses(Attempt &attempt, const JournalEntry &entry)
{
    if (entry.agentPid && entry.agentStart)
        attempt.agent = ProcessIdentity{*entry.agentPid, *entry.agentStart};
    if (entry.pid && entry.pidStart)
        attempt.work = ProcessIdentity{*entry.pid, *entry.pidStart};
    if (!entry.agentPid)
        return; // a request may come from another machine: it says nothing of where the run is
    attempt.bootId = entry.bootId;
    attempt.machineId = entry.machineId;
    attempt.pidNamespace = entry.pidNamespace;
    attempt.host = entry.host;
}

void takeState(Attempt &attempt, const JournalEntry &entry)
{
    if (entry.state == RunState::CancelRequested) {
        if (attempt.cancelRequested)
            return;
        attempt.cancelRequested = true;
        attempt.cancelRequestedBy = entry.by;
    } else if (attempt.cancelRequested && !isTerminal(entry.state)) {
        return;
    }
    if (entry.state != attempt.state || attempt.since == 0)
        attempt.since = entry.time;
    attempt.state = entry.state;
    attempt.evidence = entry.evidence;
    if (isTerminal(entry.state))
        attempt.ended = entry.time;
}

} // namespace

bool ProcessIdentity::isAlive() const
{
    return bottega::isAlive(pid, start);
}

Place Attempt::place() const
{
    if (bootId == bottega::bootId()) {
        const bool isVisible = pidNamespace.empty() ? host == hostName() : pidNamespace == bottega::pidNamespace();
        return isVisible ? Place::Here : Place::Elsewhere;
    }
    const bool isThisMachine = !machineId.empty() && machineId == bottega::machineId() && host == hostName();
    return isThisMachine ? Place::Restarted : Place::Elsewhere; // images share the id, machines the name: both, then
}

Attempt newestAttempt(const std::vector<JournalEntry> &entries)
{
    Attempt attempt;
    double firstStarting = 0;
    Stopwatch stopwatch;
    for (const JournalEntry &entry : entries) {
        if (entry.attempt > attempt.number) {
            beginAttempt(attempt, entry.attempt);
            stopwatch = Stopwatch();
        }
        if (entry.attempt < attempt.number)
            continue;
        if (entry.state == RunState::Running && attempt.firstRunning == 0)
            attempt.firstRunning = entry.time;
        if (entry.state == RunState::Starting && firstStarting == 0)
            firstStarting = entry.time;
        takeProcesses(attempt, entry);
        if (!isTerminal(attempt.state))
            stopwatch.take(attempt, entry);
        if (!entry.limit.empty())
            attempt.limit = entry.limit;
        attempt.lastWord = entry.time;
        if (!isTerminal(attempt.state))
            takeState(attempt, entry);
    }
    if (attempt.firstRunning == 0)
        attempt.firstRunning = firstStarting;
    return attempt;
}

} // namespace bottega
