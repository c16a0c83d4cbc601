// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/inspector/inspection.h"

#include <QWidget>

#include <optional>

namespace bottega {

/// One image, enlarged, with what the model made of it: the probability of the class it predicted and of the true one.
class SampleCard : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(SampleCard)
public:
    explicit SampleCard(QWidget *parent = nullptr);

    void setSample(InspectionPtr inspection, std::optional<std::size_t> sample);
    [[nodiscard]] std::optional<std::size_t> sample() const { return m_sample; }

    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void paintBar(QPainter &painter, const QRect &line, const QString &label, double share, const QColor &color) const;

    InspectionPtr m_inspection;
    std::optional<std::size_t> m_sample;
};

} // namespace bottega
