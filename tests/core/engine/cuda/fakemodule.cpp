// SPDX-License-Identifier: Apache-2.0
#include "tests/core/engine/cuda/fakemodule.h"

#include "tests/core/engine/cuda/emulatedqueue.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

struct BottegaCommunicator
{
};

struct BottegaContext
{
    bottega::engine::cuda::EmulatedQueue *queue;
};

namespace bottega::engine::cuda {

namespace {

const char *describe(int, int *isLoaded)
{
    *isLoaded = 1;
    return "0.0";
}

BottegaContext *open(void *stream, int precision, void *, size_t, char *)
{
    fakeModuleLog().precision = precision;
    return new BottegaContext{static_cast<EmulatedQueue *>(stream)};
}

void close(BottegaContext *context)
{
    delete context;
}

int outcome(char *error)
{
    std::snprintf(error, bottegaErrorSize, "no engine");
    return fakeModuleLog().outcome;
}

int prepareLinear(BottegaContext *, const BottegaLinear *, char *error)
{
    return outcome(error);
}

int prepareConvolution(BottegaContext *, const BottegaConvolution *, char *error)
{
    return outcome(error);
}

void forward(const BottegaLinear &l)
{
    for (std::int64_t o = 0; o < l.out; ++o) {
        for (std::int64_t n = 0; n < l.batch; ++n) {
            float sum = l.bias[o];
            for (std::int64_t i = 0; i < l.in; ++i)
                sum += l.weights[o * l.in + i] * l.input[i * l.batch + n];
            l.result[o * l.batch + n] = l.isRelu ? std::max(sum, 0.0f) : sum;
        }
    }
}

void inputGradient(const BottegaLinear &l)
{
    for (std::int64_t i = 0; i < l.in; ++i) {
        for (std::int64_t n = 0; n < l.batch; ++n) {
            float sum = 0;
            for (std::int64_t o = 0; o < l.out; ++o)
                sum += l.weights[o * l.in + i] * l.gradient[o * l.batch + n];
            l.result[i * l.batch + n] = sum;
        }
    }
}

void weightGradient(const BottegaLinear &l)
{
    for (std::int64_t o = 0; o < l.out; ++o) {
        l.biasGradient[o] = 0;
        for (std::int64_t n = 0; n < l.batch; ++n)
            l.biasGradient[o] += l.gradient[o * l.batch + n];
        for (std::int64_t i = 0; i < l.in; ++i) {
            float sum = 0;
            for (std::int64_t n = 0; n < l.batch; ++n)
                sum += l.gradient[o * l.batch + n] * l.input[i * l.batch + n];
            l.result[o * l.in + i] = sum;
        }
    }
}

int runLinear(BottegaContext *context, const BottegaLinear *linear, char *)
{
    fakeModuleLog().linear.push_back(*linear);
    context->queue->put([l = *linear] {
        if (l.product == bottegaForward)
            forward(l);
        else if (l.product == bottegaInputGradient)
            inputGradient(l);
        else
            weightGradient(l);
    });
    return bottegaDone;
}

/// Calls visit(input, weight, output), all places in dense memory, for every product of the convolution.
template <class Visit>
void forEachProduct(const BottegaConvolution &c, Visit visit)
{
    for (std::int64_t n = 0; n < c.batch; ++n)
        for (std::int64_t o = 0; o < c.out; ++o)
            for (std::int64_t oy = 0; oy < c.outHeight; ++oy)
                for (std::int64_t ox = 0; ox < c.outWidth; ++ox)
                    for (std::int64_t i = 0; i < c.channels; ++i)
                        for (std::int64_t tap = 0; tap < c.kernel * c.kernel; ++tap) {
                            const std::int64_t y = oy * c.stride + tap / c.kernel - c.padding;
                            const std::int64_t x = ox * c.stride + tap % c.kernel - c.padding;
                            if (y >= 0 && y < c.height && x >= 0 && x < c.width)
                                visit(((n * c.channels + i) * c.height + y) * c.width + x,
                                      (o * c.channels + i) * c.kernel * c.kernel + tap,
                                      ((n * c.out + o) * c.outHeight + oy) * c.outWidth + ox);
                        }
}

void convolve(const BottegaConvolution &c)
{
    const std::int64_t inputs = c.batch * c.channels * c.height * c.width;
    const std::int64_t outputs = c.batch * c.out * c.outHeight * c.outWidth;
    const std::int64_t weights = c.out * c.channels * c.kernel * c.kernel;
    if (c.product == bottegaForward) {
        std::fill_n(c.result, outputs, 0.0f);
        forEachProduct(c, [&c](auto i, auto w, auto o) { c.result[o] += c.weights[w] * c.input[i]; });
    } else if (c.product == bottegaInputGradient) {
        std::fill_n(c.result, inputs, 0.0f);
        forEachProduct(c, [&c](auto i, auto w, auto o) { c.result[i] += c.weights[w] * c.gradient[o]; });
    } else {
        std::fill_n(c.result, weights, 0.0f);
        forEachProduct(c, [&c](auto i, auto w, auto o) { c.result[w] += c.input[i] * c.gradient[o]; });
    }
}

int runConvolution(BottegaContext *context, const BottegaConvolution *convolution, char *)
{
    fakeModuleLog().convolutions.push_back(*convolution);
    context->queue->put([c = *convolution] { convolve(c); });
    return bottegaDone;
}

int makeRankId(BottegaRankId *id, char *)
{
    for (std::size_t i = 0; i < sizeof id->bytes; ++i)
        id->bytes[i] = static_cast<char>(i * 7 - 128);
    return bottegaDone;
}

BottegaCommunicator *join(const BottegaRankId *id, int rank, int ranks, char *error)
{
    BottegaRankId right = {};
    makeRankId(&right, nullptr);
    const Communicator &known = *fakeModuleLog().ranks;
    if (std::memcmp(id, &right, sizeof right) == 0 && rank == known.rank() && ranks == known.ranks())
        return new BottegaCommunicator;
    std::snprintf(error, bottegaErrorSize, "another group");
    return nullptr;
}

void leave(BottegaCommunicator *communicator)
{
    delete communicator;
}

void abort(BottegaCommunicator *communicator)
{
    ++fakeModuleLog().aborts;
    delete communicator;
}

int allReduceMean(BottegaCommunicator *, float *values, size_t count, void *stream, char *)
{
    ++fakeModuleLog().exchanges;
    static_cast<EmulatedQueue *>(stream)->put([values, count] { fakeModuleLog().ranks->allReduceMean({values, count}); });
    return bottegaDone;
}

} // namespace

const BottegaCudaModule &fakeModule()
{
    static const BottegaCudaModule module = {bottegaCudaModuleVersion, describe,  open,    close,   prepareLinear,
                                             runLinear,                prepareConvolution, runConvolution,
                                             makeRankId,               join,      leave,   abort,   allReduceMean};
    return module;
}

FakeModuleLog &fakeModuleLog()
{
    static FakeModuleLog log;
    return log;
}

} // namespace bottega::engine::cuda
