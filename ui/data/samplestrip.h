// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/workspace/datasets.h"

#include <QImage>
#include <QString>
#include <QWidget>

#include <filesystem>
#include <vector>

namespace bottega {

struct ClassSample
{
    int label = 0;
    QImage image;
};

/// The first test image of each class, ten at most, read without loading the whole file. Blocks: for a worker thread.
[[nodiscard]] Result<std::vector<ClassSample>> readClassSamples(const std::filesystem::path &folder);

/// A row of sample images with their class names, so that one sees what a data set is.
class SampleStrip final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(SampleStrip)
public:
    explicit SampleStrip(QWidget *parent = nullptr);
    void setSamples(const std::vector<ClassSample> &samples, const std::vector<std::string> &classNames);
    [[nodiscard]] int sampleCount() const { return static_cast<int>(m_tiles.size()); }

    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    struct Tile
    {
        QImage image;
        QString name;
    };
    [[nodiscard]] int tileWidth() const;

    std::vector<Tile> m_tiles;
};

} // namespace bottega
