// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Marks arithmetic that kernels on a device and the host share.
#if defined(__CUDACC__)
#define BOTTEGA_HOST_DEVICE __host__ __device__
#else
#define BOTTEGA_HOST_DEVICE
#endif
