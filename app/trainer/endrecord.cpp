// SPDX-License-Identifier: Apache-2.0
#include "app/trainer/endrecord.h"

#include "core/base/atomicsave.h"
#include "core/base/clock.h"

#include <unistd.h>

namespace bottega::trainer {

namespace {

const char *stateName(int exitStatus)
{
    if (exitStatus == 0)
        return "Completed";
    return exitStatus > 128 ? "Canceled" : "Failed";
}

} // namespace

Json errorToJson(const Error &error)
{
    return {{"code", errorCodeName(error.code)},
            {"what", error.what},
            {"where", error.where},
            {"kept", error.kept},
            {"remedy", error.remedy}};
}

Result<void> writeEndRecord(const std::filesystem::path &runFolder, int attempt, int exitStatus, const Error *error,
                            const std::vector<std::string> &warnings)
{
    Json record = {{"attempt", attempt}, {"pid", ::getpid()}, {"exitStatus", exitStatus}, {"state", stateName(exitStatus)}};
    if (error)
        record["error"] = errorToJson(*error);
    if (!warnings.empty())
        record["warnings"] = warnings;
    record["time"] = wallTime();
    return saveAtomically(runFolder / "end.json", dumpJson(record) + "\n");
}

} // namespace bottega::trainer
