// SPDX-License-Identifier: Apache-2.0
// Every kernel, for the instruction set of the including source.
#include "core/engine/backend/cpu/kernels/vector.inl"

#include "core/engine/backend/cpu/kernels/transpose.inl"
#include "core/engine/backend/cpu/kernels/update.inl"

#include "core/engine/backend/cpu/kernels/convolution.inl"
#include "core/engine/backend/cpu/kernels/correlation.inl"
#include "core/engine/backend/cpu/kernels/outerproduct.inl"

#include "core/engine/backend/cpu/kernels/gather.inl"
#include "core/engine/backend/cpu/kernels/softmax.inl"

#include "core/engine/backend/cpu/kernels/activation.inl"
#include "core/engine/backend/cpu/kernels/batchnorm.inl"
#include "core/engine/backend/cpu/kernels/pooling.inl"

#include "core/engine/backend/cpu/kernels/peak.inl"

constexpr Kernels table = {
    gather,    convolve,        outerProduct,        correlate,        update,
    sum,       squares,         transpose,           softmax,          maxPool,
    maxPoolGradient, averagePool, averagePoolGradient, activate,       activateGradient,
    add,       scale,           dropout,             channelMoments,   channelScale,
    channelGradientSums, channelGradient, peak,
};
