// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <string>
#include <vector>

namespace bottega {

/// Starts a program that outlives us: a session of its own, working directory "/", default signals, no descriptor of
/// ours; stdin is /dev/null, stdout and stderr are appended to `log`. Returns once the program really runs, or with the
/// reason why it doesn't. It is nobody's child of ours, so it leaves no zombie. `arguments[0]` is the program's path.
[[nodiscard]] Result<void> launchDetached(const std::vector<std::string> &arguments, const std::filesystem::path &log);

} // namespace bottega
