// SPDX-License-Identifier: Apache-2.0
#include "core/agent/agent.h"

#include "core/agent/preparation.h"
#include "core/agent/recorder.h"
#include "core/agent/runlock.h"
#include "core/agent/slotwait.h"
#include "core/agent/supervisor.h"
#include "core/agent/workcommand.h"
#include "core/agent/workprocess.h"
#include "core/run/attempt.h"

#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace bottega {

namespace {

/// The number of the attempt that may begin now. An ended run and a living work are no one's to start again.
Result<int> nextAttempt(const RunFolder &folder)
{
    const auto content = readJournal(folder.journal());
    if (!content)
        return fail(content.error());
    const Attempt last = newestAttempt(content->entries);
    if (isTerminal(last.state))
        return fail(ErrorCode::Usage, "The run has already ended: " + std::string(runStateName(last.state)),
                    folder.root().string(), "nothing was changed", "Submit a new run");
    if (last.work && last.work->isAlive())
        return fail(ErrorCode::Exists, "The run's work, pid " + std::to_string(last.work->pid) + ", is still alive",
                    folder.root().string(), "nothing was changed", "Wait for its end or cancel it");
    return last.agent ? last.number + 1 : 1; // a request alone, before any agent came, begins nothing
}

Result<void> end(Recorder &recorder, RunState state, ErrorCode code, const std::string &evidence)
{
    if (auto recorded = recorder.record(state, evidence); !recorded)
        return recorded;
    return fail(code, evidence, recorder.folder().root().string());
}

Result<SlotQueue> queueUp(Recorder &recorder, Job &job, const AgentOptions &options, int signalFd)
{
    if (auto recorded = recorder.record(RunState::Queued, "agent pid " + std::to_string(::getpid()) + " has the run");
        !recorded)
        return fail(recorded.error());
    auto read = recorder.folder().readJob();
    if (!read)
        return fail(read.error());
    job = std::move(*read);
    return waitForSlots(recorder, job, options.trainer, signalFd);
}

Result<void> prepare(Recorder &recorder, const Job &job)
{
    if (auto recorded = recorder.record(RunState::Preparing, "checking data, folders and disk"); !recorded)
        return recorded;
    if (auto checked = checkRun(recorder.folder(), job); !checked)
        return end(recorder, RunState::Failed, ErrorCode::Failed, describe(checked.error()));
    if (const auto by = recorder.cancelRequest())
        return end(recorder, RunState::Canceled, ErrorCode::Canceled,
                   (by->empty() ? "canceled" : "canceled by " + *by) + " before the work was started");
    return {};
}

/// The work's id stands in the journal before it executes anything: it cannot be lost, whenever we die.
Result<WorkProcess> startWork(Recorder &recorder, const Job &job, const AgentOptions &options, const SlotQueue &slots)
{
    const RunFolder &folder = recorder.folder();
    WorkSettings settings;
    settings.arguments = workArguments(job, folder, recorder.attempt(), options.trainer);
    settings.environment = workEnvironment(folder, slotEnvironment(slots.share()));
    settings.inherited = slots.descriptor();
    settings.folder = folder.work();
    settings.log = folder.driverLog();
    auto work = WorkProcess::create(settings);
    if (!work)
        return work;
    JournalEntry entry;
    entry.state = RunState::Starting;
    entry.evidence = "pid " + std::to_string(work->identity().pid) + " starts " + options.trainer.filename().string();
    entry.pid = work->identity().pid;
    entry.pidStart = work->identity().start;
    if (auto recorded = recorder.record(std::move(entry)); !recorded)
        return fail(recorded.error()); // the process ends by itself, never released
    work->release();
    return work;
}

} // namespace

Result<void> superviseRun(const std::filesystem::path &runFolder, const AgentOptions &options)
{
    const auto folder = openRunFolder(runFolder);
    if (!folder)
        return fail(folder.error());
    ::umask(077);
    const auto signals = takeSignals();
    if (!signals)
        return fail(signals.error());
    const auto lock = lockRun(*folder);
    if (!lock)
        return fail(lock.error());
    const auto attempt = nextAttempt(*folder);
    if (!attempt)
        return fail(attempt.error());
    Recorder recorder(*folder, *attempt);
    Job job;
    auto slots = queueUp(recorder, job, options, signals->get());
    if (!slots && slots.error().code == ErrorCode::Canceled)
        return end(recorder, RunState::Canceled, ErrorCode::Canceled, slots.error().what);
    if (!slots)
        return end(recorder, RunState::Failed, ErrorCode::Failed, describe(slots.error()));
    if (auto prepared = prepare(recorder, job); !prepared)
        return prepared;
    auto work = startWork(recorder, job, options, *slots);
    if (!work)
        return end(recorder, RunState::Failed, ErrorCode::Failed, describe(work.error()));
    return Supervisor(recorder, job, options, signals->get(), *work, &*slots).supervise();
}

} // namespace bottega
