// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/agent/recorder.h"
#include "core/agent/slotqueue.h"
#include "core/run/job.h"

#include <filesystem>
#include <string>
#include <vector>

namespace bottega {

/// What the job takes: its GPU (any one for "cuda", and for "auto" where there is one and `trainer` has its companion for
/// GPUs) and a processor, else the processors of its threads. Asks nvidia-smi only where that matters.
[[nodiscard]] Result<SlotNeeds> slotNeeds(const Job &job, const std::filesystem::path &trainer);

/// Waits until this machine has room for the job, in state Queued, with the reason in the journal: at once, then as it
/// changes, ever more rarely. Obeys requests to cancel and the SIGTERM of `signalFd`: code Canceled, with the evidence.
/// NotFound where the run folder is gone. Changes the job to what it got: threads, and the GPU where any would do.
[[nodiscard]] Result<SlotQueue> waitForSlots(Recorder &recorder, Job &job, const std::filesystem::path &trainer, int signalFd);

/// What tells the work of its share: BOTTEGA_CPU_SLOTS and CUDA_VISIBLE_DEVICES.
[[nodiscard]] std::vector<std::string> slotEnvironment(const SlotShare &share);

} // namespace bottega
