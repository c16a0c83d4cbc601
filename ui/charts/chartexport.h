// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "ui/charts/metricseries.h"

#include <QImage>
#include <QString>

#include <filesystem>
#include <vector>

namespace bottega {

struct NamedPoints
{
    std::string name;
    PagedArray<MetricPoint> points; // a copy: any thread writes it
};

/// All points, one a line, exact to the last bit: metric,step,wall_time,value. Fields are quoted as RFC 4180 has it; NaN
/// and infinities are written as the words that numpy and pandas read. Wholly or not at all, piece by piece; blocks on the
/// disk.
[[nodiscard]] Result<void> saveCsv(const std::vector<NamedPoints> &metrics, const std::filesystem::path &path);

/// Writes the picture as PNG, wholly or not at all. Blocks on the disk.
[[nodiscard]] Result<void> savePng(const QImage &image, const std::filesystem::path &path);

/// A file name from a chart's title: "Loss" becomes "loss.png", "images/s" becomes "images-s.png".
[[nodiscard]] QString suggestedFileName(const QString &title, const QString &suffix);

} // namespace bottega
