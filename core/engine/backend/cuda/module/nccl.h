// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/cuda/module/interface.h"

namespace bottega::cudamodule::nccl {

/// Ranks on several GPUs by NCCL; outcomes and errors as in the interface.
const char *describe(bool &isLoaded);
int makeRankId(BottegaRankId *id, char *error);
BottegaCommunicator *join(const BottegaRankId *id, int rank, int ranks, char *error); // of the current device
void leave(BottegaCommunicator *communicator);
void abort(BottegaCommunicator *communicator);
int allReduceMean(BottegaCommunicator *communicator, float *values, size_t count, void *stream, char *error);

} // namespace bottega::cudamodule::nccl
