// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <ostream>

namespace bottega::cli {

/// Where a command talks to: the program's own streams, or a test's buffers. Borrowed, never owned.
struct Console
{
    std::ostream &out;
    std::ostream &err;
    bool outIsTerminal = false; // one line may be redrawn; foreign text must not reach it raw
    bool errIsTerminal = false;
    bool isUnicode = true;
    std::function<int()> width = [] { return 80; }; // columns, asked anew for each drawing

    /// Waits. False: the person pressed Ctrl+C, now or before. From the first call on, Ctrl+C no longer ends the
    /// program by itself; zero only asks.
    std::function<bool(std::chrono::milliseconds)> pause;
};

} // namespace bottega::cli
