// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/planarimage.h"

namespace bottega {

QImage planarImage(const uchar *pixels, int channels, int rows, int columns)
{
    if (channels == 1)
        return QImage(pixels, columns, rows, columns, QImage::Format_Grayscale8).copy();
    if (channels != 3)
        return {};
    QImage image(columns, rows, QImage::Format_RGB888);
    const qsizetype plane = qsizetype(rows) * columns;
    for (int row = 0; row < rows; ++row) {
        uchar *line = image.scanLine(row);
        for (int column = 0; column < columns; ++column) {
            for (int channel = 0; channel < channels; ++channel)
                line[3 * column + channel] = pixels[channel * plane + qsizetype(row) * columns + column];
        }
    }
    return image;
}

} // namespace bottega
