// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/cuda/module/interface.h"

#include <memory>
#include <string>

namespace bottega::cudamodule {

/// Products by cuBLASLt on one stream; a plan per shape, kept. Outcomes and errors as in the interface.
class CublasLt
{
public:
    static const char *describe(bool &isLoaded);

    /// Throws std::runtime_error.
    CublasLt(void *stream, int precision, void *workspace, std::size_t workspaceBytes);
    ~CublasLt();

    int prepare(const BottegaLinear &linear, char *error);
    int run(const BottegaLinear &linear, char *error);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace bottega::cudamodule
