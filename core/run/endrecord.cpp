// SPDX-License-Identifier: Apache-2.0
#include "core/run/endrecord.h"

#include "core/base/json.h"

namespace bottega {

namespace {

std::optional<Error> errorFromJson(const Json &json)
{
    const auto found = json.find("error");
    if (found == json.end() || !found->is_object())
        return {};
    Error error;
    if (stringMember(*found, "code") == errorCodeName(ErrorCode::DiskFull)) // the one that a reader acts on
        error.code = ErrorCode::DiskFull;
    error.what = stringMember(*found, "what");
    error.where = stringMember(*found, "where");
    error.kept = stringMember(*found, "kept");
    error.remedy = stringMember(*found, "remedy");
    if (error.what.empty())
        return {};
    return error;
}

} // namespace

std::optional<EndRecord> readEndRecord(const RunFolder &folder, int attempt, int pid)
{
    const auto json = readJsonObject(folder.file("end.json"));
    if (!json)
        return {};
    EndRecord record;
    record.attempt = static_cast<int>(integerMember(*json, "attempt"));
    record.pid = static_cast<int>(integerMember(*json, "pid"));
    record.exitStatus = static_cast<int>(integerMember(*json, "exitStatus", -1));
    record.time = numberMember(*json, "time");
    record.error = errorFromJson(*json);
    if (const auto warnings = json->find("warnings"); warnings != json->end() && warnings->is_array()) {
        for (const Json &warning : *warnings)
            record.warnings.push_back(warning.is_string() ? warning.get<std::string>() : std::string());
    }
    const auto state = runStateFromName(stringMember(*json, "state"));
    if (!state || !isTerminal(*state) || record.attempt != attempt || record.pid != pid)
        return {};
    record.state = *state;
    return record;
}

} // namespace bottega
