// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/base/uniquefd.h"
#include "core/run/runfolder.h"

namespace bottega {

/// The run's folder by its real path. What is none, or isn't there, is an error of code NotFound.
[[nodiscard]] Result<RunFolder> openRunFolder(const std::filesystem::path &path);

/// Takes the run's agent.lock: whoever holds it is the run's one agent. Free again as soon as the holder is gone, however
/// it ended. Never waits; held by another is an error of code Exists.
[[nodiscard]] Result<UniqueFd> lockRun(const RunFolder &folder);

} // namespace bottega
