// SPDX-License-Identifier: Apache-2.0
#include "core/engine/comm/sharedcommunicator.h"

#include "core/base/safename.h"
#include "core/base/spinpause.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bottega::engine {

namespace {

constexpr std::size_t chunk = 64 << 10; // floats that are exchanged at once
constexpr int spins = 2'000;
constexpr long lookInterval = 100'000'000; // nanoseconds

} // namespace

struct RankBoard
{
    struct Rank
    {
        std::atomic<pid_t> process = 0;
        std::atomic<bool> hasLeft = false;
        char reason[400] = {};
    };

    int ranks = 0;
    alignas(64) std::atomic<std::uint32_t> arrived = 0;
    alignas(64) std::atomic<std::uint32_t> generation = 0; // barriers passed
    std::atomic<int> gone = -1; // the rank that was missed first: those that leave because of it are not the cause
    alignas(64) Rank members[SharedCommunicator::mostRanks];
    // floats [ranks + 1, chunk] follow: each rank's, then the mean
};

static_assert(std::atomic<std::uint32_t>::is_always_lock_free, "a lock of one process is none for the others");

Result<std::unique_ptr<SharedCommunicator>> SharedCommunicator::create(int ranks)
{
    if (ranks < 1 || ranks > mostRanks)
        return fail(ErrorCode::Usage, "ranks=" + std::to_string(ranks) + ": 1 to " + std::to_string(mostRanks) +
                                          " processes can train together",
                    {}, "nothing was trained", "Lower --ranks");
    const std::size_t bytes = sizeof(RankBoard) + static_cast<std::size_t>(ranks + 1) * chunk * sizeof(float);
    void *memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return fail(systemError(errno, "There is no memory that the ranks could share", {}));
    auto *board = new (memory) RankBoard;
    board->ranks = ranks;
    board->members[0].process = ::getpid();
    return std::unique_ptr<SharedCommunicator>(new SharedCommunicator(board, bytes));
}

SharedCommunicator::~SharedCommunicator()
{
    for (const int process : m_processes) {
        if (process > 0)
            ::close(process - 1);
    }
    ::munmap(m_board, m_bytes);
}

void SharedCommunicator::becomeRank(int rank)
{
    ::prctl(PR_SET_PDEATHSIG, SIGKILL); // without rank 0 there is nothing to do
    if (::getppid() != m_board->members[0].process)
        ::_exit(1);
    m_rank = rank;
    m_board->members[rank].process = ::getpid();
}

void SharedCommunicator::setProcess(int rank, pid_t pid)
{
    m_board->members[rank].process = pid;
}

int SharedCommunicator::ranks() const
{
    return m_board->ranks;
}

float *SharedCommunicator::slot(int rank) const
{
    return reinterpret_cast<float *>(m_board + 1) + static_cast<std::size_t>(rank) * chunk;
}

void SharedCommunicator::allReduceMean(std::span<float> values)
{
    for (std::size_t at = 0; at < values.size(); at += chunk)
        reduceChunk(values.subspan(at, std::min(chunk, values.size() - at)));
}

/// Each rank sums its part of the chunk for all, in order of rank: every rank then copies the same bits.
void SharedCommunicator::reduceChunk(std::span<float> values)
{
    std::memcpy(slot(m_rank), values.data(), values.size_bytes());
    barrier();
    const auto all = static_cast<std::size_t>(ranks());
    const std::size_t begin = values.size() * static_cast<std::size_t>(m_rank) / all;
    const std::size_t end = values.size() * static_cast<std::size_t>(m_rank + 1) / all;
    float *mean = slot(ranks());
    for (std::size_t i = begin; i < end; ++i) {
        float sum = slot(0)[i];
        for (int rank = 1; rank < ranks(); ++rank)
            sum += slot(rank)[i];
        mean[i] = sum / static_cast<float>(ranks());
    }
    barrier();
    std::memcpy(values.data(), mean, values.size_bytes());
}

void SharedCommunicator::barrier()
{
    const std::uint32_t generation = m_board->generation.load(std::memory_order_relaxed);
    if (m_board->arrived.fetch_add(1, std::memory_order_acq_rel) + 1 < static_cast<std::uint32_t>(ranks()))
        return waitForOthers(generation);
    m_board->arrived.store(0, std::memory_order_relaxed);
    m_board->generation.store(generation + 1, std::memory_order_release);
    ::syscall(SYS_futex, &m_board->generation, FUTEX_WAKE, ranks(), nullptr, nullptr, 0);
}

void SharedCommunicator::waitForOthers(unsigned generation)
{
    const auto isOver = [&] { return m_board->generation.load(std::memory_order_acquire) != generation; };
    for (int i = 0; i < spins; ++i) {
        if (isOver())
            return;
        spinPause();
    }
    const timespec interval = {0, lookInterval};
    while (!isOver()) {
        ::syscall(SYS_futex, &m_board->generation, FUTEX_WAIT, generation, &interval, nullptr, 0);
        if (!isOver())
            check();
    }
}

void SharedCommunicator::check()
{
    if (m_board->gone >= 0)
        throwGone(m_board->gone);
    for (int rank = 0; rank < ranks(); ++rank) {
        if (rank != m_rank && isGone(rank))
            throwGone(rank);
    }
}

bool SharedCommunicator::isGone(int rank)
{
    const pid_t pid = m_board->members[rank].process;
    if (pid == 0) // not started yet
        return false;
    int &process = m_processes[rank];
    if (process == 0) {
        const auto fd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
        if (fd < 0 && errno == ESRCH)
            return true;
        process = fd < 0 ? -1 : fd + 1;
    }
    if (process > 0) {
        pollfd waiting = {process - 1, POLLIN, 0};
        return ::poll(&waiting, 1, 0) > 0;
    }
    siginfo_t info = {};
    if (m_rank == 0) // a child that nobody has waited for yet still has its number
        return ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == pid;
    return ::kill(pid, 0) != 0 && errno == ESRCH;
}

void SharedCommunicator::throwGone(int rank) const
{
    int first = -1;
    if (!m_board->gone.compare_exchange_strong(first, rank))
        rank = first;
    const RankBoard::Rank &member = m_board->members[rank];
    std::string text = "Rank " + std::to_string(rank) + " of " + std::to_string(ranks()) + " (process " +
                       std::to_string(member.process) + ") is gone";
    if (member.hasLeft)
        text += ": " + std::string(member.reason, ::strnlen(member.reason, sizeof member.reason));
    throw std::runtime_error(text);
}

void SharedCommunicator::leave(const std::string &reason)
{
    RankBoard::Rank &self = m_board->members[m_rank];
    std::strncpy(self.reason, printable(reason, 100).c_str(), sizeof self.reason - 1);
    self.hasLeft.store(true, std::memory_order_release);
    int none = -1;
    m_board->gone.compare_exchange_strong(none, m_rank);
}

} // namespace bottega::engine
