// SPDX-License-Identifier: Apache-2.0
#include "core/agent/adoptedwork.h"
#include "core/agent/agent.h"
#include "core/agent/recorder.h"
#include "core/agent/runlock.h"
#include "core/agent/supervisor.h"

#include <cerrno>
#include <cstdio>
#include <poll.h>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bottega {

namespace fs = std::filesystem;

namespace {

Result<Attempt> readAttempt(const RunFolder &folder)
{
    const auto content = readJournal(folder.file("journal.jsonl"));
    if (!content)
        return fail(content.error());
    return newestAttempt(content->entries);
}

bool needsAgent(const Attempt &attempt)
{
    return attempt.agent && !isTerminal(attempt.state) && !(attempt.place() == Place::Here && attempt.agent->isAlive());
}

bool hasLivingProcesses(const RunFolder &folder, const Attempt &attempt)
{
    if (attempt.place() != Place::Here || !attempt.work)
        return false;
    return attempt.work->isAlive() || !processesOfRun(folder, attempt.work->start).empty();
}

Result<void> takeOver(Recorder &recorder, const Attempt &attempt, const AgentOptions &options, int signalFd)
{
    AdoptedWork work(recorder.folder(), attempt.number, *attempt.work);
    const bool isAlive = attempt.work->isAlive();
    JournalEntry entry;
    entry.state = isAlive ? RunState::Running : attempt.state;
    entry.evidence = "agent pid " + std::to_string(attempt.agent->pid) + " gone, adopted by pid " +
                     std::to_string(::getpid()) + ": work pid " + std::to_string(attempt.work->pid) +
                     (isAlive ? " alive" : " gone, processes of it are left");
    entry.pid = attempt.work->pid;
    entry.pidStart = attempt.work->start;
    recorder.recordOrKeep(std::move(entry));
    const auto read = recorder.folder().readJob();
    const Job job = read ? *read : Job(); // damaged meanwhile: no limits, but still an agent
    Supervisor supervisor(recorder, job, options, signalFd, work);
    supervisor.takeOver(attempt);
    return supervisor.supervise();
}

/// True where the run was left to a new process, `child`.
bool isLeftToChild(const fs::path &path, const AgentOptions &options, std::vector<pid_t> &children)
{
    const auto folder = openRunFolder(path);
    const auto attempt = folder ? readAttempt(*folder) : fail(folder.error());
    if (!attempt || !needsAgent(*attempt) || !hasLivingProcesses(*folder, *attempt))
        return false;
    const pid_t child = ::fork();
    if (child == 0) {
        ::setsid();
        const auto adopted = adoptRun(path, options);
        if (!adopted)
            std::fprintf(stderr, "%s\n", describe(adopted.error()).c_str());
        std::fflush(nullptr);
        ::_exit(adopted ? 0 : 1);
    }
    if (child > 0)
        children.push_back(child);
    return child > 0;
}

/// A killed agent may count as dead while a thread of it still waits for the disk, and keeps the lock until then.
Result<UniqueFd> lockOrphan(const RunFolder &folder)
{
    constexpr int tries = 60, pause = 50; // three seconds
    for (int i = 0;; ++i) {
        auto lock = lockRun(folder);
        if (lock || lock.error().code != ErrorCode::Exists || i == tries)
            return lock;
        const auto attempt = readAttempt(folder);
        if (!attempt || !needsAgent(*attempt))
            return lock;
        ::poll(nullptr, 0, pause);
    }
}

} // namespace

Result<void> adoptRun(const fs::path &runFolder, const AgentOptions &options)
{
    const auto folder = openRunFolder(runFolder);
    if (!folder)
        return fail(folder.error());
    ::umask(077);
    const auto signals = takeSignals();
    if (!signals)
        return fail(signals.error());
    const auto lock = lockOrphan(*folder);
    if (!lock && lock.error().code == ErrorCode::Exists)
        return {}; // somebody was faster
    if (!lock)
        return fail(lock.error());
    const auto attempt = readAttempt(*folder);
    if (!attempt)
        return fail(attempt.error());
    if (!needsAgent(*attempt))
        return {};
    if (attempt->place() == Place::Elsewhere)
        return fail(ErrorCode::Unreachable, "The run's processes are on host " + attempt->host, folder->root().string(),
                    "nothing was changed", "Adopt it there");
    if (!hasLivingProcesses(*folder, *attempt))
        return recordLostEnd(*folder);
    Recorder recorder(*folder, attempt->number);
    return takeOver(recorder, *attempt, options, signals->get());
}

Result<void> adoptRuns(const std::vector<fs::path> &runFolders, const AgentOptions &options)
{
    Result<void> result;
    std::vector<pid_t> children;
    for (const fs::path &path : runFolders) {
        if (runFolders.size() > 1 && isLeftToChild(path, options, children))
            continue;
        if (auto adopted = adoptRun(path, options); !adopted && result)
            result = adopted;
    }
    for (const pid_t child : children) {
        int status = 0;
        while (::waitpid(child, &status, 0) < 0 && errno == EINTR) { }
        if (status != 0 && result)
            result = fail(ErrorCode::Failed, "A run did not complete", {}, {}, "Its own journal tells why");
    }
    return result;
}

} // namespace bottega
