// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/samplecard.h"

#include "ui/inspector/gallerymodel.h"
#include "ui/inspector/thumbnaildelegate.h"
#include "ui/widgets/theme.h"

#include <QLocale>
#include <QPainter>

#include <algorithm>

namespace bottega {

namespace {
constexpr int pictureSize = 140;
constexpr int barHeight = 10;
} // namespace

SampleCard::SampleCard(QWidget *parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setSample({}, {});
}

void SampleCard::setSample(InspectionPtr inspection, std::optional<std::size_t> sample)
{
    m_inspection = std::move(inspection);
    m_sample = m_inspection ? sample : std::nullopt;
    if (m_sample) {
        const engine::Evaluation &evaluation = m_inspection->evaluation;
        setAccessibleName(tr("Image %1").arg(QLocale().toString(int(*m_sample))));
        setAccessibleDescription(
            tr("True %1 with a probability of %2, predicted %3 with %4")
                .arg(m_inspection->classNames[evaluation.labels[*m_sample]],
                     percentText(m_inspection->trueProbability(*m_sample)),
                     m_inspection->classNames[evaluation.predictions[*m_sample]],
                     percentText(evaluation.confidences[*m_sample])));
    } else {
        setAccessibleName(tr("No image selected"));
        setAccessibleDescription({});
    }
    update();
}

QSize SampleCard::sizeHint() const
{
    return {pictureSize + 260, pictureSize + 2 * theme::gap};
}

void SampleCard::paintBar(QPainter &painter, const QRect &line, const QString &label, double share,
                          const QColor &color) const
{
    const QString percent = percentText(share);
    painter.setFont(theme::font(0));
    painter.setPen(palette().color(QPalette::WindowText));
    const int percentWidth = painter.fontMetrics().horizontalAdvance(percent) + theme::gap;
    painter.drawText(line, Qt::AlignRight | Qt::AlignTop | Qt::TextSingleLine, percent);
    painter.drawText(line, Qt::AlignLeft | Qt::AlignTop | Qt::TextSingleLine,
                     painter.fontMetrics().elidedText(label, Qt::ElideRight, line.width() - percentWidth));
    QRectF bar(line.left(), line.top() + painter.fontMetrics().height() + 2, line.width(), barHeight);
    painter.setPen(Qt::NoPen);
    painter.setBrush(palette().color(QPalette::Midlight));
    painter.drawRoundedRect(bar, barHeight / 2., barHeight / 2.);
    // Even a probability of nothing leaves a round trace: the bar is there.
    bar.setWidth(std::max(double(barHeight), bar.width() * std::clamp(share, 0.0, 1.0)));
    painter.setBrush(color);
    painter.drawRoundedRect(bar, barHeight / 2., barHeight / 2.);
}

void SampleCard::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (!m_sample) {
        painter.setPen(theme::color(theme::Color::Muted));
        painter.drawText(rect(), Qt::AlignCenter | Qt::TextWordWrap, tr("Select an image to see it large."));
        return;
    }
    const engine::Evaluation &evaluation = m_inspection->evaluation;
    const QRect picture(0, theme::gap, pictureSize, pictureSize);
    paintPixels(painter, picture, m_inspection->image(*m_sample));

    QRect line = rect().adjusted(pictureSize + theme::wide, theme::gap, -theme::gap, 0);
    const QFontMetrics title(theme::font(1, true)), body(theme::font(0));
    painter.setFont(theme::font(1, true));
    painter.setPen(palette().color(QPalette::WindowText));
    painter.drawText(line, Qt::AlignLeft | Qt::AlignTop | Qt::TextSingleLine,
                     tr("Image %1").arg(QLocale().toString(int(*m_sample))));
    line.translate(0, title.height() + theme::gap);
    const bool right = m_inspection->isRight(*m_sample);
    paintBar(painter, line, tr("Predicted: %1").arg(m_inspection->classNames[evaluation.predictions[*m_sample]]),
             evaluation.confidences[*m_sample], theme::color(right ? theme::Color::Success : theme::Color::Validation));
    line.translate(0, body.height() + barHeight + theme::wide);
    paintBar(painter, line, tr("True: %1").arg(m_inspection->classNames[evaluation.labels[*m_sample]]),
             m_inspection->trueProbability(*m_sample), theme::color(theme::Color::Success));
}

} // namespace bottega
