// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/compute/submit.h"

#include <optional>

namespace bottega {

/// A request together with the run that it goes on from, if any.
struct ResumedRequest
{
    JobRequest request;               // what was left open filled in from that run
    std::optional<RunFolder> from;
    std::optional<Job> fromJob;
};

/// Fills in experiment, recipe, parameters and data from the run named in `resumeFrom`. Another recipe is refused.
[[nodiscard]] Result<ResumedRequest> applyResume(const Workspace &workspace, const JobRequest &request);

/// Puts the newest checkpoint of that run into the job. None, other data, or nothing left to do is an error in words.
[[nodiscard]] Result<void> addCheckpoint(Job &job, const ResumedRequest &resumed);

/// The number in "epoch-0007.npz"; 0 for any other name.
[[nodiscard]] std::int64_t checkpointEpoch(const std::string &fileName);

} // namespace bottega
