/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/// What bottega-cuda-module.so offers to the program that loads it: vendor libraries behind plain C, so that neither side
/// depends on the other's runtime. Pointers to values are in device memory, float32; work goes into the context's stream.
/// Functions with `error` return one of the codes below and write one line there when they fail.
extern "C" {

enum { bottegaCudaModuleVersion = 2, bottegaErrorSize = 256 };

enum BottegaOutcome { bottegaDone = 0, bottegaNotMine = 1, bottegaFailed = 2 };

enum BottegaLibrary { bottegaCublasLt = 0, bottegaCudnn = 1, bottegaNccl = 2, bottegaLibraryCount = 3 };

enum BottegaPrecision { bottegaFloat32 = 0, bottegaTf32 = 1, bottegaBfloat16 = 2 };

/// Handles, plans and workspace of one stream. Not thread safe.
struct BottegaContext;

enum BottegaProduct {
    bottegaForward = 0,       // result [out, N] = weights · input, + bias, ReLU
    bottegaInputGradient = 1, // result [in, N] = weightsᵀ · gradient
    bottegaWeightGradient = 2 // result [out, in] = gradient · inputᵀ; biasGradient [out] = row sums of gradient
};

struct BottegaLinear
{
    BottegaProduct product;
    int64_t out, in, batch;
    const float *weights;  // [out, in]
    const float *bias;     // [out]
    const float *input;    // [in, N]
    const float *gradient; // [out, N]
    float *result;
    float *biasGradient;
    int isRelu;
};

/// Pictures as [N, C, H, W], dense; weights [out, C, K, K].
struct BottegaConvolution
{
    BottegaProduct product; // without bias and ReLU
    int64_t batch, channels, height, width, out, outHeight, outWidth, kernel, stride, padding;
    const float *weights;
    const float *input;    // [N, C, H, W]
    const float *gradient; // [N, out, H', W']
    float *result;
};

struct BottegaCommunicator;
struct BottegaRankId
{
    char bytes[128];
};

struct BottegaCudaModule
{
    int version;

    /// The version, "9.12.0", or why it is missing: "libcudnn.so.9: cannot open shared object file". Valid for ever.
    const char *(*describe)(int library, int *isLoaded);

    /// `workspace` is device memory of `workspaceBytes`, the caller's. Null on failure.
    BottegaContext *(*open)(void *stream, int precision, void *workspace, size_t workspaceBytes, char *error);
    void (*close)(BottegaContext *context);
    /// Looks for a plan, and keeps it: NotMine where the library has none.
    int (*prepareLinear)(BottegaContext *context, const BottegaLinear *linear, char *error);
    int (*runLinear)(BottegaContext *context, const BottegaLinear *linear, char *error);
    int (*prepareConvolution)(BottegaContext *context, const BottegaConvolution *convolution, char *error);
    int (*runConvolution)(BottegaContext *context, const BottegaConvolution *convolution, char *error);

    int (*makeRankId)(BottegaRankId *id, char *error); // by one rank, for all
    BottegaCommunicator *(*join)(const BottegaRankId *id, int rank, int ranks, char *error);
    void (*leave)(BottegaCommunicator *communicator);
    void (*abort)(BottegaCommunicator *communicator); // as leave, without the others: work that waits for them ends
    int (*allReduceMean)(BottegaCommunicator *communicator, float *values, size_t count, void *stream, char *error);
};

typedef const BottegaCudaModule *(*BottegaCudaModuleEntry)(void);
} // extern "C"
