// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/cli/command.h"

namespace bottega::cli {

/// Copies artifacts of a run out of the workspace.
class RunDownload final : public Command
{
public:
    RunDownload();
    [[nodiscard]] Result<int> execute(const Invocation &invocation, Console &console) const override;
};

} // namespace bottega::cli
