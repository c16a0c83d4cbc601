// SPDX-License-Identifier: Apache-2.0
#include "app/trainer/ranks.h"

#include "core/engine/comm/sharedcommunicator.h"
#include "core/engine/guard.h"

#include <cerrno>
#include <csignal>
#include <ctime>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace bottega::trainer {

namespace {

constexpr int patience = 500; // times 10 ms: nothing is left to do for them

using Work = std::function<Result<int>(engine::Communicator &)>;

Result<int> runRank(engine::SharedCommunicator &communicator, const Work &work)
{
    auto status = engine::guarded([&] {
        auto done = work(communicator);
        if (done)
            communicator.barrier(); // else others would take who is done for one that is gone
        return done;
    });
    if (!status)
        communicator.leave(status.error().what);
    return status;
}

/// The processes that rank 0 has forked; none of them outlives this.
class Children
{
public:
    Children() = default;
    Children(const Children &) = delete;
    Children &operator=(const Children &) = delete;
    ~Children()
    {
        for (int i = 0; i < patience && !m_pids.empty(); ++i) {
            std::erase_if(m_pids, [](pid_t pid) { return ::waitpid(pid, nullptr, WNOHANG) != 0; });
            const timespec interval = {0, 10'000'000};
            if (!m_pids.empty())
                ::nanosleep(&interval, nullptr);
        }
        for (const pid_t pid : m_pids) {
            ::kill(pid, SIGKILL);
            ::waitpid(pid, nullptr, 0);
        }
    }

    Result<void> start(engine::SharedCommunicator &communicator, int rank, const Work &work)
    {
        const pid_t pid = ::fork();
        if (pid < 0)
            return fail(systemError(errno, "Rank " + std::to_string(rank) + " could not be started", {}));
        if (pid == 0) {
            communicator.becomeRank(rank);
            ::_exit(runRank(communicator, work).value_or(1));
        }
        communicator.setProcess(rank, pid);
        m_pids.push_back(pid);
        return {};
    }

private:
    std::vector<pid_t> m_pids;
};

} // namespace

Result<int> runRanks(int ranks, const Work &work)
{
    const auto communicator = engine::SharedCommunicator::create(ranks);
    if (!communicator)
        return fail(communicator.error());
    Children children;
    for (int rank = 1; rank < ranks; ++rank) {
        if (auto started = children.start(**communicator, rank, work); !started) {
            (*communicator)->leave(started.error().what);
            return fail(started.error());
        }
    }
    return runRank(**communicator, work);
}

} // namespace bottega::trainer
