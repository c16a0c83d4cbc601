// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>

namespace bottega {

/// A picture of a data set, [channels, rows, columns] in uint8, as one to draw: grey, or RGB with 3 channels. Null for
/// another number of channels.
[[nodiscard]] QImage planarImage(const uchar *pixels, int channels, int rows, int columns);

} // namespace bottega
