// SPDX-License-Identifier: Apache-2.0
#include "app/cli/runfollower.h"

#include "core/compute/adoption.h"
#include "core/workspace/runmetrics.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace bottega::cli {

Result<RunFollower> RunFollower::open(const RunFolder &folder)
{
    auto job = folder.readJob();
    if (!job)
        return fail(job.error());
    auto status = readRunStatus(folder);
    if (!status)
        return fail(status.error());
    RunRecord record;
    record.id = folder.id();
    record.job = std::move(*job);
    record.status = std::move(*status);
    return RunFollower(folder, std::move(record));
}

Result<RunFollower> RunFollower::openAtEnd(const RunFolder &folder)
{
    auto follower = open(folder);
    if (!follower)
        return follower;
    if (const auto past = follower->poll(); !past)
        return fail(past.error());
    return follower;
}

RunFollower::RunFollower(RunFolder folder, RunRecord record)
    : m_folder(std::move(folder)), m_record(std::move(record)), m_stream(m_folder.metrics(), columnCacheOf(m_folder))
{}

Result<RunFollower::News> RunFollower::poll()
{
    // The status before the metrics: what has ended then, has all its points there.
    auto status = readRunStatus(m_folder);
    if (!status)
        return fail(status.error());
    m_record.status = std::move(*status);
    if (m_record.status.needsAgent)
        static_cast<void>(adoptOrphans({m_folder})); // tried again soon; following goes on without
    auto journal = readJournal(m_folder.file("journal.jsonl"));
    if (!journal)
        return fail(journal.error());
    constexpr std::uint64_t portion = std::uint64_t{64} << 20; // of the event files: only their summary is kept
    do {
        const auto batches = m_stream.poll(portion);
        if (!batches)
            return fail(batches.error());
        for (const MetricBatch &batch : *batches)
            take(batch);
    } while (m_stream.hasMore());
    News news;
    for (; m_statesSeen < journal->entries.size(); ++m_statesSeen)
        news.states.push_back(std::move(journal->entries[m_statesSeen]));
    news.epochs = endedEpochs();
    return news;
}

void RunFollower::take(const MetricBatch &batch)
{
    if (batch.points.empty())
        return;
    summarize(m_record.metrics[batch.name], batch);
    if (batch.name == "train/loss")
        takeTrainLoss(batch.points);
    for (const MetricPoint &point : batch.points) {
        if (batch.name != "epoch" && batch.name != "val/loss" && batch.name != "val/accuracy")
            break;
        EpochResult &result = m_open[point.step];
        result.time = point.wallTime;
        if (batch.name == "epoch")
            result.epoch = std::llround(point.value);
        else
            (batch.name == "val/loss" ? result.loss : result.accuracy) = point.value;
    }
}

void RunFollower::takeTrainLoss(const std::vector<MetricPoint> &points)
{
    if (!m_firstStep)
        m_firstStep = points.front();
    if (!m_steps.empty())
        m_steps = {m_steps.back()};
    m_steps.insert(m_steps.end(), points.begin(), points.end());
}

std::vector<EpochResult> RunFollower::endedEpochs()
{
    std::vector<EpochResult> ended;
    while (!m_open.empty()) {
        auto &[step, result] = *m_open.begin();
        const bool isWhole = result.epoch > 0 && !std::isnan(result.accuracy);
        const bool isPast = hasEnded() || (!m_steps.empty() && m_steps.back().step > step);
        if (!isWhole && !isPast)
            break;
        m_epochsTold = result.epoch > 0 ? result.epoch : m_epochsTold + 1;
        result.epoch = m_epochsTold;
        const auto after = std::find_if(m_steps.begin(), m_steps.end(), [at = step](const MetricPoint &p) { return p.step > at; });
        if (after != m_steps.begin())
            result.trainLoss = std::prev(after)->value;
        ended.push_back(result);
        m_open.erase(m_open.begin());
    }
    return ended;
}

std::int64_t RunFollower::epoch() const
{
    const std::int64_t batchSize = std::atoll(m_record.job.param("batchsize").c_str());
    const std::int64_t samples = m_record.job.data.trainCount;
    if (m_steps.empty() || samples <= 0)
        return 0;
    const std::int64_t seen = std::max<std::int64_t>(0, m_steps.back().step - 1) * batchSize;
    return std::min(1 + seen / samples, std::max<std::int64_t>(1, epochs()));
}

std::int64_t RunFollower::epochs() const
{
    return std::atoll(m_record.job.param("epochs").c_str());
}

double RunFollower::last(const std::string &metric) const
{
    const auto found = m_record.metrics.find(metric);
    return found == m_record.metrics.end() ? std::nan("") : found->second.last;
}

std::optional<double> RunFollower::secondsLeft() const
{
    const std::int64_t total = m_record.totalSteps();
    if (!m_firstStep || total <= 0 || m_steps.back().step <= m_firstStep->step)
        return {};
    const double pace = (m_steps.back().wallTime - m_firstStep->wallTime) /
                        static_cast<double>(m_steps.back().step - m_firstStep->step);
    return std::max(0.0, pace * static_cast<double>(total - m_steps.back().step));
}

} // namespace bottega::cli
