// SPDX-License-Identifier: Apache-2.0
#include "core/run/runstatus.h"

#include "core/run/attempt.h"
#include "core/run/endrecord.h"
#include "core/run/process.h"

#include <sys/stat.h>

namespace bottega {

namespace {

std::string pidText(const ProcessIdentity &process)
{
    return "pid " + std::to_string(process.pid);
}

RunStatus statusOf(const Attempt &attempt, const JournalContent &content)
{
    RunStatus status;
    status.state = attempt.state;
    status.evidence = attempt.evidence;
    status.since = attempt.since;
    status.started = attempt.firstRunning;
    status.ended = attempt.ended;
    status.attempts = attempt.number;
    status.damagedJournalLines = content.damagedLines;
    if (attempt.state == RunState::Failed)
        status.error = attempt.evidence;
    return status;
}

/// Silence of a machine that cannot be looked at is no evidence of an end.
void markSilent(RunStatus &status, const Attempt &attempt, std::string evidence)
{
    status.state = RunState::NotResponding;
    status.since = attempt.lastWord;
    status.evidence = std::move(evidence);
}

void markByEndRecord(RunStatus &status, const EndRecord &record)
{
    status.state = record.state;
    status.since = status.ended = record.time;
    status.evidence = "exit status " + std::to_string(record.exitStatus) + " by the work's own end record, agent gone";
    if (record.error)
        status.evidence += ": " + describe(*record.error);
    if (record.state == RunState::Failed)
        status.error = status.evidence;
}

void markLost(RunStatus &status, const Attempt &attempt)
{
    status.state = RunState::Failed;
    status.since = status.ended = attempt.lastWord;
    status.evidence = "agent " + pidText(*attempt.agent) + " gone";
    status.evidence += attempt.work ? ", work " + pidText(*attempt.work) + " gone without an end record"
                                    : " before the work was started";
    status.error = status.evidence;
}

void markAlive(RunStatus &status, const Attempt &attempt, bool agentAlive)
{
    if (!agentAlive)
        status.evidence = "agent gone, " + pidText(*attempt.work) + " alive";
    else if (status.state == RunState::Running && attempt.work && attempt.work->isAlive())
        status.evidence = pidText(*attempt.work) + " alive";
}

/// False where agent and work are gone, which only a second look at the journal makes certain.
bool addLiveness(RunStatus &status, const Attempt &attempt)
{
    if (!attempt.agent)
        return true;
    if (attempt.host != hostName()) {
        markSilent(status, attempt, "last word from host " + attempt.host);
        return true;
    }
    if (attempt.bootId != bootId())
        return false;
    const bool agentAlive = attempt.agent->isAlive();
    if (!agentAlive && !(attempt.work && attempt.work->isAlive()))
        return false;
    markAlive(status, attempt, agentAlive);
    return true;
}

void addEnd(RunStatus &status, const Attempt &attempt, const RunFolder &folder)
{
    const auto record = readEndRecord(folder, attempt.number, attempt.work ? attempt.work->pid : 0);
    if (record)
        markByEndRecord(status, *record);
    else if (attempt.bootId != bootId())
        markSilent(status, attempt, "host " + attempt.host + " was restarted");
    else
        markLost(status, attempt);
}

bool isThere(const std::filesystem::path &path)
{
    struct stat info = {};
    return ::lstat(path.c_str(), &info) == 0;
}

} // namespace

Result<RunStatus> readRunStatus(const RunFolder &folder)
{
    for (std::uint64_t lastBytes = 0;;) {
        const auto content = readJournal(folder.journal());
        if (!content)
            return fail(content.error());
        if (content->bytes == 0 && !isThere(folder.root()))
            return fail(ErrorCode::NotFound, "The run folder is gone", folder.root().string());
        const Attempt attempt = newestAttempt(content->entries);
        RunStatus status = statusOf(attempt, *content);
        if (isTerminal(attempt.state) || addLiveness(status, attempt))
            return status;
        // An agent that ended between our reading and our look at the processes has written why.
        if (content->bytes == lastBytes) {
            addEnd(status, attempt, folder);
            return status;
        }
        lastBytes = content->bytes;
    }
}

} // namespace bottega
