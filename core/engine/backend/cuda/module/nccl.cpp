// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cuda/module/nccl.h"

#include "core/engine/backend/cuda/module/sharedlibrary.h"

#include <cstring>
#include <nccl.h>

struct BottegaCommunicator
{
    ncclComm_t handle = nullptr;
};

namespace bottega::cudamodule::nccl {

namespace {

/// The functions that are used, by their own names.
struct Api
{
    SharedLibrary library{"libnccl.so.2"};
    decltype(::ncclGetVersion) *getVersion;
    decltype(::ncclGetErrorString) *getErrorString;
    decltype(::ncclGetUniqueId) *getUniqueId;
    decltype(::ncclCommInitRank) *commInitRank;
    decltype(::ncclCommDestroy) *commDestroy;
    decltype(::ncclCommAbort) *commAbort;
    decltype(::ncclAllReduce) *allReduce;
    std::string text;

    Api()
    {
        library.bind(getVersion, "ncclGetVersion");
        library.bind(getErrorString, "ncclGetErrorString");
        library.bind(getUniqueId, "ncclGetUniqueId");
        library.bind(commInitRank, "ncclCommInitRank");
        library.bind(commDestroy, "ncclCommDestroy");
        library.bind(commAbort, "ncclCommAbort");
        library.bind(allReduce, "ncclAllReduce");
        text = library.isLoaded() ? loadedVersion() : library.why();
    }

    std::string loadedVersion() const
    {
        int version = 0;
        if (getVersion(&version) != ncclSuccess)
            return "of unknown version";
        return versionText(static_cast<std::size_t>(version));
    }
};

Api &api()
{
    static Api loaded;
    return loaded;
}

int outcome(ncclResult_t result, char *error)
{
    if (result == ncclSuccess)
        return bottegaDone;
    tell(error, api().getErrorString(result));
    return bottegaFailed;
}

bool isReady(char *error)
{
    if (!api().library.isLoaded())
        tell(error, api().text);
    return api().library.isLoaded();
}

} // namespace

const char *describe(bool &isLoaded)
{
    isLoaded = api().library.isLoaded();
    return api().text.c_str();
}

int makeRankId(BottegaRankId *id, char *error)
{
    static_assert(sizeof(ncclUniqueId) == sizeof id->bytes);
    if (!isReady(error))
        return bottegaFailed;
    ncclUniqueId unique;
    const int result = outcome(api().getUniqueId(&unique), error);
    std::memcpy(id->bytes, unique.internal, sizeof id->bytes);
    return result;
}

BottegaCommunicator *join(const BottegaRankId *id, int rank, int ranks, char *error)
{
    if (!isReady(error))
        return nullptr;
    ncclUniqueId unique;
    std::memcpy(unique.internal, id->bytes, sizeof id->bytes);
    ncclComm_t handle = nullptr;
    if (outcome(api().commInitRank(&handle, ranks, unique, rank), error) != bottegaDone)
        return nullptr;
    return new BottegaCommunicator{handle};
}

void leave(BottegaCommunicator *communicator)
{
    if (!communicator)
        return;
    static_cast<void>(api().commDestroy(communicator->handle));
    delete communicator;
}

void abort(BottegaCommunicator *communicator)
{
    if (!communicator)
        return;
    static_cast<void>(api().commAbort(communicator->handle));
    delete communicator;
}

int allReduceMean(BottegaCommunicator *communicator, float *values, size_t count, void *stream, char *error)
{
    return outcome(api().allReduce(values, values, count, ncclFloat, ncclAvg, communicator->handle,
                                   static_cast<cudaStream_t>(stream)),
                   error);
}

} // namespace bottega::cudamodule::nccl
