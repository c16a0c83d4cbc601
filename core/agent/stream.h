// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <vector>

namespace bottega {

/// Sends what is new in many run folders over `output`, in the frames of core/run/streamevent.h, until `input` ends, says
/// {"quit": true}, or nobody reads any more. The folders are runs 0, 1, … of which nothing is known; `input` has a JSON
/// object a line: {"add": {"run", "folder", "files": {NAME: {"offset", "identity"}}}}, {"remove": {"run"}}. In each round
/// states and metrics of all runs come before logs' floods: of a log only a portion is sent at once. Blocks on a full pipe
/// with flat memory; costs nothing while nothing happens, where the kernel tells of changes, else a look a second. A line
/// that is no such request is an error of code Usage.
[[nodiscard]] Result<void> streamRuns(const std::vector<std::filesystem::path> &runFolders, int input, int output);

} // namespace bottega
