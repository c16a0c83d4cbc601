// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/cli/command.h"

namespace bottega::cli {

/// Makes a known data set ready: from the machine where it is at hand, else by download.
class DataGet final : public Command
{
public:
    DataGet();
    [[nodiscard]] Result<int> execute(const Invocation &invocation, Console &console) const override;
};

} // namespace bottega::cli
