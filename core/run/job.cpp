// SPDX-License-Identifier: Apache-2.0
#include "core/run/job.h"

#include <algorithm>

namespace bottega {

namespace {

constexpr int formatVersion = 1;

Json dataToJson(const JobData &data)
{
    return {{"name", data.name},
            {"path", data.path},
            {"sha256", data.sha256},
            {"trainCount", data.trainCount},
            {"testCount", data.testCount}};
}

JobData dataFromJson(const Json &json)
{
    return {stringMember(json, "name"), stringMember(json, "path"), stringMember(json, "sha256"),
            integerMember(json, "trainCount"), integerMember(json, "testCount")};
}

tl::unexpected<Error> damaged(const std::string &what, const std::string &where)
{
    return fail(ErrorCode::Corrupt, what, where, "the run's other files are untouched",
                "Restore the file from a copy, or delete the run");
}

Result<std::vector<std::pair<std::string, std::string>>> paramsFromJson(const Json &json, const std::string &where)
{
    if (!json.is_object())
        return damaged("“params” should be an object", where);
    std::vector<std::pair<std::string, std::string>> params;
    for (const auto &[name, value] : json.items()) {
        if (!value.is_string())
            return damaged("The parameter “" + name + "” should be a text", where);
        params.emplace_back(name, value.get<std::string>());
    }
    return params;
}

} // namespace

std::string Job::param(const std::string &name, const std::string &fallback) const
{
    for (const auto &[key, value] : params) {
        if (key == name)
            return value;
    }
    return fallback;
}

Json jobToJson(const Job &job)
{
    Json params = Json::object();
    for (const auto &[name, value] : job.params)
        params[name] = value;
    Json json = {{"format", formatVersion},
                 {"runId", job.runId},
                 {"experiment", job.experiment},
                 {"recipe", job.recipe},
                 {"params", std::move(params)},
                 {"data", dataToJson(job.data)},
                 {"target", job.target},
                 {"gpu", job.gpu},
                 {"device", job.device},
                 {"threads", job.threads},
                 {"resumeFrom", job.resumeFrom},
                 {"resumeCheckpoint", job.resumeCheckpoint},
                 {"maxDurationSeconds", job.maxDurationSeconds},
                 {"createdAt", job.createdAt},
                 {"createdBy", job.createdBy}};
    if (job.precision != Job().precision)
        json["precision"] = job.precision;
    if (job.maxMemoryBytes > 0)
        json["maxMemoryBytes"] = job.maxMemoryBytes;
    if (job.maxDiskBytes > 0)
        json["maxDiskBytes"] = job.maxDiskBytes;
    return json;
}

Result<Job> jobFromJson(const Json &json, const std::string &where)
{
    if (!json.is_object())
        return damaged("The job should be a JSON object", where);
    if (integerMember(json, "format", formatVersion) > formatVersion)
        return fail(ErrorCode::Unsupported,
                    "The run was made by a newer version, " + stringMember(json, "createdBy", "unknown"), where,
                    "nothing was changed", "Open it with that version or a later one");
    Job job;
    job.runId = stringMember(json, "runId");
    job.recipe = stringMember(json, "recipe");
    if (job.runId.empty() || job.recipe.empty())
        return damaged("“runId” and “recipe” should be texts", where);
    if (const auto found = json.find("params"); found != json.end()) {
        auto params = paramsFromJson(*found, where);
        if (!params)
            return fail(params.error());
        job.params = std::move(*params);
    }
    if (const auto found = json.find("data"); found != json.end() && found->is_object())
        job.data = dataFromJson(*found);
    job.experiment = stringMember(json, "experiment");
    job.target = stringMember(json, "target", "local");
    job.gpu = stringMember(json, "gpu", "auto");
    job.device = stringMember(json, "device", "auto");
    job.threads = static_cast<int>(std::clamp<std::int64_t>(integerMember(json, "threads"), 0, 65'536));
    job.precision = stringMember(json, "precision", job.precision);
    job.resumeFrom = stringMember(json, "resumeFrom");
    job.resumeCheckpoint = stringMember(json, "resumeCheckpoint");
    job.maxDurationSeconds = numberMember(json, "maxDurationSeconds");
    job.maxMemoryBytes = static_cast<std::uint64_t>(std::max<std::int64_t>(0, integerMember(json, "maxMemoryBytes")));
    job.maxDiskBytes = static_cast<std::uint64_t>(std::max<std::int64_t>(0, integerMember(json, "maxDiskBytes")));
    job.createdAt = numberMember(json, "createdAt");
    job.createdBy = stringMember(json, "createdBy");
    return job;
}

} // namespace bottega
