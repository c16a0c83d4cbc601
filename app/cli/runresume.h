// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/cli/command.h"

namespace bottega::cli {

class RunResume final : public Command
{
public:
    RunResume();

    [[nodiscard]] Result<int> execute(const Invocation &invocation, Console &console) const override;
};

} // namespace bottega::cli
