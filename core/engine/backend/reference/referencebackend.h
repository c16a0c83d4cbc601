// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/backend.h"

namespace bottega::engine {

/// Plain loops with sums in double, one operation after the other: the oracle that every other backend is
/// held against. Never tuned.
class ReferenceBackend final : public HostBackend
{
public:
    [[nodiscard]] std::string name() const override { return "reference"; }
    [[nodiscard]] std::string description() const override { return "plain loops, for checking the others"; }
    [[nodiscard]] std::unique_ptr<Plan> compile(Program program) override;
};

} // namespace bottega::engine
