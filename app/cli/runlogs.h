// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/cli/command.h"

namespace bottega::cli {

/// What a run's script printed, so far or as it goes on.
class RunLogs final : public Command
{
public:
    RunLogs();
    [[nodiscard]] Result<int> execute(const Invocation &invocation, Console &console) const override;
};

} // namespace bottega::cli
