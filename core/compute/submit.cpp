// SPDX-License-Identifier: Apache-2.0
#include "core/compute/submit.h"

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/redact.h"
#include "core/base/safename.h"
#include "core/compute/devicechoice.h"
#include "core/compute/estimate.h"
#include "core/compute/resume.h"
#include "core/compute/target.h"
#include "core/run/attempt.h"
#include "core/run/journal.h"
#include "core/run/runstatus.h"
#include "core/workspace/datasets.h"
#include "core/base/staging.h"
#include "core/workspace/trust.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <poll.h>

namespace bottega {

namespace {

std::int64_t wholeNumber(const std::string &text)
{
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

Result<void> checkResources(const JobRequest &request)
{
    if (const auto target = findTarget(request.target); !target)
        return fail(target.error());
    if (!std::isfinite(request.maxDurationSeconds) || request.maxDurationSeconds < 0)
        return fail(ErrorCode::Usage, "The longest duration must be a number of seconds, 0 for no limit", {},
                    "no run was made");
    return {};
}

Result<void> checkBatch(const Job &job)
{
    const std::string batch = job.param("batchsize");
    if (batch.empty() || wholeNumber(batch) <= job.data.trainCount)
        return {};
    return fail(ErrorCode::Usage,
                "batchsize=" + batch + ": the data set " + job.data.name + " has only " +
                    std::to_string(job.data.trainCount) + " training images",
                {}, "no run was made", "Use a batch size from 1 to " + std::to_string(job.data.trainCount));
}

/// Before anything is made, not by the trainer minutes later.
Result<void> checkNetwork(const Job &job, const Workspace &workspace)
{
    const auto dataset = Datasets(workspace).find(job.data.name);
    if (!dataset)
        return fail(dataset.error());
    if (auto network = networkOf(job, *dataset); !network) {
        network.error().kept = "no run was made";
        return fail(network.error());
    }
    return {};
}

/// A run that never started must say so, or it would wait for ever in every list.
Error journalNotStarted(const RunFolder &run, Error reason)
{
    JournalEntry entry;
    entry.time = wallTime();
    entry.state = RunState::Failed;
    entry.evidence = "not started: " + describe(reason);
    reason.kept = appendJournal(run.journal(), entry) ? "the run " + run.id() + " is kept as Failed"
                                                      : "the run " + run.id() + " was made but never started";
    return reason;
}

Result<void> checkEnded(const RunFolder &run)
{
    const auto status = readRunStatus(run);
    if (!status)
        return fail(status.error());
    if (!isTerminal(status->state))
        return fail(ErrorCode::Usage, "The run has not ended: " + std::string(runStateName(status->state)), run.id(),
                    "nothing was deleted", "Cancel it first: bottega-cli run cancel " + run.id());
    return {};
}

/// Until the agent has written its first line: before it, everyone still sees the end of the last attempt.
Result<void> awaitAttempt(const RunFolder &run, int attempt)
{
    constexpr double patience = 10;
    for (const double begin = steadyTime(); steadyTime() - begin < patience; ::poll(nullptr, 0, 20)) {
        const auto content = readJournal(run.file("journal.jsonl"));
        if (content && newestAttempt(content->entries).number >= attempt)
            return {};
    }
    return fail(ErrorCode::Failed, "The run's new agent did not begin", run.id(), "the run is as it was",
                "system-logs/agent.log in the run's folder tells why");
}

/// What a run writes elsewhere would be no artifact of it.
Result<void> checkOutputFolder(const std::string &folder)
{
    const std::filesystem::path path(folder);
    if (path.is_relative() && std::find(path.begin(), path.end(), "..") == path.end())
        return {};
    return fail(ErrorCode::Usage, "output_dir=" + printable(folder, 100) + " leads out of the run's working folder", {},
                "nothing was submitted", "The default is ./outputs");
}

/// Parameters stand in run.json and on the work's command line, which every user of the machine can read.
Result<void> checkSecrets(const engine::Params &params)
{
    for (const auto &[name, value] : params) {
        if (isSecretName(name))
            return fail(ErrorCode::Usage,
                        "“" + printable(name, 60) + "” is named like a secret; parameters are kept with the run and seen in the "
                        "list of processes",
                        "parameter " + printable(name, 60), "no run was made",
                        "Put the secret into a file that only you can read and give the file's path");
    }
    return {};
}

Result<std::unique_ptr<ComputeTarget>> targetOf(const RunFolder &run)
{
    const auto job = run.readJob();
    return job ? findTarget(job->target) : fail(job.error());
}

} // namespace

Result<Job> prepareJob(const Workspace &workspace, const JobRequest &asked)
{
    if (auto valid = checkSecrets(asked.params); !valid)
        return fail(valid.error());
    const auto resumed = applyResume(workspace, asked);
    if (!resumed)
        return fail(resumed.error());
    const JobRequest &request = resumed->request;
    if (auto valid = checkName("an experiment", request.experiment, 3, 36); !valid)
        return fail(valid.error());
    const auto recipe = engine::findRecipe(request.recipe);
    if (!recipe)
        return fail(recipe.error());
    auto params = engine::completeParams(**recipe, request.params);
    if (!params)
        return fail(params.error());
    if (auto valid = checkOutputFolder(engine::paramOf(*params, "output_dir")); !valid)
        return fail(valid.error());
    if (auto valid = checkResources(request); !valid)
        return fail(valid.error());
    auto data = Datasets(workspace).plan(request.dataset);
    if (!data)
        return fail(data.error());
    Job job;
    job.experiment = request.experiment;
    job.recipe = request.recipe;
    job.params = std::move(*params);
    job.data = std::move(*data);
    job.target = request.target;
    job.resumeFrom = request.resumeFrom;
    job.maxDurationSeconds = request.maxDurationSeconds;
    job.maxMemoryBytes = request.maxMemoryBytes;
    job.maxDiskBytes = request.maxDiskBytes;
    job.createdBy = "bottega " BOTTEGA_VERSION;
    if (auto valid = chooseDevice(job, request); !valid)
        return fail(valid.error());
    if (auto valid = checkBatch(job); !valid)
        return fail(valid.error());
    if (auto valid = checkNetwork(job, workspace); !valid)
        return fail(valid.error());
    if (auto valid = addCheckpoint(job, *resumed); !valid)
        return fail(valid.error());
    return job;
}

Result<RunFolder> submitRun(const Workspace &workspace, const JobRequest &request)
{
    if (auto writable = workspace.checkWritable(); !writable)
        return fail(writable.error());
    if (auto trusted = requireTrust(workspace, "Training"); !trusted)
        return fail(trusted.error());
    auto job = prepareJob(workspace, request);
    if (!job)
        return fail(job.error());
    auto data = Datasets(workspace).resolve(job->data.name);
    if (!data)
        return fail(data.error());
    job->data = std::move(*data);
    job->runId = makeRunId(job->experiment);
    job->createdAt = wallTime();
    const auto target = findTarget(job->target);
    if (!target)
        return fail(target.error());
    auto run = RunFolder::create(workspace.runsFolder(), *job);
    if (!run)
        return run;
    if (auto launched = (*target)->launch(*run); !launched)
        return fail(journalNotStarted(*run, launched.error()));
    return run;
}

Result<void> resumeRun(const RunFolder &run)
{
    if (auto trusted = requireTrust(run, "Resuming a run"); !trusted)
        return trusted;
    const auto status = readRunStatus(run);
    if (!status)
        return fail(status.error());
    if (status->state == RunState::Completed)
        return fail(ErrorCode::Usage, "The run has completed: there is nothing to go on with", run.id(),
                    "nothing was changed",
                    "To train longer: bottega-cli run submit --resume-from " + run.id() + " --param epochs=N, with more epochs");
    if (!isTerminal(status->state) && status->state != RunState::NotResponding)
        return fail(ErrorCode::Usage, "The run has not ended: " + std::string(runStateName(status->state)), run.id(),
                    "nothing was changed", "Cancel it first, or wait for its end");
    const auto target = targetOf(run);
    if (!target)
        return fail(target.error());
    if (auto launched = (*target)->resume(run); !launched)
        return launched;
    return awaitAttempt(run, status->attempts + 1);
}

Result<void> requestCancel(const RunFolder &run)
{
    // A journal of foreign origin could name any process of ours.
    if (auto trusted = requireTrust(run, "Canceling a run"); !trusted)
        return trusted;
    const auto status = readRunStatus(run);
    if (!status)
        return fail(status.error());
    if (isTerminal(status->state))
        return fail(ErrorCode::Usage, "The run has ended already: " + std::string(runStateName(status->state)),
                    run.id(), "nothing was changed");
    const auto target = targetOf(run);
    if (!target)
        return fail(target.error());
    return (*target)->cancel(run);
}

Result<TrashItem> trashRun(const Workspace &workspace, const RunFolder &run)
{
    if (auto ended = checkEnded(run); !ended)
        return fail(ended.error());
    return Trash(workspace).put(run.id());
}

Result<std::uint64_t> deleteRun(const RunFolder &run)
{
    if (auto ended = checkEnded(run); !ended)
        return fail(ended.error());
    const std::uint64_t bytes = run.diskUsage();
    StagingFolder::sweep(run.root().parent_path());
    if (auto removed = StagingFolder::discard(run.root()); !removed)
        return fail(removed.error());
    return bytes;
}

} // namespace bottega
