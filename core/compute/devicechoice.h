// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/compute/submit.h"

namespace bottega {

/// Sets the job's gpu, device, threads and precision from a request, checked against each other and against this machine:
/// "cuda:1" becomes "cuda:GPU-8f6d…". A GPU that is named or that the precision needs must be there, and so must the
/// trainer for GPUs; nvidia-smi is asked only then.
[[nodiscard]] Result<void> chooseDevice(Job &job, const JobRequest &request);

} // namespace bottega
