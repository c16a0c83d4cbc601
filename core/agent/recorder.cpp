// SPDX-License-Identifier: Apache-2.0
#include "core/agent/recorder.h"

#include "core/base/clock.h"
#include "core/run/attempt.h"
#include "core/run/process.h"
#include "core/run/runstatus.h"

#include <sys/stat.h>
#include <unistd.h>

namespace bottega {

Recorder::Recorder(const RunFolder &folder, int attempt)
    : m_folder(folder), m_attempt(attempt), m_agentStart(processStart(::getpid()).value_or(0))
{
}

JournalEntry Recorder::signedEntry(JournalEntry entry) const
{
    if (entry.time == 0) { // else it tells of something past, and no clock of now belongs to it
        entry.time = wallTime();
        entry.steady = steadyTime();
    }
    entry.attempt = m_attempt;
    entry.agentPid = ::getpid();
    entry.agentStart = m_agentStart;
    entry.bootId = bootId();
    entry.machineId = machineId();
    entry.pidNamespace = pidNamespace();
    entry.host = hostName();
    return entry;
}

Result<void> Recorder::record(RunState state, std::string evidence)
{
    JournalEntry entry;
    entry.state = state;
    entry.evidence = std::move(evidence);
    return record(std::move(entry));
}

Result<void> Recorder::record(JournalEntry entry)
{
    return appendJournal(m_folder.journal(), signedEntry(std::move(entry)));
}

void Recorder::recordOrKeep(JournalEntry entry)
{
    m_kept.push_back(signedEntry(std::move(entry)));
    flush();
}

bool Recorder::flush()
{
    while (!m_kept.empty()) {
        if (!appendJournal(m_folder.journal(), m_kept.front()))
            return false;
        m_kept.erase(m_kept.begin());
    }
    return true;
}

std::optional<std::string> Recorder::cancelRequest()
{
    struct stat info = {};
    if (::stat(m_folder.journal().c_str(), &info) != 0 || static_cast<std::uint64_t>(info.st_size) == m_readBytes)
        return m_cancelRequest;
    const auto content = readJournal(m_folder.file("journal.jsonl"));
    if (!content)
        return m_cancelRequest;
    m_readBytes = content->bytes;
    const Attempt attempt = newestAttempt(content->entries);
    if (attempt.cancelRequested)
        m_cancelRequest = attempt.cancelRequestedBy;
    return m_cancelRequest;
}

Result<void> recordLostEnd(const RunFolder &folder)
{
    const auto status = readRunStatus(folder);
    if (!status)
        return fail(status.error());
    if (!isTerminal(status->state) || !status->needsAgent)
        return {};
    JournalEntry entry;
    entry.time = status->ended;
    entry.state = status->state;
    entry.evidence = status->evidence;
    return Recorder(folder, status->attempts).record(std::move(entry));
}

} // namespace bottega
