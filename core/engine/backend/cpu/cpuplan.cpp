// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cpu/cpuplan.h"

#include <utility>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace bottega::engine::cpu {

namespace {

/// Velocities of idle weights fade into denormals, which some processors handle a hundred times slower.
class FlushDenormals
{
public:
#if defined(__SSE2__)
    FlushDenormals() : m_mode(_mm_getcsr()) { _mm_setcsr(m_mode | _MM_FLUSH_ZERO_ON | _MM_DENORMALS_ZERO_ON); }
    ~FlushDenormals() { _mm_setcsr(m_mode); }

private:
    unsigned m_mode;
#else
    FlushDenormals() {}
#endif
    FlushDenormals(const FlushDenormals &) = delete;
    FlushDenormals &operator=(const FlushDenormals &) = delete;
};

/// The worker's part of `count`: all parts together are the whole, whatever the number of workers.
std::pair<std::int64_t, std::int64_t> share(std::int64_t count, int worker, int workers)
{
    return {count * worker / workers, count * (worker + 1) / workers};
}

const Tensor *lossesOf(const Op &op)
{
    const auto *loss = std::get_if<ops::SoftmaxCrossEntropy>(&op);
    return loss ? loss->losses : nullptr;
}

} // namespace

CpuPlan::CpuPlan(Program program, const Kernels &kernels, Team &team)
    : m_program(std::move(program))
    , m_maker(kernels)
    , m_team(team)
{
    for (const Op &op : m_program) {
        check(op);
        if (lossesOf(op))
            m_losses = lossesOf(op);
        if (const auto *gather = std::get_if<ops::Gather>(&op))
            m_gather = gather;
    }
    for (Task &task : m_maker.make(m_program)) {
        if (m_phases.empty() || m_phases.back().split != task.split)
            m_phases.push_back({task.split, {}});
        m_phases.back().tasks.push_back(std::move(task));
    }
}

void CpuPlan::run(std::span<const StepInputs> steps, const StepDone &done)
{
    for (const StepInputs &step : steps)
        checkStep(m_program, step);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        m_next = i + 1 < steps.size() ? &steps[i + 1] : nullptr;
        runStep(steps[i]);
        if (done && !done(i, m_losses ? meanLoss(*m_losses) : 0))
            return;
    }
}

void CpuPlan::runStep(const StepInputs &step)
{
    m_team.run([this, &step](int worker) {
        const FlushDenormals guard;
        for (std::size_t i = 0; i < m_phases.size(); ++i) {
            if (i > 0)
                m_team.barrier();
            runPhase(m_phases[i], step, worker);
        }
    });
    if (m_failure)
        std::rethrow_exception(std::exchange(m_failure, nullptr));
}

void CpuPlan::runPhase(const Phase &phase, const StepInputs &step, int worker)
{
    try {
        if (phase.split == Split::Samples) {
            const auto [begin, end] = share(phase.tasks.front().extent, worker, m_team.size());
            for (std::int64_t b = begin; b < end; ++b) {
                for (const Task &task : phase.tasks)
                    task.run(step, b, b + 1);
            }
            if (m_next && m_gather)
                prefetch(*m_next, worker);
            return;
        }
        for (const Task &task : phase.tasks) {
            const auto [begin, end] = phase.split == Split::Rows ? share(task.extent, worker, m_team.size())
                                                                 : std::pair<std::int64_t, std::int64_t>(0, worker == 0);
            if (begin < end)
                task.run(step, begin, end);
        }
    } catch (...) {
        const std::lock_guard lock(m_failureLock);
        m_failure = std::current_exception();
    }
}

/// The next step's pictures lie scattered over the data set: they come from memory while the weights are worked on.
void CpuPlan::prefetch(const StepInputs &next, int worker) const
{
    const std::int64_t features = m_gather->samples->features();
    const auto [begin, end] = share(static_cast<std::int64_t>(next.indices.size()), worker, m_team.size());
    for (std::int64_t n = begin; n < end; ++n) {
        const std::uint8_t *picture = m_gather->samples->pixels.get() + next.indices[static_cast<std::size_t>(n)] * features;
        for (std::int64_t at = 0; at < features; at += 64)
            __builtin_prefetch(picture + at, 0, 2);
    }
}

} // namespace bottega::engine::cpu
