// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/run/job.h"
#include "core/run/runfolder.h"

namespace bottega {

/// Looks at all that the work will need before it is started: the data's folder, a checkpoint to go on from, the run's
/// own folders (real ones, writable) and room on the disk. The first thing that is wrong is the error.
[[nodiscard]] Result<void> checkRun(const RunFolder &folder, const Job &job);

} // namespace bottega
