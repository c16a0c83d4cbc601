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
    [[nodiscard]] virtual Result<void> cancel(const RunFolder &run) const = 0;
};

/// "local", the only kind so far. NotFound lists the targets there are.
[[nodiscard]] Result<std::unique_ptr<ComputeTarget>> findTarget(const std::string &name);
[[nodiscard]] std::vector<std::string> targetNames();

} // namespace bottega
