// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/schedule.h"

#include <QWidget>

#include <vector>

namespace bottega {

/// The learning rate over a training, as a small curve with its highest value and its length.
class RateCurve : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(RateCurve)
public:
    explicit RateCurve(QWidget *parent = nullptr);

    void setSchedule(const engine::Schedule &schedule, const engine::TrainingLength &length, std::int64_t epochs);
    [[nodiscard]] const std::vector<float> &rates() const { return m_rates; } // at equal distances, first and last step
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    std::vector<float> m_rates;
    float m_highest = 0;
    std::int64_t m_epochs = 0;
};

} // namespace bottega
