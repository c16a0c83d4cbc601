// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/storedrecord.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace bottega {

namespace {

template <class T>
concept Plain = std::is_arithmetic_v<T>;

class Packer
{
public:
    template <class... T>
    void all(const T &...values)
    {
        ((*this)(values), ...);
    }
    template <Plain T>
    void operator()(const T &value)
    {
        m_bytes.append(reinterpret_cast<const char *>(&value), sizeof value);
    }
    void operator()(const std::string &text)
    {
        (*this)(static_cast<std::uint32_t>(text.size()));
        m_bytes += text;
    }
    void operator()(const RunState &state) { (*this)(static_cast<std::uint8_t>(state)); }
    template <class T>
    void operator()(const std::vector<T> &items)
    {
        (*this)(static_cast<std::uint32_t>(items.size()));
        for (const T &item : items)
            fields(*this, item);
    }
    [[nodiscard]] std::string take() { return std::move(m_bytes); }

private:
    std::string m_bytes;
};

/// What does not fit leaves everything after it as it is.
class Unpacker
{
public:
    explicit Unpacker(std::string_view bytes) : m_bytes(bytes) {}

    template <class... T>
    void all(T &...values)
    {
        ((*this)(values), ...);
    }
    template <Plain T>
    void operator()(T &value)
    {
        if (const std::string_view bytes = next(sizeof value); !bytes.empty())
            std::memcpy(&value, bytes.data(), sizeof value);
    }
    void operator()(std::string &text)
    {
        std::uint32_t size = 0;
        (*this)(size);
        text = next(size);
    }
    void operator()(RunState &state)
    {
        std::uint8_t value = 0;
        (*this)(value);
        m_isWhole = m_isWhole && value <= static_cast<std::uint8_t>(RunState::NotResponding);
        if (m_isWhole)
            state = static_cast<RunState>(value);
    }
    template <class T>
    void operator()(std::vector<T> &items)
    {
        std::uint32_t count = 0;
        (*this)(count);
        m_isWhole = m_isWhole && count <= m_bytes.size();
        items.reserve(m_isWhole ? std::min<std::size_t>(count, 1000) : 0);
        for (std::uint32_t i = 0; i < count && m_isWhole; ++i)
            fields(*this, items.emplace_back());
    }
    [[nodiscard]] bool isDone() const { return m_isWhole && m_bytes.empty(); }

private:
    [[nodiscard]] std::string_view next(std::size_t count)
    {
        m_isWhole = m_isWhole && count <= m_bytes.size();
        if (!m_isWhole)
            return {};
        const std::string_view bytes = m_bytes.substr(0, count);
        m_bytes.remove_prefix(count);
        return bytes;
    }

    std::string_view m_bytes;
    bool m_isWhole = true;
};

/// T is const where it is packed: one list of the fields serves both ways.
template <class T, class Of>
concept Is = std::is_same_v<std::remove_const_t<T>, Of>;

template <class Way, Is<std::pair<std::string, std::string>> T>
void fields(Way &way, T &parameter)
{
    way.all(parameter.first, parameter.second);
}

template <class Way, Is<Job> T>
void fields(Way &way, T &job)
{
    way.all(job.runId, job.experiment, job.recipe, job.params);
    way.all(job.data.name, job.data.path, job.data.sha256, job.data.trainCount, job.data.testCount);
    way.all(job.target, job.gpu, job.device, job.threads, job.precision, job.resumeFrom, job.resumeCheckpoint);
    way.all(job.maxDurationSeconds, job.maxMemoryBytes, job.maxDiskBytes, job.createdAt, job.createdBy);
}

template <class Way, Is<RunStatus> T>
void fields(Way &way, T &status)
{
    way.all(status.state, status.evidence, status.since, status.started, status.ended);
    way.all(status.durationSeconds, status.attempts, status.damagedJournalLines, status.error);
}

template <class Way, Is<AttemptRecord> T>
void fields(Way &way, T &attempt)
{
    way.all(attempt.number, attempt.state, attempt.evidence, attempt.started, attempt.ended);
}

template <class Way, Is<MetricSummaries::Item> T>
void fields(Way &way, T &metric)
{
    auto &[name, summary] = metric;
    way.all(name, summary.last, summary.best, summary.bestStep, summary.lastStep, summary.count);
}

Json statusToJson(const RunStatus &status)
{
    return {{"state", runStateName(status.state)}, {"evidence", status.evidence},
            {"since", status.since},               {"started", status.started},
            {"ended", status.ended},               {"seconds", status.durationSeconds},
            {"attempts", status.attempts},
            {"damaged", status.damagedJournalLines}, {"error", status.error}};
}

Json metricsToJson(const MetricSummaries &metrics)
{
    Json object = Json::object();
    for (const auto &[name, summary] : metrics)
        object[name] = {jsonNumber(summary.last), jsonNumber(summary.best), summary.bestStep, summary.lastStep,
                        summary.count};
    return object;
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

} // namespace

std::string packRecord(const RunRecord &record)
{
    Packer pack;
    fields(pack, record.job);
    fields(pack, record.status);
    pack(record.attempts);
    pack(std::vector<MetricSummaries::Item>(record.metrics.begin(), record.metrics.end()));
    return pack.take();
}

std::optional<RunRecord> unpackRecord(const std::string &id, std::string_view bytes)
{
    Unpacker unpack(bytes);
    RunRecord record;
    std::vector<MetricSummaries::Item> metrics;
    record.id = id;
    fields(unpack, record.job);
    fields(unpack, record.status);
    unpack(record.attempts);
    unpack(metrics);
    if (!unpack.isDone())
        return {};
    record.metrics = MetricSummaries(std::move(metrics));
    return record;
}

Json storedRecordToJson(const RunRecord &record)
{
    return {{"job", jobToJson(record.job)},
            {"status", statusToJson(record.status)},
            {"attempts", attemptsToJson(record.attempts)},
            {"metrics", metricsToJson(record.metrics)}};
}

} // namespace bottega
