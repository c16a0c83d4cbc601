// SPDX-License-Identifier: Apache-2.0
#include "core/run/runstate.h"

#include <array>
#include <cstddef>

namespace bottega {

namespace {

constexpr std::array<std::string_view, 12> names = {
    "NotStarted", "Queued",    "Preparing", "Provisioning",    "Starting", "Running",
    "Finalizing", "Completed", "Failed",    "CancelRequested", "Canceled", "NotResponding",
};
static_assert(static_cast<std::size_t>(RunState::NotResponding) + 1 == names.size());

} // namespace

std::string_view runStateName(RunState state)
{
    return names[static_cast<std::size_t>(state)];
}

std::optional<RunState> runStateFromName(std::string_view name)
{
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] == name)
            return static_cast<RunState>(i);
    }
    return {};
}

bool isTerminal(RunState state)
{
    return state == RunState::Completed || state == RunState::Failed || state == RunState::Canceled;
}

} // namespace bottega
