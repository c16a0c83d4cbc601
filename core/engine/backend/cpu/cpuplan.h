// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/backend.h"
#include "core/engine/backend/cpu/tasks.h"
#include "core/engine/backend/cpu/team.h"

#include <cstdint>
#include <exception>
#include <mutex>
#include <vector>

namespace bottega::engine::cpu {

/// A program as phases of tasks. Within a phase each worker takes its own blocks of samples through all tasks, block by
/// block, or its own rows of each task; between phases all workers meet. A network without batch norm has two phases a step.
class CpuPlan final : public Plan
{
public:
    CpuPlan(Program program, const Kernels &kernels, Team &team);

    void run(std::span<const StepInputs> steps, const StepDone &done) override;

private:
    struct Phase
    {
        Split split;
        std::vector<Task> tasks;
    };

    void runStep(const StepInputs &step);
    void runPhase(const Phase &phase, const StepInputs &step, int worker);
    void prefetch(const StepInputs &next, int worker) const;

    const Program m_program;
    TaskMaker m_maker; // owns scratch tensors
    Team &m_team;
    std::vector<Phase> m_phases;
    const ops::Gather *m_gather = nullptr; // where the program begins with pictures
    const Tensor *m_losses = nullptr;
    const StepInputs *m_next = nullptr;
    std::mutex m_failureLock;
    std::exception_ptr m_failure; // of a worker; told when all are back
};

} // namespace bottega::engine::cpu
