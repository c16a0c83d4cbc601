// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/run/runfolder.h"
#include "core/run/runstate.h"

#include <optional>
#include <string>
#include <vector>

namespace bottega {

/// What the work itself wrote about its end, in end.json: {"attempt","pid","exitStatus","state","error","warnings","time"}.
struct EndRecord
{
    int attempt = 1;
    int pid = 0;
    int exitStatus = 0;
    RunState state = RunState::Failed; // Completed, Failed or Canceled
    std::optional<Error> error;
    std::vector<std::string> warnings; // metrics or checkpoints that the disk refused
    double time = 0;                   // seconds since 1970
};

/// The record of this attempt and process; nothing where there is none, or one that cannot be read or is of another.
[[nodiscard]] std::optional<EndRecord> readEndRecord(const RunFolder &folder, int attempt, int pid);

} // namespace bottega
