// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/backend.h"
#include "core/engine/backend/cpu/instructionset.h"
#include "core/engine/backend/cpu/team.h"

namespace bottega::engine {

/// Vectorised kernels of one instruction set on a team of threads. Results are the same bits for any number of threads, on
/// every processor that has the set, whatever the batch a sample is in. Numbers below 1.2e-38 count as zero.
class CpuBackend final : public HostBackend
{
public:
    explicit CpuBackend(const cpu::InstructionSet &set = cpu::instructionSets().front(), int threads = 1);

    [[nodiscard]] std::string name() const override;
    [[nodiscard]] std::string description() const override;
    [[nodiscard]] int threads() const { return m_team.size(); }

    [[nodiscard]] std::unique_ptr<Plan> compile(Program program) override;
    [[nodiscard]] std::size_t stepsAtOnce() const override { return 16; } // so that the next pictures are known

private:
    cpu::InstructionSet m_set;
    cpu::Team m_team;
};

} // namespace bottega::engine
