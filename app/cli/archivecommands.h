// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/cli/command.h"

namespace bottega::cli {

class WorkspaceExport final : public Command
{
public:
    WorkspaceExport();
    [[nodiscard]] Result<int> execute(const Invocation &invocation, Console &console) const override;
};

class WorkspaceImport final : public Command
{
public:
    WorkspaceImport();
    [[nodiscard]] Result<int> execute(const Invocation &invocation, Console &console) const override;
};

class WorkspaceTrust final : public Command
{
public:
    WorkspaceTrust();
    [[nodiscard]] Result<int> execute(const Invocation &invocation, Console &console) const override;
};

} // namespace bottega::cli
