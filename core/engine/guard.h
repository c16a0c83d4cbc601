// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/engine/backend/deviceerror.h"

#include <exception>
#include <new>

namespace bottega::engine {

/// Calls `work`, which returns a Result, and turns an exception into an error: nothing thrown leaves the engine.
template <class Work>
[[nodiscard]] auto guarded(const Work &work) -> decltype(work())
{
    try {
        return work();
    } catch (const std::bad_alloc &) {
        return fail(ErrorCode::Failed, "There is not enough memory", {}, {},
                    "Try a smaller batchsize or fewer hidden units");
    } catch (const DeviceError &error) {
        return fail(ErrorCode::Failed, error.what(), {}, {}, error.remedy());
    } catch (const std::exception &exception) {
        return fail(ErrorCode::Failed, exception.what());
    }
}

} // namespace bottega::engine
