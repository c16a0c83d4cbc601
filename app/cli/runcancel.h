// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/cli/command.h"

namespace bottega::cli {

/// Asks a run to stop, and with --wait sees that it does.
class RunCancel final : public Command
{
public:
    RunCancel();
    [[nodiscard]] Result<int> execute(const Invocation &invocation, Console &console) const override;
};

} // namespace bottega::cli
