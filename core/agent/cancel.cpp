// SPDX-License-Identifier: Apache-2.0
#include "core/agent/agent.h"
#include "core/agent/processtree.h"
#include "core/agent/recorder.h"
#include "core/agent/runlock.h"
#include "core/base/clock.h"
#include "core/run/attempt.h"
#include "core/run/process.h"
#include "core/run/runstatus.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <poll.h>
#include <unistd.h>

namespace bottega {

namespace {

std::string requester()
{
    const char *user = std::getenv("USER");
    return (user && *user ? std::string(user) : "user " + std::to_string(::getuid())) + "@" + hostName();
}

tl::unexpected<Error> alreadyEnded(const RunFolder &folder, RunState state, const std::string &evidence)
{
    return fail(ErrorCode::Usage, "The run has already ended: " + std::string(runStateName(state)),
                folder.root().string() + ": " + evidence, "nothing was changed");
}

Result<void> request(const RunFolder &folder, int attempt, const std::string &by)
{
    JournalEntry entry;
    entry.time = wallTime();
    entry.attempt = attempt;
    entry.state = RunState::CancelRequested;
    entry.evidence = "asked by " + by;
    entry.by = by;
    return appendJournal(folder.journal(), entry);
}

/// Waits in steps until none of the run's processes is left; false where some outlived the time.
bool waitForEnd(const RunFolder &folder, std::chrono::milliseconds patience)
{
    constexpr int step = 50;
    for (std::chrono::milliseconds waited{0}; !processesOfRun(folder).empty(); waited += std::chrono::milliseconds(step)) {
        if (waited >= patience)
            return false;
        ::poll(nullptr, 0, step);
    }
    return true;
}

void signalRun(const RunFolder &folder, int signal)
{
    for (const ProcessIdentity &process : processesOfRun(folder))
        signalProcess(process, signal);
}

/// What the agent would do, for a run that has none: we are not the parent, so that how it ended stays unknown.
std::string stopOrphans(const RunFolder &folder, std::chrono::milliseconds grace)
{
    constexpr std::chrono::milliseconds killPatience{10'000};
    if (processesOfRun(folder).empty())
        return "none of its processes was left";
    signalRun(folder, SIGTERM);
    signalRun(folder, SIGCONT);
    if (waitForEnd(folder, grace))
        return "its processes ended at once or within the grace";
    for (int round = 0; round < 3; ++round) { // a process may fork while the others are being killed
        signalRun(folder, SIGKILL);
        if (waitForEnd(folder, killPatience / 3))
            return "its processes were killed";
    }
    return "some of its processes could not be killed";
}

Result<void> cancelWithoutAgent(const RunFolder &folder, const Attempt &attempt, const std::string &by,
                                const AgentOptions &options)
{
    const auto lock = lockRun(folder);
    if (!lock && lock.error().code == ErrorCode::Exists)
        return {}; // an agent has come meanwhile, or another request is doing this: the journal tells it
    if (!lock)
        return fail(lock.error());
    const std::string how = attempt.agent ? "agent gone, " + stopOrphans(folder, options.grace) : "no agent had it yet";
    return Recorder(folder, std::max(attempt.number, 1)).record(RunState::Canceled, "canceled by " + by + "; " + how);
}

} // namespace

Result<void> cancelRun(const std::filesystem::path &runFolder, const AgentOptions &options)
{
    std::error_code ignored;
    const auto real = std::filesystem::canonical(runFolder, ignored);
    const RunFolder folder(ignored ? runFolder : real);
    const auto status = readRunStatus(folder);
    if (!status)
        return fail(status.error());
    if (isTerminal(status->state))
        return alreadyEnded(folder, status->state, status->evidence);
    const auto content = readJournal(folder.file("journal.jsonl"));
    if (!content)
        return fail(content.error());
    const Attempt attempt = newestAttempt(content->entries);
    const std::string by = requester();
    if (!attempt.cancelRequested) {
        if (auto requested = request(folder, std::max(attempt.number, 1), by); !requested)
            return requested;
    }
    if (attempt.agent && attempt.place() == Place::Elsewhere)
        return {}; // its agent, on another machine, reads the journal
    if (attempt.agent && attempt.place() == Place::Here && attempt.agent->isAlive())
        return {};
    return cancelWithoutAgent(folder, attempt, by, options);
}

} // namespace bottega
