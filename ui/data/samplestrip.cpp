// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/data/samplestrip.h"

#include "core/base/file.h"
#include "core/base/safename.h"
#include "core/formats/idx/idx.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/format.h"
#include "ui/widgets/planarimage.h"
#include "ui/widgets/theme.h"

#include <QPainter>
#include <QStringList>

#include <algorithm>
#include <cstring>

namespace bottega {

namespace {

constexpr int mostTiles = 10;
constexpr int tileSide = 56; // twice MNIST's side
constexpr std::uint64_t largestImage = 4096 * 4096;

Result<QImage> readImage(int fd, const std::filesystem::path &path, std::uint64_t index,
                         const std::vector<std::uint32_t> &shape)
{
    const int channels = shape.size() == 4 ? static_cast<int>(shape[1]) : 1;
    const int rows = static_cast<int>(shape[shape.size() - 2]), columns = static_cast<int>(shape.back());
    std::vector<uchar> pixels(std::size_t{shape[shape.size() - 2]} * shape.back() * static_cast<std::size_t>(channels));
    const std::uint64_t offset = 4 + 4 * shape.size() + index * pixels.size(); // behind the header
    const auto count = readAt(fd, std::as_writable_bytes(std::span(pixels)), offset, path);
    if (!count)
        return fail(count.error());
    if (*count < pixels.size())
        return fail(ErrorCode::Corrupt, "The file ends before its last image", path.string());
    return planarImage(pixels.data(), channels, rows, columns);
}

} // namespace

Result<std::vector<ClassSample>> readClassSamples(const std::filesystem::path &folder)
{
    const std::filesystem::path path = folder / datasetFiles[2];
    const auto info = readIdxInfo({folder, datasetFiles[2]});
    if (!info)
        return fail(info.error());
    const auto labels = readIdx({folder, datasetFiles[3]});
    if (!labels)
        return fail(labels.error());
    const auto &shape = info->shape;
    const bool isKnown = shape.size() == 3 || (shape.size() == 4 && (shape[1] == 1 || shape[1] == 3));
    if (!isKnown || std::uint64_t{shape[shape.size() - 2]} * shape.back() > largestImage)
        return fail(ErrorCode::Unsupported, "The images are too large to show", path.string());
    const auto fd = openBeneath(folder, datasetFiles[2]);
    if (!fd)
        return fail(fd.error());
    std::vector<ClassSample> samples;
    for (int label = 0; label < mostTiles; ++label) {
        const auto first = std::find(labels->values.begin(), labels->values.end(), label);
        if (first == labels->values.end())
            continue;
        auto image = readImage(fd->get(), path, static_cast<std::uint64_t>(first - labels->values.begin()),
                               shape);
        if (!image)
            return fail(image.error());
        samples.push_back({label, std::move(*image)});
    }
    return samples;
}

SampleStrip::SampleStrip(QWidget *parent)
    : QWidget(parent)
{
    setFont(theme::font(-1));
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    hide();
}

void SampleStrip::setSamples(const std::vector<ClassSample> &samples, const std::vector<std::string> &classNames)
{
    m_tiles.clear();
    QStringList names;
    for (const ClassSample &sample : samples) {
        const auto at = static_cast<std::size_t>(sample.label);
        const QString name = at < classNames.size() ? shownText(printable(classNames[at], 40)) : QString::number(sample.label);
        m_tiles.push_back({sample.image, name});
        names += name;
    }
    setAccessibleName(tr("Sample images: %1").arg(names.join(QStringLiteral(", "))));
    setVisible(!m_tiles.empty());
    updateGeometry();
    update();
}

QSize SampleStrip::sizeHint() const
{
    return {static_cast<int>(m_tiles.size()) * tileWidth(), tileSide + theme::tight + fontMetrics().height()};
}

/// All tiles as wide as the widest name needs, within reason.
int SampleStrip::tileWidth() const
{
    int width = tileSide;
    for (const Tile &tile : m_tiles)
        width = std::max(width, fontMetrics().horizontalAdvance(tile.name));
    return std::min(width, 84) + theme::gap;
}

void SampleStrip::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const int step = std::min(tileWidth(), width() / std::max(1, sampleCount()));
    const int side = std::min(tileSide, step - theme::tight);
    for (int i = 0; i < sampleCount(); ++i) {
        const Tile &tile = m_tiles[static_cast<std::size_t>(i)];
        const QRect area(QPoint(i * step, 0), tile.image.size().scaled(side, side, Qt::KeepAspectRatio));
        painter.drawImage(area, tile.image); // not smoothed: its own pixels
        painter.setPen(theme::color(theme::Color::Border));
        painter.drawRect(area.adjusted(0, 0, -1, -1));
        painter.setPen(theme::color(theme::Color::Muted));
        const QRect under(i * step, side + theme::tight, step - theme::tight, fontMetrics().height());
        painter.drawText(under, Qt::AlignLeft | Qt::AlignVCenter,
                         fontMetrics().elidedText(tile.name, Qt::ElideRight, under.width()));
    }
}

} // namespace bottega
