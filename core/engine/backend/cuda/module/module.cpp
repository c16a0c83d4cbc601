// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cuda/module/cublaslt.h"
#include "core/engine/backend/cuda/module/cudnn.h"
#include "core/engine/backend/cuda/module/nccl.h"
#include "core/engine/backend/cuda/module/sharedlibrary.h"

#include <exception>
#include <memory>

using namespace bottega::cudamodule;

/// A library that is missing leaves its pointer null, and its work to others.
struct BottegaContext
{
    std::unique_ptr<CublasLt> products;
    std::unique_ptr<Cudnn> convolutions;
};

namespace {

const char *describe(int library, int *isLoaded)
{
    bool isThere = false;
    const char *text = library == bottegaCublasLt ? CublasLt::describe(isThere)
                       : library == bottegaCudnn  ? Cudnn::describe(isThere)
                                                  : nccl::describe(isThere);
    *isLoaded = isThere ? 1 : 0;
    return text;
}

BottegaContext *open(void *stream, int precision, void *workspace, size_t workspaceBytes, char *error)
{
    try {
        auto context = std::make_unique<BottegaContext>();
        bool isLoaded = false;
        CublasLt::describe(isLoaded);
        if (isLoaded)
            context->products = std::make_unique<CublasLt>(stream, precision, workspace, workspaceBytes);
        Cudnn::describe(isLoaded);
        if (isLoaded)
            context->convolutions = std::make_unique<Cudnn>(stream, precision, workspace, workspaceBytes);
        return context.release();
    } catch (const std::exception &exception) {
        tell(error, exception.what());
        return nullptr;
    }
}

void close(BottegaContext *context)
{
    delete context;
}

int prepareLinear(BottegaContext *context, const BottegaLinear *linear, char *error)
{
    return context->products ? context->products->prepare(*linear, error) : bottegaNotMine;
}

int runLinear(BottegaContext *context, const BottegaLinear *linear, char *error)
{
    return context->products ? context->products->run(*linear, error) : bottegaNotMine;
}

int prepareConvolution(BottegaContext *context, const BottegaConvolution *convolution, char *error)
{
    return context->convolutions ? context->convolutions->prepare(*convolution, error) : bottegaNotMine;
}

int runConvolution(BottegaContext *context, const BottegaConvolution *convolution, char *error)
{
    return context->convolutions ? context->convolutions->run(*convolution, error) : bottegaNotMine;
}

const BottegaCudaModule table = {bottegaCudaModuleVersion,
                                 describe,
                                 open,
                                 close,
                                 prepareLinear,
                                 runLinear,
                                 prepareConvolution,
                                 runConvolution,
                                 nccl::makeRankId,
                                 nccl::join,
                                 nccl::leave,
                                 nccl::abort,
                                 nccl::allReduceMean};

} // namespace

extern "C" __attribute__((visibility("default"))) const BottegaCudaModule *bottegaCudaModule()
{
    return &table;
}
