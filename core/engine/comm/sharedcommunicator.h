// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/engine/comm/communicator.h"

#include <memory>
#include <string>
#include <sys/types.h>

namespace bottega::engine {

struct RankBoard; // what lies in the shared memory

/// Ranks that are processes of one machine, forked from the one that becomes rank 0. They meet in memory that they inherit:
/// waiting spins a little, then sleeps, and looks every tenth of a second whether the others are still there.
/// Not thread safe.
class SharedCommunicator final : public Communicator
{
public:
    static constexpr int mostRanks = 64;

    /// In the process that becomes rank 0, before it forks.
    [[nodiscard]] static Result<std::unique_ptr<SharedCommunicator>> create(int ranks);
    ~SharedCommunicator() override;

    void becomeRank(int rank);             // in a forked child, before anything else
    void setProcess(int rank, pid_t pid);  // in rank 0, right after the fork

    [[nodiscard]] int rank() const override { return m_rank; }
    [[nodiscard]] int ranks() const override;
    void allReduceMean(std::span<float> values) override;
    void barrier() override;
    void check() override;

    /// Tells the other ranks why this one leaves: it is part of the exception that they get.
    void leave(const std::string &reason);

private:
    SharedCommunicator(RankBoard *board, std::size_t bytes) : m_board(board), m_bytes(bytes) {}

    [[nodiscard]] float *slot(int rank) const;
    void reduceChunk(std::span<float> values);
    void waitForOthers(unsigned generation);
    [[nodiscard]] bool isGone(int rank);
    [[noreturn]] void throwGone(int rank) const;

    RankBoard *m_board;
    std::size_t m_bytes;
    int m_rank = 0;
    int m_processes[mostRanks] = {}; // pidfd + 1 of the others once they were looked at, −1 where the kernel has none
};

} // namespace bottega::engine
