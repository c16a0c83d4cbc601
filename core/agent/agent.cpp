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
#include "core/run/process.h"

#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace bottega {

namespace {

Result<void> checkEnded(const RunFolder &folder, const Attempt &last, bool resumes)
{
    if (last.state == RunState::Completed && resumes)
        return fail(ErrorCode::Usage, "The run has completed: there is nothing to go on with", folder.root().string(),
                    "nothing was changed", "Submit a new run with --resume-from " + folder.id() + " and more epochs");
    if (isTerminal(last.state) && !resumes)
        return fail(ErrorCode::Usage, "The run has already ended: " + std::string(runStateName(last.state)),
                    folder.root().string(), "nothing was changed", "Submit a new run, or go on with this one by --resume");
    return {};
}

/// The number of the attempt that may begin now. A completed run and a living work are no one's to start again.
Result<int> nextAttempt(const RunFolder &folder, bool resumes)
{
    const auto content = readJournal(folder.file("journal.jsonl"));
    if (!content)
        return fail(content.error());
    const Attempt last = newestAttempt(content->entries);
    if (auto ended = checkEnded(folder, last, resumes); !ended)
        return fail(ended.error());
    const bool isSeen = !last.agent || isTerminal(last.state) || last.place() != Place::Elsewhere;
    if (!isSeen && last.host != hostName()) // a container that was made again keeps its name, and nothing else
        return fail(ErrorCode::Unreachable, "The run may still be alive on host " + last.host, folder.root().string(),
                    "nothing was changed", "Look at it there");
    if (last.place() == Place::Here && last.work && last.work->isAlive())
        return fail(ErrorCode::Exists, "The run's work, pid " + std::to_string(last.work->pid) + ", is still alive",
                    folder.root().string(), "nothing was changed", "Wait for its end or cancel it");
    const bool hasBegun = last.agent || isTerminal(last.state);
    return hasBegun ? last.number + 1 : 1; // a request alone, before any agent came, begins nothing
}

Result<void> end(Recorder &recorder, RunState state, ErrorCode code, const std::string &evidence)
{
    if (auto recorded = recorder.record(state, evidence); !recorded)
        return recorded;
    return fail(code, evidence, recorder.folder().root().string());
}

bool hasCheckpoint(const RunFolder &folder)
{
    std::error_code failure;
    for (std::filesystem::directory_iterator entry(folder.checkpoints(), failure), end; !failure && entry != end;
         entry.increment(failure)) {
        if (entry->path().extension() == ".npz")
            return true;
    }
    return false;
}

Result<SlotQueue> queueUp(Recorder &recorder, Job &job, const AgentOptions &options, int signalFd)
{
    const bool goesOn = recorder.attempt() > 1 && hasCheckpoint(recorder.folder());
    const std::string how = recorder.attempt() == 1 ? "" : goesOn ? ", going on from its newest checkpoint"
                                                                  : ", which starts anew: it had no checkpoint";
    if (auto recorded = recorder.record(RunState::Queued, "agent pid " + std::to_string(::getpid()) + " has the run" + how);
        !recorded)
        return fail(recorded.error());
    auto read = recorder.folder().readJob();
    if (!read)
        return fail(read.error());
    job = std::move(*read);
    if (goesOn)
        job.resumeCheckpoint = recorder.folder().checkpoints().string(); // the trainer takes the newest that loads
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
    if (auto written = recordLostEnd(*folder); !written)
        return written;
    const auto attempt = nextAttempt(*folder, options.resumes);
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
