// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/networkspec.h"

#include <QString>

namespace bottega {

/// "Convolution 5 × 5, stride 2", "Linear", "Dropout 25 %": what a layer does, without its name.
[[nodiscard]] QString layerTitle(const engine::LayerSpec &layer);

/// "20 × 24 × 24"
[[nodiscard]] QString shapeTimes(const engine::Shape &shape);

/// "13.2 MFLOP"
[[nodiscard]] QString flopsText(double flops);

/// The number of the layer that an error of parseNetwork or planNetwork names, counted from 0; −1: it names none.
[[nodiscard]] int layerOfError(const Error &error);

} // namespace bottega
