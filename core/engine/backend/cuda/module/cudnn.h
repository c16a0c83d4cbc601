// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/cuda/module/interface.h"

#include <memory>

namespace bottega::cudamodule {

/// Convolutions by cuDNN's graph API on one stream; an execution plan per shape, kept. Only engines that give the same bits
/// each time; for Float32 none that rounds to tensor cores' formats, for the other precisions those of TF32.
class Cudnn
{
public:
    static const char *describe(bool &isLoaded);

    /// Throws std::runtime_error.
    Cudnn(void *stream, int precision, void *workspace, std::size_t workspaceBytes);
    ~Cudnn();

    int prepare(const BottegaConvolution &convolution, char *error);
    int run(const BottegaConvolution &convolution, char *error);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace bottega::cudamodule
