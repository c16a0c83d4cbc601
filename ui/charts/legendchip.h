// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/curvelayer.h"

#include <QAbstractButton>

namespace bottega {

/// One curve in a chart's header: a sample of its line, its name, its last value. A click shows or hides the curve.
class LegendChip : public QAbstractButton
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(LegendChip)
public:
    LegendChip(const QString &label, QWidget *parent = nullptr);

    void setStyleOf(const CurveStyle &style);
    void setValue(const QString &value);
    [[nodiscard]] QString label() const { return m_label; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    bool event(QEvent *event) override;

private:
    void describe();

    QString m_label;
    QString m_value;
    CurveStyle m_style;
};

} // namespace bottega
