// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/cli/command.h"

namespace bottega::cli {

/// Moves an ended run to the trash, or removes it.
class RunDelete final : public Command
{
public:
    RunDelete();
    [[nodiscard]] Result<int> execute(const Invocation &invocation, Console &console) const override;
};

} // namespace bottega::cli
