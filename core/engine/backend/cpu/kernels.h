// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace bottega::engine::cpu {

/// C [rows, columns] = A [rows, depth] · B [depth, columns], summed in order of depth for every element, whatever the
/// tile it falls into. A is read value by value, B and C by whole vectors: their rows are aligned to 64 bytes and
/// `columns` is a multiple of 16.
struct Product
{
    const float *a;
    std::ptrdiff_t aRow;  // from one row of A to the next
    std::ptrdiff_t aStep; // from one value to the next along depth
    const float *b;
    std::ptrdiff_t bStride;
    float *c;
    std::ptrdiff_t cStride;
    std::ptrdiff_t rows;
    std::ptrdiff_t depth;
    std::ptrdiff_t columns;
};

/// Softmax down the columns of logits [classes, columns].
struct SoftmaxColumns
{
    const float *logits;
    std::ptrdiff_t logitStride;
    std::ptrdiff_t classes;
    std::ptrdiff_t columns; // multiple of 16
    float *maxima;          // [columns] the largest logit
    float *sums;            // [columns] of exp(logit − maximum)
    float *winners;         // [columns] class of the first largest logit
    float *gradient;        // [classes, columns] softmax · scale, or null
    std::ptrdiff_t gradientStride;
    float scale;
};

/// Pixels of N samples, turned to feature-major floats [features, N]; columns up to the next multiple of 16 become zero.
struct Gather
{
    const std::uint8_t *pixels; // [count, features]
    std::ptrdiff_t features;
    const std::int32_t *indices; // [samples]
    std::ptrdiff_t samples;
    float scale;
    float *output;
    std::ptrdiff_t outputStride;
};

/// The kernels for one instruction set.
struct Kernels
{
    void (*gather)(const Gather &gather);
    void (*forward)(const Product &product, const float *bias, bool isRelu);
    /// `reluOutput` has C's shape and stride; null: no mask.
    void (*inputGradient)(const Product &product, const float *reluOutput);
    void (*weightGradient)(const Product &product);
    /// C are the weights; the product is their gradient and is not stored. `velocity` has C's stride.
    void (*weightStep)(const Product &product, float *velocity, float learningRate, float momentum);
    void (*momentumStep)(const float *gradient, float *weights, float *velocity, std::ptrdiff_t count,
                         float learningRate, float momentum);
    float (*sum)(const float *values, std::ptrdiff_t count); // count a multiple of 16
    /// from [rows, columns] to [columns, rows], both padded to 16 each way in `to`; missing rows become zero.
    void (*transpose)(const float *from, std::ptrdiff_t fromStride, std::ptrdiff_t rows, std::ptrdiff_t columns,
                      float *to, std::ptrdiff_t toStride);
    void (*softmax)(const SoftmaxColumns &softmax);
};

const Kernels &baselineKernels(); // SSE2 on x86-64, NEON on arm64
const Kernels &avx2Kernels();     // with FMA
const Kernels &avx512Kernels();   // F, BW, DQ, VL

} // namespace bottega::engine::cpu
