// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/runtracker.h"

#include "core/base/redact.h"
#include "core/run/attempt.h"
#include "core/run/journal.h"

namespace bottega {

namespace {

bool isSame(const RunStatus &a, const RunStatus &b)
{
    return a.state == b.state && a.evidence == b.evidence && a.since == b.since && a.started == b.started &&
           a.ended == b.ended && a.needsAgent == b.needsAgent && a.attempts == b.attempts && a.damagedJournalLines == b.damagedJournalLines;
}

std::vector<AttemptRecord> attemptsOf(const std::vector<JournalEntry> &entries)
{
    std::map<int, std::vector<JournalEntry>> byNumber;
    for (const JournalEntry &entry : entries)
        byNumber[entry.attempt].push_back(entry);
    std::vector<AttemptRecord> attempts;
    for (const auto &[number, lines] : byNumber) {
        const Attempt attempt = newestAttempt(lines);
        attempts.push_back({number, attempt.state, redact(attempt.evidence), attempt.firstRunning, attempt.ended});
    }
    return attempts;
}

/// The journal's last line may be old news: what the processes say holds for the newest attempt.
void applyStatus(std::vector<AttemptRecord> &attempts, const RunStatus &status)
{
    if (attempts.empty())
        return;
    attempts.back().state = status.state;
    attempts.back().evidence = status.evidence;
    attempts.back().ended = status.ended;
}

} // namespace

RunTracker::RunTracker(RunFolder folder, std::filesystem::path cache, Caching caching)
    : m_folder(std::move(folder))
    , m_metrics(m_folder.metrics(), std::move(cache))
    , m_caching(caching)
{
    m_record.id = m_folder.id();
}

Result<bool> RunTracker::pollStatus()
{
    auto status = readRunStatus(m_folder);
    if (!status)
        return fail(status.error());
    status->evidence = redact(status->evidence);
    status->error = redact(status->error);
    if (!m_hasJob) {
        auto job = m_folder.readJob();
        if (!job)
            return fail(job.error());
        m_record.job = std::move(*job);
        for (auto &[name, value] : m_record.job.params)
            value = redactValue(name, value);
    } else if (isSame(*status, m_record.status)) {
        return false;
    }
    m_hasJob = true;
    const auto journal = readJournal(m_folder.file("journal.jsonl"));
    if (!journal)
        return fail(journal.error());
    m_record.status = std::move(*status);
    m_record.attempts = attemptsOf(journal->entries);
    applyStatus(m_record.attempts, m_record.status);
    return true;
}

Result<RunTracker::News> RunTracker::poll(std::uint64_t maximumBytes)
{
    // The status first: points of a run that is seen as ended are then all there to be read.
    const auto changed = pollStatus();
    if (!changed)
        return fail(changed.error());
    if (m_caching == Caching::LiveRuns && isTerminal(m_record.status.state))
        m_metrics.forgoCache();
    auto batches = m_metrics.poll(maximumBytes);
    if (!batches)
        return fail(batches.error());
    for (const MetricBatch &batch : *batches)
        summarize(m_record.metrics[batch.name], batch);
    const bool hasNews = *changed || !batches->empty();
    return News{std::move(*batches), hasNews};
}

std::uint64_t RunTracker::damagedRecords() const
{
    return m_metrics.damagedRecords() + static_cast<std::uint64_t>(m_record.status.damagedJournalLines);
}

} // namespace bottega
