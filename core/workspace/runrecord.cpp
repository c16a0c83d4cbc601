// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/runrecord.h"

#include "core/base/clock.h"
#include "core/workspace/modelstore.h"
#include "core/workspace/runmetrics.h"
#include "core/workspace/runtracker.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <tuple>

namespace bottega {

namespace {

Json timeOrNull(double seconds)
{
    return seconds > 0 ? Json(isoTime(seconds)) : Json();
}

Json textOrNull(const std::string &text)
{
    return text.empty() ? Json() : Json(text);
}

Json attemptsToJson(const std::vector<AttemptRecord> &attempts)
{
    Json list = Json::array();
    for (const AttemptRecord &attempt : attempts)
        list.push_back({{"attempt", attempt.number},
                        {"state", runStateName(attempt.state)},
                        {"evidence", attempt.evidence},
                        {"started", timeOrNull(attempt.started)},
                        {"ended", timeOrNull(attempt.ended)}});
    return list;
}

Json artifactsToJson(const std::vector<Artifact> &artifacts)
{
    Json list = Json::array();
    for (const Artifact &artifact : artifacts)
        list.push_back({{"path", artifact.path}, {"size", artifact.size}});
    return list;
}

Json metricsToJson(const MetricSummaries &metrics)
{
    Json object = Json::object();
    for (const auto &[name, summary] : metrics)
        object[name] = {{"last", jsonNumber(summary.last)},
                        {"best", jsonNumber(summary.best)},
                        {"bestStep", summary.bestStep},
                        {"lastStep", summary.lastStep},
                        {"count", summary.count}};
    return object;
}

} // namespace

double RunRecord::durationSeconds(double now) const
{
    if (status.started <= 0)
        return 0;
    if (status.readAt > 0)
        return status.durationSeconds + std::max(0.0, steadyTime() - status.readAt);
    if (status.durationSeconds > 0)
        return status.durationSeconds;
    return std::max(0.0, (status.ended > 0 ? status.ended : now) - status.started);
}

double RunRecord::progress() const
{
    if (status.state == RunState::Completed)
        return 1;
    const auto loss = metrics.find("train/loss");
    const std::int64_t total = totalSteps();
    if (loss == metrics.end() || total <= 0)
        return 0;
    return std::clamp(static_cast<double>(loss->second.lastStep) / static_cast<double>(total), 0.0, 1.0);
}

std::int64_t RunRecord::totalSteps() const
{
    const double epochs = std::atof(job.param("epochs").c_str());
    const double batch = std::atof(job.param("batchsize").c_str());
    const double samples = static_cast<double>(job.data.trainCount) * epochs;
    return batch >= 1 && samples > 0 && samples < 1e15 ? static_cast<std::int64_t>(std::ceil(samples / batch)) : 0;
}

void sortNewestFirst(std::vector<RunRecord> &records)
{
    std::sort(records.begin(), records.end(), [](const RunRecord &a, const RunRecord &b) {
        return std::tie(a.job.createdAt, a.id) > std::tie(b.job.createdAt, b.id);
    });
}

Result<RunRecord> readRunRecord(const RunFolder &folder)
{
    constexpr std::uint64_t portion = std::uint64_t{64} << 20; // of the event files: only their summary is kept
    RunTracker tracker(folder, columnCacheOf(folder));
    do {
        if (auto news = tracker.poll(portion); !news)
            return fail(news.error());
    } while (tracker.hasMore());
    RunRecord record = tracker.record();
    if (auto artifacts = folder.artifacts())
        record.artifacts = std::move(*artifacts);
    ModelLookup models(folder.root().parent_path().parent_path() / "models");
    models.refresh();
    record.model = models.of(record.id);
    return record;
}

Json runRecordToJson(const RunRecord &record)
{
    return {{"id", record.id},
            {"experiment", record.job.experiment},
            {"state", runStateName(record.status.state)},
            {"evidence", record.status.evidence},
            {"since", timeOrNull(record.status.since)},
            {"target", record.job.target},
            {"attempts", attemptsToJson(record.attempts)},
            {"job", jobToJson(record.job)},
            {"created", timeOrNull(record.job.createdAt)},
            {"started", timeOrNull(record.status.started)},
            {"ended", timeOrNull(record.status.ended)},
            {"durationSeconds", record.durationSeconds(wallTime())},
            {"progress", record.progress()},
            {"error", textOrNull(record.status.error)},
            {"artifacts", artifactsToJson(record.artifacts)},
            {"metrics", metricsToJson(record.metrics)},
            {"model", textOrNull(record.model)}};
}

} // namespace bottega
