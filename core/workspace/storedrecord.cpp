// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/storedrecord.h"

namespace bottega {

namespace {

Json statusToJson(const RunStatus &status)
{
    return {{"state", runStateName(status.state)}, {"evidence", status.evidence},
            {"since", status.since},               {"started", status.started},
            {"ended", status.ended},               {"seconds", status.durationSeconds},
            {"attempts", status.attempts},
            {"damaged", status.damagedJournalLines}, {"error", status.error}};
}

RunStatus statusFromJson(const Json &json)
{
    RunStatus status;
    status.state = runStateFromName(stringMember(json, "state")).value_or(RunState::NotStarted);
    status.evidence = stringMember(json, "evidence");
    status.since = numberMember(json, "since");
    status.started = numberMember(json, "started");
    status.ended = numberMember(json, "ended");
    status.durationSeconds = numberMember(json, "seconds");
    status.attempts = static_cast<int>(integerMember(json, "attempts"));
    status.damagedJournalLines = static_cast<int>(integerMember(json, "damaged"));
    status.error = stringMember(json, "error");
    return status;
}

Json metricsToJson(const std::map<std::string, MetricSummary> &metrics)
{
    Json object = Json::object();
    for (const auto &[name, summary] : metrics)
        object[name] = {jsonNumber(summary.last), jsonNumber(summary.best), summary.bestStep, summary.lastStep,
                        summary.count};
    return object;
}

std::map<std::string, MetricSummary> metricsFromJson(const Json &json)
{
    std::map<std::string, MetricSummary> metrics;
    for (const auto &[name, values] : json.items()) {
        if (!values.is_array() || values.size() != 5)
            continue;
        const auto number = [&values](std::size_t i) { return numberFromJson(values[i]).value_or(0); };
        metrics[name] = {number(0), number(1), static_cast<std::int64_t>(number(2)),
                         static_cast<std::int64_t>(number(3)), static_cast<std::uint64_t>(number(4))};
    }
    return metrics;
}

Json attemptsToJson(const std::vector<AttemptRecord> &attempts)
{
    Json list = Json::array();
    for (const AttemptRecord &attempt : attempts)
        list.push_back({{"number", attempt.number},
                        {"state", runStateName(attempt.state)},
                        {"evidence", attempt.evidence},
                        {"started", attempt.started},
                        {"ended", attempt.ended}});
    return list;
}

std::vector<AttemptRecord> attemptsFromJson(const Json &json)
{
    std::vector<AttemptRecord> attempts;
    for (const Json &item : json) {
        if (!item.is_object())
            continue;
        attempts.push_back({static_cast<int>(integerMember(item, "number", 1)),
                            runStateFromName(stringMember(item, "state")).value_or(RunState::NotStarted),
                            stringMember(item, "evidence"), numberMember(item, "started"),
                            numberMember(item, "ended")});
    }
    return attempts;
}

} // namespace

Json recordToStored(const RunRecord &record)
{
    return {{"job", jobToJson(record.job)},
            {"status", statusToJson(record.status)},
            {"attempts", attemptsToJson(record.attempts)},
            {"metrics", metricsToJson(record.metrics)}};
}

Result<RunRecord> recordFromStored(const std::string &id, const std::string &text)
{
    const auto json = parseJson(text, "index");
    if (!json)
        return fail(json.error());
    const auto part = [&](const char *key) { return json->is_object() ? json->value(key, Json()) : Json(); };
    auto job = jobFromJson(part("job"), "index");
    if (!job)
        return fail(job.error());
    const Json status = part("status");
    if (!status.is_object())
        return fail(ErrorCode::Corrupt, "The index holds a damaged record", id);
    RunRecord record;
    record.id = id;
    record.job = std::move(*job);
    record.status = statusFromJson(status);
    record.attempts = attemptsFromJson(part("attempts"));
    record.metrics = metricsFromJson(part("metrics"));
    return record;
}

} // namespace bottega
