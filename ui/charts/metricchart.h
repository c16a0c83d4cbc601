// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/curvelayer.h"
#include "ui/charts/metricseries.h"

#include <QChartView>
#include <QTimer>
#include <QList>
#include <QString>

#include <optional>
#include <utility>

class QValueAxis;

namespace bottega {

class HoverReadout;

/// One curve of a chart; the series belongs to somebody who outlives the chart.
struct ChartCurve
{
    const MetricSeries *series = nullptr;
    QString label;
    CurveStyle style;
    bool shown = true;
    bool marksBest = false;
    bool smooths = false; // takes part in smoothing: the raw curve stays behind, faint
};

/// One plot: Qt Charts' axes and grid, the curves as a layer of our own. Wheel zooms the horizontal axis around the mouse
/// (Ctrl+wheel the vertical one), dragging pans, a double click follows the end again; +, −, 0 and the arrow keys do the
/// same by keyboard. While it follows, the view fits all data; once the user zoomed, data never moves it.
class MetricChart : public QChartView
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(MetricChart)
public:
    using Range = std::pair<double, double>;

    explicit MetricChart(const QString &valueTitle, QWidget *parent = nullptr);

    void setCurves(QList<ChartCurve> curves);
    [[nodiscard]] const QList<ChartCurve> &curves() const { return m_curves; }
    void setScale(const XScale &scale, const QString &axisTitle);
    void setSmoothing(double weight);  // 0: none
    void setPlaceholder(const QString &text); // stands in the plot while no curve has a point

    /// All that could be shown: the run's first and last x, the same for all its charts.
    void setExtent(Range extent);
    /// Takes up new points and redraws.
    void refresh();

    /// What is shown; nothing: the whole extent, following the end.
    void setVisibleRange(std::optional<Range> range);
    [[nodiscard]] bool isFollowing() const { return !m_zoomed && !m_valueZoom; }
    [[nodiscard]] Range xRange() const;
    [[nodiscard]] Range yRange() const;
    [[nodiscard]] QRectF plotArea() const; // in the viewport's pixels

    /// Puts the crosshair on the point nearest to x; nothing: away.
    void setCursor(std::optional<double> x);
    using QWidget::setCursor;
    [[nodiscard]] QString readoutText() const; // empty while there is no cursor

    [[nodiscard]] const CurveLayer &layer() const { return *m_layer; }

Q_SIGNALS:
    void zoomed(double from, double to); // by the user
    void followed();                     // back to the whole
    void cursorMoved(double x);          // in the units of the axis
    void cursorLeft();
    void curvesRebuilt();

protected:
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;
    bool viewportEvent(QEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;

private:
    void applyTheme();
    void layoutPlot();
    void updateAxes();
    void updateFrame();
    void rebuildCurves();
    QList<BestMark> bestMarks() const;
    Range fittedValues() const;
    void zoomX(double factor, double around);
    void zoomY(double factor, double around);
    void panBy(QPointF pixels);
    void requestRange(double from, double to);
    void follow();
    void moveDataCursor(int points);
    const ChartCurve *densestCurve() const;
    double snapped(double x) const;
    void showReadout();

    QList<ChartCurve> m_curves;
    XScale m_scale;
    double m_smoothing = 0;
    Range m_extent{0, 1};
    std::optional<Range> m_zoomed;
    std::optional<Range> m_valueZoom;
    Range m_values{0, 1};
    PlotFrame m_frame;
    QString m_placeholder;
    std::optional<double> m_cursor;
    std::optional<double> m_mouseY;
    std::optional<QPointF> m_dragFrom;
    QTimer m_catchUp; // long curves are smoothed in portions

    QValueAxis *m_xAxis = nullptr;
    QValueAxis *m_yAxis = nullptr;
    CurveLayer *m_layer = nullptr;     // the chart's scene owns both
    CursorLayer *m_cursorLayer = nullptr;
    QGraphicsSimpleTextItem *m_placeholderItem = nullptr;
    HoverReadout *m_readout = nullptr;
};

} // namespace bottega
