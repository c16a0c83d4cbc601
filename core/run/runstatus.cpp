// SPDX-License-Identifier: Apache-2.0
#include "core/run/runstatus.h"

#include "core/base/clock.h"
#include "core/run/attempt.h"
#include "core/run/endrecord.h"
#include "core/run/process.h"

#include <algorithm>
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
    status.durationSeconds = attempt.secondsBefore + attempt.seconds;
    status.attempts = attempt.number;
    status.damagedJournalLines = content.damagedLines;
    if (attempt.state == RunState::Failed)
        status.error = attempt.evidence;
    return status;
}

double newestChange(const std::filesystem::path &path)
{
    struct stat info = {};
    return ::stat(path.c_str(), &info) == 0 ? static_cast<double>(info.st_mtim.tv_sec) : 0;
}

/// When the run last wrote anything: its agent samples each second, so that this is near to when it was last alive.
double lastSignOf(const RunFolder &folder, const Attempt &attempt)
{
    double newest = std::max(attempt.lastWord, newestChange(folder.driverLog()));
    for (const auto &place : {folder.telemetry(), folder.metrics()}) {
        std::error_code failure;
        for (std::filesystem::directory_iterator entry(place, failure), end; !failure && entry != end; entry.increment(failure))
            newest = std::max(newest, newestChange(entry->path()));
    }
    return newest;
}

/// Silence of a machine that cannot be looked at is no evidence of an end.
void markSilent(RunStatus &status, double lastSign, std::string evidence)
{
    status.state = RunState::NotResponding;
    status.since = lastSign;
    status.evidence = std::move(evidence);
}

/// What it had done when it last gave a sign, by the wall clock: the steady one died with it.
void endAt(RunStatus &status, const Attempt &attempt, double time)
{
    status.since = status.ended = time;
    if (status.started > 0)
        status.durationSeconds += std::max(0.0, time - attempt.lastWord);
}

void markByEndRecord(RunStatus &status, const Attempt &attempt, const EndRecord &record)
{
    status.state = record.state;
    endAt(status, attempt, record.time);
    status.evidence = "exit status " + std::to_string(record.exitStatus) + " by the work's own end record, agent gone";
    if (record.error)
        status.evidence += ": " + describe(*record.error);
}

void markLost(RunStatus &status, const Attempt &attempt, double lastSign)
{
    const std::string agent = "agent " + pidText(*attempt.agent) + " gone";
    endAt(status, attempt, lastSign);
    status.state = attempt.cancelRequested ? RunState::Canceled : RunState::Failed;
    status.evidence = !attempt.work ? agent + " before the work was started"
                                    : "exit status unknown: nobody was left to wait for it (" + agent + ", work " +
                                          pidText(*attempt.work) + " gone without an end record)";
    if (attempt.cancelRequested)
        status.evidence = "canceled by " + attempt.cancelRequestedBy + "; " + status.evidence;
    else if (!attempt.limit.empty())
        status.evidence = attempt.limit + "; " + status.evidence;
}

void markInterrupted(RunStatus &status, const Attempt &attempt, double lastSign)
{
    status.state = attempt.cancelRequested ? RunState::Canceled : RunState::Failed;
    endAt(status, attempt, lastSign);
    status.evidence = "interrupted: host " + attempt.host + " was restarted at " + isoTime(bootTime()) +
                      "; bottega-cli run resume goes on from its last checkpoint";
}

/// What has not ended may stand still: a debugger's, a suspending user's or a batch system's doing.
std::string livingText(const ProcessIdentity &process)
{
    const auto stat = readProcessStat(process.pid);
    const bool isStopped = stat && (stat->state == 'T' || stat->state == 't');
    return pidText(process) + (isStopped ? " stopped (SIGSTOP), not ended" : " alive");
}

void markAlive(RunStatus &status, const Attempt &attempt, bool agentAlive)
{
    if (attempt.steadyRunning > 0) {
        status.readAt = steadyTime();
        status.durationSeconds = attempt.secondsBefore + std::max(0.0, status.readAt - attempt.steadyRunning);
    }
    const bool workAlive = attempt.work && attempt.work->isAlive();
    if (!agentAlive)
        status.evidence = "agent gone, " + livingText(*attempt.work);
    else if (status.state == RunState::Running && workAlive && attempt.limit.empty())
        status.evidence = livingText(*attempt.work);
    const auto stat = agentAlive ? readProcessStat(attempt.agent->pid) : std::nullopt;
    if (stat && (stat->state == 'T' || stat->state == 't'))
        status.evidence += "; agent " + livingText(*attempt.agent);
}

std::optional<EndRecord> endRecordOf(const RunFolder &folder, const Attempt &attempt)
{
    return readEndRecord(folder, attempt.number, attempt.work ? attempt.work->pid : 0);
}

/// False where agent and work are gone, which only a second look at the journal makes certain.
bool addLiveness(RunStatus &status, const Attempt &attempt, const RunFolder &folder)
{
    if (!attempt.agent)
        return true;
    if (attempt.place() == Place::Elsewhere && !endRecordOf(folder, attempt)) {
        markSilent(status, lastSignOf(folder, attempt), "last word from host " + attempt.host);
        return true;
    }
    if (attempt.place() != Place::Here)
        return false;
    const bool agentAlive = attempt.agent->isAlive();
    status.needsAgent = !agentAlive;
    if (!agentAlive && !(attempt.work && attempt.work->isAlive()))
        return false;
    markAlive(status, attempt, agentAlive);
    return true;
}

void addEnd(RunStatus &status, const Attempt &attempt, const RunFolder &folder)
{
    status.needsAgent = attempt.place() != Place::Elsewhere;
    const double lastSign = lastSignOf(folder, attempt);
    if (const auto record = endRecordOf(folder, attempt))
        markByEndRecord(status, attempt, *record);
    else if (attempt.place() == Place::Restarted)
        markInterrupted(status, attempt, lastSign);
    else
        markLost(status, attempt, lastSign);
    if (status.state == RunState::Failed)
        status.error = status.evidence;
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
        const auto content = readJournal(folder.file("journal.jsonl"));
        if (!content)
            return fail(content.error());
        if (content->bytes == 0 && !isThere(folder.root()))
            return fail(ErrorCode::NotFound, "The run folder is gone", folder.root().string());
        const Attempt attempt = newestAttempt(content->entries);
        RunStatus status = statusOf(attempt, *content);
        if (isTerminal(attempt.state) || addLiveness(status, attempt, folder))
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
