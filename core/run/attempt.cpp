// SPDX-License-Identifier: Apache-2.0
#include "core/run/attempt.h"

#include "core/run/process.h"

namespace bottega {

namespace {

/// A line of a newer attempt starts from nothing but the times of the run as a whole.
void beginAttempt(Attempt &attempt, int number)
{
    const double firstRunning = attempt.firstRunning;
    attempt = Attempt();
    attempt.number = number;
    attempt.firstRunning = firstRunning;
}

void takeProcesses(Attempt &attempt, const JournalEntry &entry)
{
    if (entry.agentPid && entry.agentStart)
        attempt.agent = ProcessIdentity{*entry.agentPid, *entry.agentStart};
    if (entry.pid && entry.pidStart)
        attempt.work = ProcessIdentity{*entry.pid, *entry.pidStart};
    if (!entry.agentPid)
        return; // a request may come from another machine: it says nothing of where the run is
    attempt.bootId = entry.bootId;
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

Attempt newestAttempt(const std::vector<JournalEntry> &entries)
{
    Attempt attempt;
    double firstStarting = 0;
    for (const JournalEntry &entry : entries) {
        if (entry.attempt > attempt.number)
            beginAttempt(attempt, entry.attempt);
        if (entry.attempt < attempt.number)
            continue;
        if (entry.state == RunState::Running && attempt.firstRunning == 0)
            attempt.firstRunning = entry.time;
        if (entry.state == RunState::Starting && firstStarting == 0)
            firstStarting = entry.time;
        takeProcesses(attempt, entry);
        attempt.lastWord = entry.time;
        if (!isTerminal(attempt.state))
            takeState(attempt, entry);
    }
    if (attempt.firstRunning == 0)
        attempt.firstRunning = firstStarting;
    return attempt;
}

} // namespace bottega
