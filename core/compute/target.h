// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/run/runfolder.h"

#include <memory>
#include <string>
#include <vector>

namespace bottega {

/// A place where jobs run. All calls may block; none keeps state between calls.
class ComputeTarget
{
public:
    virtual ~ComputeTarget() = default;

    [[nodiscard]] virtual std::string name() const = 0;
    [[nodiscard]] virtual Json describe() const = 0;                         // CPUs, memory, GPUs: the card
    [[nodiscard]] virtual Result<void> launch(const RunFolder &run) const = 0; // starts the agent, detached
    [[nodiscard]] virtual Result<void> resume(const RunFolder &run) const = 0; // the same for a next attempt
    /// What may end a run there before its work is done, and how to prevent it, in words for before the launch; or empty.
    [[nodiscard]] virtual std::string warning() const = 0;
    /// Starts agents, detached, for runs that have lost theirs.
    [[nodiscard]] virtual Result<void> adopt(const std::vector<RunFolder> &runs) const = 0;
    [[nodiscard]] virtual Result<void> cancel(const RunFolder &run) const = 0;
};

/// "local", the only kind so far. NotFound lists the targets there are.
[[nodiscard]] Result<std::unique_ptr<ComputeTarget>> findTarget(const std::string &name);
[[nodiscard]] std::vector<std::string> targetNames();

} // namespace bottega
