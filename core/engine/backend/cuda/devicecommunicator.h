// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/comm/communicator.h"

#include <cstddef>

namespace bottega::engine::cuda {

/// Ranks whose devices exchange values without the host: the exchange becomes part of a graph.
class DeviceCommunicator : public Communicator
{
public:
    /// As allReduceMean, on [count] values of the device, in the order of `stream` (cudaStream_t). Returns when enqueued.
    virtual void allReduceMean(float *values, std::size_t count, void *stream) = 0;
    using Communicator::allReduceMean;
};

} // namespace bottega::engine::cuda
