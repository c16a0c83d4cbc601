// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/decimate.h"

#include <QColor>
#include <QFont>
#include <QGraphicsItem>
#include <QString>

#include <cmath>
#include <vector>

namespace bottega {

/// How one curve looks. Never told by colour alone: validation curves are dashed and carry markers.
struct CurveStyle
{
    QColor color;
    bool dashed = false;
    bool markers = false;
    bool faint = false;    // the raw points behind a smoothed curve
    bool smoothed = false; // few turns, however many points
};

struct DrawnCurve
{
    CurveShape shape;
    CurveStyle style;
};

struct BestMark
{
    QPointF point; // in the units of the axes
    QString text;
    QColor color;
};

/// The plot's rectangle in the chart and the values at its edges.
struct PlotFrame
{
    QRectF rect;
    double left = 0, right = 1;
    double bottom = 0, top = 1;

    [[nodiscard]] QPointF toPixel(QPointF value) const;
    [[nodiscard]] double xAt(double pixel) const;
    [[nodiscard]] double yAt(double pixel) const;
};

/// All curves of one chart as a single item over Qt Charts' axes: it draws any number of stretches, markers and gaps from
/// decimated shapes, clipped to the plot, and keeps its picture until something changes, so that the cursor costs nothing.
class CurveLayer final : public QGraphicsItem
{
public:
    explicit CurveLayer(QGraphicsItem *chart);

    void setFrame(const PlotFrame &frame);
    void setCurves(QList<DrawnCurve> curves);
    void setBest(QList<BestMark> marks);
    void setFont(const QFont &font) { m_font = font; }

    [[nodiscard]] const QList<DrawnCurve> &curves() const { return m_curves; }
    [[nodiscard]] const QList<BestMark> &best() const { return m_best; }

    QRectF boundingRect() const override;
    void paint(QPainter *painter, const QStyleOptionGraphicsItem *option, QWidget *widget) override;

private:
    void paintCurve(QPainter &painter, const DrawnCurve &curve) const;
    void paintMarkers(QPainter &painter, const DrawnCurve &curve) const;
    void paintNotFinite(QPainter &painter, const DrawnCurve &curve) const;
    void paintBest(QPainter &painter, const BestMark &mark) const;
    [[nodiscard]] QRectF labelPlace(QPointF at, QSizeF size) const;
    struct Span
    {
        double top = HUGE_VAL, bottom = -HUGE_VAL;
    };
    [[nodiscard]] std::vector<Span> occupiedColumns() const; // what the curves cover, for each pixel column

    PlotFrame m_frame;
    QList<DrawnCurve> m_curves;
    QList<BestMark> m_best;
    QFont m_font;
};

/// The crosshair and the points it touches.
class CursorLayer final : public QGraphicsItem
{
public:
    struct Dot
    {
        QPointF point; // in the units of the axes
        QColor color;
    };

    explicit CursorLayer(QGraphicsItem *chart);
    void setFrame(const PlotFrame &frame);
    void show(double x, std::optional<double> y, QList<Dot> dots);
    void clear();

    QRectF boundingRect() const override;
    void paint(QPainter *painter, const QStyleOptionGraphicsItem *option, QWidget *widget) override;

private:
    PlotFrame m_frame;
    std::optional<double> m_x; // in the units of the axis
    std::optional<double> m_y; // the mouse, in pixels
    QList<Dot> m_dots;
};

/// One sample of a curve's look, for legends and readouts.
void paintCurveSample(QPainter &painter, const QRectF &rect, const CurveStyle &style);

} // namespace bottega
