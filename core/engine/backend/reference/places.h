// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/ops.h"

namespace bottega::engine::reference {

/// Calls visit(channel, y, x, feature) for each place of pictures [C, H, W], in C order.
template <class Visit>
void forEachPlace(std::int64_t channels, std::int64_t height, std::int64_t width, Visit visit)
{
    std::int64_t feature = 0;
    for (std::int64_t c = 0; c < channels; ++c) {
        for (std::int64_t y = 0; y < height; ++y) {
            for (std::int64_t x = 0; x < width; ++x)
                visit(c, y, x, feature++);
        }
    }
}

/// Calls visit(ky, kx, place) for each tap of the window at output (y, x) that lies on the input, in row
/// order; `place` is that of the input within its channel [H, W].
template <class Visit> void forEachTap(const Window &w, std::int64_t y, std::int64_t x, Visit visit)
{
    for (std::int64_t ky = 0; ky < w.kernel; ++ky) {
        for (std::int64_t kx = 0; kx < w.kernel; ++kx) {
            const std::int64_t row = y * w.stride + ky - w.padding;
            const std::int64_t column = x * w.stride + kx - w.padding;
            if (row >= 0 && row < w.height && column >= 0 && column < w.width)
                visit(ky, kx, row * w.width + column);
        }
    }
}

} // namespace bottega::engine::reference
