// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace bottega {

enum class RunState {
    NotStarted,
    Queued,
    Preparing,
    Provisioning,
    Starting,
    Running,
    Finalizing,
    Completed,
    Failed,
    CancelRequested,
    Canceled,
    NotResponding,
};

/// As in the journal and on the command line: "NotStarted", … "NotResponding".
[[nodiscard]] std::string_view runStateName(RunState state);
[[nodiscard]] std::optional<RunState> runStateFromName(std::string_view name);

/// Completed, Failed or Canceled: nothing follows within the attempt.
[[nodiscard]] bool isTerminal(RunState state);

} // namespace bottega
