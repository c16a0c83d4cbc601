// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/cuda/module/interface.h"
#include "core/engine/backend/cuda/queue.h"
#include "core/engine/comm/communicator.h"

#include <cstddef>
#include <memory>

namespace bottega::engine::cuda {

/// Ranks whose devices exchange values without the host: the exchange becomes part of a graph.
class DeviceCommunicator : public Communicator
{
public:
    /// As allReduceMean, on [count] values of the device, in the order of `stream` (cudaStream_t). Returns when enqueued.
    virtual void allReduceMean(float *values, std::size_t count, void *stream) = 0;
    using Communicator::allReduceMean;
};

/// Through the module's NCCL, for ranks that `host` joins already: it carries NCCL's name for the group, the host's own
/// values, and tells of a rank that is gone, whereupon work of this device that waits for that rank is given up. Waits for
/// all ranks; both references must outlive it. Throws CudaError.
[[nodiscard]] std::unique_ptr<DeviceCommunicator> joinDevices(const BottegaCudaModule &module, Communicator &host,
                                                              const std::shared_ptr<Queue> &queue);

} // namespace bottega::engine::cuda
