// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/engine/comm/communicator.h"

#include <functional>

namespace bottega::trainer {

/// Calls `work` in two or more processes that share each batch. Returns what it said in this process, which is rank 0, when all others have ended; those are forked, say nothing and end in here. A rank that fails or
/// dies ends the others, rank 0 with its name in the error. Call it before there are threads.
[[nodiscard]] Result<int> runRanks(int ranks, const std::function<Result<int>(engine::Communicator &)> &work);

} // namespace bottega::trainer
