// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace bottega::engine::cpu {

/// Threads that work on one job together; the caller is worker 0. Waiting spins a little, since the others are rarely more
/// than some microseconds behind, and then sleeps: endless spinning can keep two workers on one core.
class Team
{
public:
    explicit Team(int size); // at least 1
    ~Team();                 // waits for nobody: no job is running then

    [[nodiscard]] int size() const { return static_cast<int>(m_threads.size()) + 1; }

    /// Calls job(worker) on every worker and returns when all are back. `job` must not throw.
    void run(const std::function<void(int)> &job);

    /// Within a job: returns when every worker has come here.
    void barrier();

private:
    void work(int worker);
    void arrive(std::atomic<std::uint32_t> &count, std::atomic<std::uint32_t> &generation);

    std::vector<std::thread> m_threads;
    const std::function<void(int)> *m_job = nullptr; // null when a job begins: the end
    std::atomic<std::uint32_t> m_started = 0;  // jobs begun
    std::atomic<std::uint32_t> m_finished = 0; // jobs that all workers left
    std::atomic<std::uint32_t> m_leaving = 0;
    std::atomic<std::uint32_t> m_arrived = 0;
    std::atomic<std::uint32_t> m_passed = 0; // barriers that all workers passed
};

/// How many threads this process may use: processors of its affinity mask, its control group's share, and, where it is
/// set, the number in $BOTTEGA_CPU_SLOTS. At least 1.
[[nodiscard]] int availableThreads();

} // namespace bottega::engine::cpu
