// SPDX-License-Identifier: Apache-2.0
#include "core/compute/resume.h"

#include <algorithm>
#include <charconv>

namespace bottega {

namespace fs = std::filesystem;

namespace {

struct Checkpoint
{
    std::int64_t epoch = 0;
    fs::path path;
};

Checkpoint newestCheckpoint(const fs::path &folder)
{
    Checkpoint newest;
    std::error_code failure;
    for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end; entry.increment(failure)) {
        std::error_code ignored;
        const std::int64_t epoch = checkpointEpoch(entry->path().filename().string());
        if (epoch > newest.epoch && fs::is_regular_file(entry->symlink_status(ignored)))
            newest = {epoch, entry->path()};
    }
    return newest;
}

/// The old run's parameters with the given ones laid over them.
engine::Params merged(const engine::Params &old, const engine::Params &given)
{
    engine::Params params = given;
    for (const auto &parameter : old) {
        const auto isSame = [&](const auto &other) { return other.first == parameter.first; };
        if (std::none_of(given.begin(), given.end(), isSame))
            params.push_back(parameter);
    }
    return params;
}

} // namespace

std::int64_t checkpointEpoch(const std::string &fileName)
{
    constexpr std::string_view prefix = "epoch-", suffix = ".npz";
    if (!fileName.starts_with(prefix) || !fileName.ends_with(suffix) || fileName.size() <= prefix.size() + suffix.size())
        return 0;
    const char *end = fileName.data() + fileName.size() - suffix.size();
    std::int64_t epoch = 0;
    const auto [stop, failure] = std::from_chars(fileName.data() + prefix.size(), end, epoch);
    return failure == std::errc() && stop == end ? epoch : 0;
}

Result<ResumedRequest> applyResume(const Workspace &workspace, const JobRequest &request)
{
    ResumedRequest resumed{request, {}, {}};
    if (request.resumeFrom.empty())
        return resumed;
    auto from = workspace.run(request.resumeFrom);
    if (!from)
        return fail(from.error());
    auto job = from->readJob();
    if (!job)
        return fail(job.error());
    JobRequest &filled = resumed.request;
    filled.resumeFrom = from->id();
    if (filled.recipe.empty())
        filled.recipe = job->recipe;
    if (filled.recipe != job->recipe)
        return fail(ErrorCode::Usage,
                    "The run was trained by the recipe " + job->recipe + " and can't go on with " + filled.recipe,
                    from->id(), "no run was made", "Use the same recipe");
    if (filled.experiment.empty())
        filled.experiment = job->experiment;
    if (filled.dataset.empty())
        filled.dataset = job->data.name;
    filled.params = merged(job->params, request.params);
    resumed.from = std::move(*from);
    resumed.fromJob = std::move(*job);
    return resumed;
}

Result<void> addCheckpoint(Job &job, const ResumedRequest &resumed)
{
    if (!resumed.from)
        return {};
    if (job.data.sha256 != resumed.fromJob->data.sha256)
        return fail(ErrorCode::Usage, "The run was trained on other data: " + resumed.fromJob->data.name,
                    resumed.from->id(), "no run was made", "Go on with the same data set");
    const Checkpoint checkpoint = newestCheckpoint(resumed.from->checkpoints());
    if (checkpoint.path.empty())
        return fail(ErrorCode::NotFound, "The run has no checkpoint to go on from", resumed.from->id(),
                    "no run was made", "It ended before its first epoch was done: submit a new run");
    const std::string epochs = job.param("epochs", "0");
    std::int64_t wanted = 0;
    std::from_chars(epochs.data(), epochs.data() + epochs.size(), wanted);
    if (wanted <= checkpoint.epoch)
        return fail(ErrorCode::Usage, "The run has done " + std::to_string(checkpoint.epoch) + " epochs already",
                    resumed.from->id(), "no run was made",
                    "Ask for more in all: --param epochs=" + std::to_string(checkpoint.epoch + 10));
    std::error_code failure;
    job.resumeCheckpoint = fs::absolute(checkpoint.path, failure).string();
    return {};
}

} // namespace bottega
