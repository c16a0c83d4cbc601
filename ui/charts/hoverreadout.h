// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/curvelayer.h"

#include <QList>
#include <QWidget>

namespace bottega {

/// The small card beside the cursor: where it is, and the value of every curve there, highest first. Lets the mouse
/// through.
class HoverReadout : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(HoverReadout)
public:
    struct Row
    {
        QString label;
        QString value;
        QString note; // "at 4,221" where the curve has no point at the cursor itself
        CurveStyle style;
        double sortValue = 0;
    };

    explicit HoverReadout(QWidget *parent);

    /// Sorts the rows, grows to fit and stands beside `anchor`, inside `area` (both in the parent's pixels).
    void showAt(const QPoint &anchor, const QRect &area, const QString &title, QList<Row> rows);
    /// Title and rows as lines of text: what a screen reader is told.
    [[nodiscard]] QString text() const;

    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    [[nodiscard]] int lineHeight() const;

    QString m_title;
    QList<Row> m_rows;
    int m_labelWidth = 0, m_valueWidth = 0, m_noteWidth = 0;
};

} // namespace bottega
