// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/hostdevice.h"

namespace bottega::engine {

/// How training pictures are changed on the fly. All zero: not at all. Each picture draws its own numbers from (seed, step,
/// place in the batch), so that a resumed training sees the same ones.
struct Augmentation
{
    float shift = 0;   // up to so many pixels each way
    float rotate = 0;  // up to so many degrees either way
    float scale = 0;   // up to this share larger or smaller
    float elastic = 0; // strength of the smoothed random displacement, in pixels

    [[nodiscard]] bool isActive() const { return shift > 0 || rotate > 0 || scale > 0 || elastic > 0; }
};

} // namespace bottega::engine
