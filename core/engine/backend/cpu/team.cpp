// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cpu/team.h"

#include "core/base/processors.h"
#include "core/base/spinpause.h"

#include <algorithm>
#include <cstdlib>

namespace bottega::engine::cpu {

namespace {

constexpr int spins = 2'000; // some tens of microseconds

void waitForChange(const std::atomic<std::uint32_t> &value, std::uint32_t from)
{
    for (int i = 0; i < spins; ++i) {
        if (value.load(std::memory_order_acquire) != from)
            return;
        spinPause();
    }
    value.wait(from, std::memory_order_acquire);
}

int slots(int most)
{
    const char *text = std::getenv("BOTTEGA_CPU_SLOTS");
    const int count = text ? std::atoi(text) : 0;
    return count > 0 ? count : most;
}

} // namespace

Team::Team(int size)
{
    for (int worker = 1; worker < size; ++worker)
        m_threads.emplace_back(&Team::work, this, worker);
}

Team::~Team()
{
    m_job = nullptr;
    m_started.fetch_add(1, std::memory_order_release);
    m_started.notify_all();
    for (std::thread &thread : m_threads)
        thread.join();
}

void Team::run(const std::function<void(int)> &job)
{
    if (m_threads.empty())
        return job(0);
    m_job = &job;
    const std::uint32_t finished = m_finished.load(std::memory_order_relaxed);
    m_started.fetch_add(1, std::memory_order_release);
    m_started.notify_all();
    job(0);
    arrive(m_leaving, m_finished);
    waitForChange(m_finished, finished);
}

void Team::barrier()
{
    if (m_threads.empty())
        return;
    const std::uint32_t passed = m_passed.load(std::memory_order_relaxed);
    arrive(m_arrived, m_passed);
    waitForChange(m_passed, passed);
}

/// The last one to come opens the gate for all.
void Team::arrive(std::atomic<std::uint32_t> &count, std::atomic<std::uint32_t> &generation)
{
    if (count.fetch_add(1, std::memory_order_acq_rel) + 1 < static_cast<std::uint32_t>(size()))
        return;
    count.store(0, std::memory_order_relaxed);
    generation.fetch_add(1, std::memory_order_release);
    generation.notify_all();
}

void Team::work(int worker)
{
    for (std::uint32_t started = 0;; ++started) {
        waitForChange(m_started, started);
        if (!m_job)
            return;
        (*m_job)(worker);
        arrive(m_leaving, m_finished);
    }
}

int availableThreads()
{
    const int most = usableProcessors();
    return std::min(most, slots(most));
}

} // namespace bottega::engine::cpu
