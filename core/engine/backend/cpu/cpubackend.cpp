// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cpu/cpubackend.h"

#include "core/engine/backend/cpu/cpuplan.h"

#include <algorithm>

namespace bottega::engine {

CpuBackend::CpuBackend(const cpu::InstructionSet &set, int threads) : m_set(set), m_team(std::max(1, threads)) {}

std::string CpuBackend::name() const
{
    return "cpu:" + std::string(m_set.name);
}

std::string CpuBackend::description() const
{
    return "CPU, " + std::string(m_set.title) + ", " + std::to_string(threads()) +
           (threads() == 1 ? " thread" : " threads");
}

std::unique_ptr<Plan> CpuBackend::compile(Program program)
{
    return std::make_unique<cpu::CpuPlan>(std::move(program), *m_set.kernels, m_team);
}

} // namespace bottega::engine
