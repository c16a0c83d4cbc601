// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/cli/command.h"

namespace bottega::cli {

/// Starts a run, detached from this program, and follows it where --wait is given.
class RunSubmit final : public Command
{
public:
    RunSubmit();
    [[nodiscard]] Result<int> execute(const Invocation &invocation, Console &console) const override;
};

} // namespace bottega::cli
