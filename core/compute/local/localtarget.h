// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/compute/target.h"

#include <filesystem>

namespace bottega {

/// This machine. The agent is started in a session of its own, with no open descriptor of ours, so that it outlives us.
class LocalTarget final : public ComputeTarget
{
public:
    [[nodiscard]] std::string name() const override { return "local"; }
    [[nodiscard]] Json describe() const override;
    [[nodiscard]] std::string warning() const override;
    [[nodiscard]] Result<void> launch(const RunFolder &run) const override;
    [[nodiscard]] Result<void> resume(const RunFolder &run) const override;
    [[nodiscard]] Result<void> adopt(const std::vector<RunFolder> &runs) const override;
    [[nodiscard]] Result<void> cancel(const RunFolder &run) const override;
};

/// bottega-agent or bottega-trainer: beside this program, or in ../libexec/bottega, or $BOTTEGA_LIBEXEC.
[[nodiscard]] Result<std::filesystem::path> findTool(const std::string &name);

} // namespace bottega
