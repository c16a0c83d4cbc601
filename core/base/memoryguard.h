// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <new>
#include <stdexcept>

namespace bottega {

/// Calls `work`, which returns a Result, and turns a lack of memory into an error: what it had built is gone, and what
/// stands on disk is untouched.
template <class Work>
[[nodiscard]] auto withinMemory(const std::filesystem::path &path, const Work &work) -> decltype(work())
{
    try {
        return work();
    } catch (const std::bad_alloc &) {
    } catch (const std::length_error &) {
    }
    return fail(ErrorCode::Failed, "There is not enough memory to read this file", path.string(), "nothing of it is shown",
                "Close other programs, or look at fewer runs at a time");
}

} // namespace bottega
