// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace bottega {

/// Tells the processor that this thread only waits for another to write: a few dozen cycles.
inline void spinPause()
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

} // namespace bottega
