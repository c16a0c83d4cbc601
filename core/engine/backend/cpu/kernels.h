// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/updaterule.h"

#include <cstddef>
#include <cstdint>

namespace bottega::engine::cpu {

/// Samples that go through the kernels together: the innermost extent of all activations.
constexpr std::ptrdiff_t block = 32;

/// output[m, y, x, n] = epilogue(Σ weights[m, p, ky, kx] · input[p, y·s + ky − pad, x·s + kx − pad, n]), for one block n.
/// Weights are read value by value by strides of any sign, so that the same kernel serves forward passes, input gradients
/// (turned kernel, rows and planes exchanged) and linear layers (a row of pixels under a kernel just as wide). Taps outside
/// the input are left out. Every sum runs over planes, then rows, then columns of the kernel.
struct Convolution
{
    const float *weights;
    std::ptrdiff_t weightRow; // from one m to the next; likewise below
    std::ptrdiff_t weightPlane;
    std::ptrdiff_t weightY;
    std::ptrdiff_t weightX;
    const float *input;        // [planes, height, width, block]
    const std::uint8_t *bytes; // the same as pixels, or null: then `input` is read
    float inputScale;          // what sums are multiplied by, before the bias is added
    float *output;             // [rows, outHeight, outWidth, block]
    std::ptrdiff_t rows;
    std::ptrdiff_t planes;
    std::ptrdiff_t height;
    std::ptrdiff_t width;
    std::ptrdiff_t kernelHeight;
    std::ptrdiff_t kernelWidth;
    std::ptrdiff_t outHeight;
    std::ptrdiff_t outWidth;
    std::ptrdiff_t stride;
    std::ptrdiff_t paddingY;
    std::ptrdiff_t paddingX;
    const float *bias; // [rows] or null
    const float *mask; // as output, or null: results become zero where it is not positive
    bool isRelu;
};

/// Some rows of the gradient of a linear layer's weights: result[m, i] = Σ gradient[m, n] · input[n, i].
struct OuterProduct
{
    const float *gradient; // [blocks, allRows, block]
    std::ptrdiff_t gradientBlock; // from one block to the next
    std::ptrdiff_t blocks;
    const float *input;        // [blocks · block, inputStride]
    const std::uint8_t *bytes; // the same as pixels, or null: then `input` is read
    float inputScale;          // what sums are multiplied by
    std::ptrdiff_t inputStride;
    std::ptrdiff_t firstRow;
    std::ptrdiff_t rows;
    std::ptrdiff_t columns; // multiple of 16
};

/// Some rows of the gradient of a convolution's weights:
/// result[m, c, ky, kx] = Σ gradient[m, y, x, n] · input[c, y·s + ky, x·s + kx, n] over all blocks and positions.
struct Correlation
{
    const float *gradient; // [blocks, allRows, outHeight, outWidth, block]
    std::ptrdiff_t gradientBlock;
    const float *input; // [blocks, channels, height, width, block], padding included
    std::ptrdiff_t inputBlock;
    std::ptrdiff_t blocks;
    std::ptrdiff_t firstRow;
    std::ptrdiff_t rows;
    std::ptrdiff_t channels;
    std::ptrdiff_t height;
    std::ptrdiff_t width;
    std::ptrdiff_t kernel;
    std::ptrdiff_t stride;
    std::ptrdiff_t outHeight;
    std::ptrdiff_t outWidth;
};

/// Where finished gradients of weights go: stored in `gradient`, or applied where that is null.
struct WeightTarget
{
    float *gradient;
    float *value;
    float *first;   // null where the rule has none; likewise below
    float *second;
    float *average;
    std::ptrdiff_t stride; // of all of them
    UpdateScalars scalars;
};

/// Pixels of the samples of one block, feature-major.
struct Gather
{
    const std::uint8_t *pixels; // [count, features]
    std::ptrdiff_t features;
    const std::int32_t *indices; // [samples]
    std::ptrdiff_t samples;      // at most `block`; the rest becomes zero
    float scale;
    float *output;       // [features, block] times scale; or null:
    std::uint8_t *bytes; // [features, block] as they are, and
    std::uint8_t *rows;  // [block, rowStride] sample by sample; both or neither
    std::ptrdiff_t rowStride;
};

/// Softmax down the columns of logits [classes, block].
struct Softmax
{
    const float *logits;
    std::ptrdiff_t classes;
    float *maxima;   // [block] the largest logit
    float *sums;     // [block] of exp(logit − maximum)
    float *result;   // [classes, block] softmax · scale, or null
    float scale;
};

/// One block through a pooling layer; gradients where outputGradient is set. Max pooling looks at input and output again.
struct Pooling
{
    const float *input;  // [channels, height, width, block]
    float *output;       // [channels, outHeight, outWidth, block]
    const float *outputGradient;
    const float *mask;   // [channels, height, width, block] or null
    float *inputGradient;
    std::ptrdiff_t channels;
    std::ptrdiff_t height;
    std::ptrdiff_t width;
    std::ptrdiff_t kernel;
    std::ptrdiff_t stride;
    std::ptrdiff_t padding;
    std::ptrdiff_t outHeight;
    std::ptrdiff_t outWidth;
};

/// One channel of a batch norm over all blocks.
struct ChannelNorm
{
    const float *input; // [blocks, …, positions, block], at the channel
    float *output;      // or the input's gradient, or null
    const float *outputGradient;
    const float *mask;
    std::ptrdiff_t blockStride;
    std::ptrdiff_t blocks;
    std::ptrdiff_t positions;
    std::ptrdiff_t samples; // those beyond are left out of the statistics, and their gradients are zero
};

struct Dropout
{
    const float *input; // [features, block]
    float *output;
    std::ptrdiff_t features;
    std::uint32_t key;
    std::uint32_t threshold;
    std::uint32_t firstPlace; // of the block's first sample in the batch
    float scale;
};

enum class Elementwise {
    Copy,
    Relu,
    Gelu,
    Tanh,
};

/// The kernels for one instruction set. Counts of values are multiples of 16, all pointers aligned to 64 bytes.
struct Kernels
{
    void (*gather)(const Gather &gather);
    void (*convolve)(const Convolution &convolution);
    void (*outerProduct)(const OuterProduct &product, const WeightTarget &target);
    void (*correlate)(const Correlation &correlation, const WeightTarget &target);
    void (*update)(const WeightTarget &target, const float *gradient, std::ptrdiff_t count); // one row
    float (*sum)(const float *values, std::ptrdiff_t count);
    double (*squares)(const float *values, std::ptrdiff_t count);
    /// from [features, block] to [block, stride]; features beyond become zero.
    void (*transpose)(const float *from, std::ptrdiff_t features, float *to, std::ptrdiff_t stride);
    void (*softmax)(const Softmax &softmax);
    void (*maxPool)(const Pooling &pooling);
    void (*maxPoolGradient)(const Pooling &pooling);
    void (*averagePool)(const Pooling &pooling);
    void (*averagePoolGradient)(const Pooling &pooling);
    void (*activate)(Elementwise kind, const float *input, float *output, std::ptrdiff_t count);
    void (*activateGradient)(Elementwise kind, const float *input, const float *output, const float *outputGradient,
                             float *inputGradient, std::ptrdiff_t count);
    void (*add)(const float *one, const float *other, float *output, std::ptrdiff_t count);
    void (*scale)(float *values, float factor, std::ptrdiff_t count);
    void (*dropout)(const Dropout &dropout);
    /// Mean and variance (divided by the count) of a channel.
    void (*channelMoments)(const ChannelNorm &norm, float &mean, float &variance);
    /// output = (input − mean) · factor + offset
    void (*channelScale)(const ChannelNorm &norm, float mean, float factor, float offset);
    /// Sums of the output's gradient, and of it times the normalised input.
    void (*channelGradientSums)(const ChannelNorm &norm, float mean, float inverseDeviation, float &gradientSum,
                                float &productSum);
    /// output = (outputGradient − meanGradient − x̂ · meanProduct) · factor, masked
    void (*channelGradient)(const ChannelNorm &norm, float mean, float inverseDeviation, float meanGradient,
                            float meanProduct, float factor);
    /// Multiplies and adds in registers, so many rounds; how many operations that were. For measuring.
    double (*peak)(std::ptrdiff_t rounds, float factor, float *result);
};

const Kernels &baselineKernels(); // SSE2 on x86-64, NEON on arm64
const Kernels &avx2Kernels();     // with FMA
const Kernels &avx512Kernels();   // F, BW, DQ, VL

} // namespace bottega::engine::cpu
