// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/metricchart.h"

#include "ui/charts/hoverreadout.h"
#include "ui/charts/ticks.h"
#include "ui/widgets/format.h"
#include "ui/widgets/theme.h"

#include <QChart>
#include <QEvent>
#include <QGraphicsLayout>
#include <QGraphicsSimpleTextItem>
#include <QMouseEvent>
#include <QValueAxis>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

constexpr double wheelStep = 1.2; // per notch
constexpr qsizetype longestTitle = 40; // characters along the vertical axis
constexpr std::size_t smoothedAtOnce = 500'000; // points, between two looks at what the user does
constexpr int pixelsPerXTick = 90;
constexpr int pixelsPerYTick = 34;

/// A range with room above and below, never empty; losses and accuracies do not look as if they went below zero.
MetricChart::Range padded(MetricChart::Range range)
{
    double span = range.second - range.first;
    if (!(span > 0))
        span = range.first == 0 ? 1 : std::abs(range.first) * 0.2;
    const double room = span * 0.07;
    const double low = range.first - room;
    return {range.first >= 0 && low < 0 ? 0 : low, range.second + 1.4 * room}; // a label fits above the best point
}

} // namespace

MetricChart::MetricChart(const QString &valueTitle, QWidget *parent)
    : QChartView(parent)
    , m_xAxis(new QValueAxis(this))
    , m_yAxis(new QValueAxis(this))
    , m_readout(new HoverReadout(viewport()))
{
    // Axis titles of Qt Charts are markup; the name of a metric comes from a script.
    m_yAxis->setTitleText(shownText(valueTitle, longestTitle).toHtmlEscaped());
    QChart *plot = chart();
    plot->legend()->hide();
    plot->setMargins(QMargins());
    plot->layout()->setContentsMargins(0, 0, 0, 0);
    plot->setBackgroundVisible(false);
    plot->setLocalizeNumbers(true);
    plot->addAxis(m_xAxis, Qt::AlignBottom);
    plot->addAxis(m_yAxis, Qt::AlignLeft);
    m_layer = new CurveLayer(plot);
    m_cursorLayer = new CursorLayer(plot);
    m_placeholderItem = new QGraphicsSimpleTextItem(plot);
    for (QValueAxis *axis : {m_xAxis, m_yAxis}) {
        axis->setTickType(QValueAxis::TicksDynamic);
        axis->setTickAnchor(0);
    }
    setRenderHint(QPainter::Antialiasing);
    setFrameShape(QFrame::NoFrame);
    setBackgroundBrush(Qt::NoBrush);
    viewport()->setAutoFillBackground(false);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setMinimumSize(240, 160);
    m_catchUp.setSingleShot(true);
    connect(&m_catchUp, &QTimer::timeout, this, &MetricChart::rebuildCurves);
    applyTheme();
    updateAxes();
}

void MetricChart::setCurves(QList<ChartCurve> curves)
{
    m_curves = std::move(curves);
    refresh();
}

void MetricChart::setScale(const XScale &scale, const QString &axisTitle)
{
    m_scale = scale;
    m_xAxis->setTitleText(axisTitle.toHtmlEscaped());
}

void MetricChart::setSmoothing(double weight)
{
    m_smoothing = weight;
    rebuildCurves();
}

void MetricChart::setPlaceholder(const QString &text)
{
    m_placeholderItem->setText(text);
    layoutPlot();
}

void MetricChart::setExtent(Range extent)
{
    if (!(extent.second > extent.first))
        extent.second = extent.first + 1;
    m_extent = extent;
}

void MetricChart::refresh()
{
    if (isFollowing())
        m_values = fittedValues();
    updateAxes();
    rebuildCurves();
    if (m_cursor)
        showReadout();
}

void MetricChart::setVisibleRange(std::optional<Range> range)
{
    m_zoomed = range;
    if (!range)
        m_valueZoom.reset();
    m_values = fittedValues();
    updateAxes();
    rebuildCurves();
    if (m_cursor)
        showReadout();
}

MetricChart::Range MetricChart::xRange() const
{
    return m_zoomed.value_or(m_extent);
}

MetricChart::Range MetricChart::yRange() const
{
    return m_valueZoom.value_or(m_values);
}

QRectF MetricChart::plotArea() const
{
    return m_frame.rect;
}

MetricChart::Range MetricChart::fittedValues() const
{
    const auto [from, to] = xRange();
    std::optional<Range> all;
    for (const ChartCurve &curve : m_curves) {
        if (!curve.shown)
            continue;
        const auto own = valueRange(*curve.series, m_scale, from, to);
        if (!own)
            continue;
        all = all ? Range{std::min(all->first, own->first), std::max(all->second, own->second)} : *own;
    }
    return all ? padded(*all) : m_values;
}

void MetricChart::applyTheme()
{
    const QFont small = theme::font(-1);
    const QColor muted = theme::color(theme::Color::Muted);
    const QPen hairline(theme::color(theme::Color::Border), 1);
    for (QValueAxis *axis : {m_xAxis, m_yAxis}) {
        axis->setLabelsFont(small);
        axis->setLabelsColor(muted);
        axis->setTitleFont(small);
        axis->setTitleBrush(muted);
        axis->setGridLinePen(hairline);
        axis->setLinePen(axis == m_xAxis ? QPen(muted, 1) : QPen(Qt::NoPen));
    }
    m_xAxis->setGridLineVisible(false);
    m_layer->setFont(theme::font(-1, true));
    m_placeholderItem->setFont(small);
    m_placeholderItem->setBrush(muted);
    layoutPlot();
    m_layer->update();
}

void MetricChart::layoutPlot()
{
    // The margins are fixed: a label that grows must not move the plot.
    const QFontMetrics metrics(theme::font(-1));
    const int title = metrics.height() + theme::gap;
    const int left = title + metrics.horizontalAdvance(u"0.0000"_s) + theme::gap;
    const int bottom = title + metrics.height() + theme::gap;
    const QRectF all(QPointF(0, 0), QSizeF(viewport()->size()));
    const QRectF plot = all.adjusted(left, theme::gap + 2, -theme::wide - theme::tight, -bottom);
    m_frame.rect = plot.isValid() ? plot : QRectF(0, 0, 1, 1);
    chart()->setPlotArea(m_frame.rect);
    const QRectF text = m_placeholderItem->boundingRect();
    m_placeholderItem->setPos(m_frame.rect.center() - text.center());
    updateAxes();
    rebuildCurves();
}

void MetricChart::updateAxes()
{
    const auto [from, to] = xRange();
    const auto [low, high] = yRange();
    const auto set = [](QValueAxis *axis, double least, double most, int ticks, bool whole) {
        double step = tickStep(most - least, ticks);
        if (whole)
            step = std::max(step, 1.0);
        axis->setTickInterval(step);
        axis->setLabelFormat(tickFormat(step, std::max(std::abs(least), std::abs(most))));
        axis->setRange(least, most);
    };
    set(m_xAxis, from, to, int(m_frame.rect.width()) / pixelsPerXTick, m_scale.axis == XAxis::Step);
    set(m_yAxis, low, high, int(m_frame.rect.height()) / pixelsPerYTick, false);
    updateFrame();
}

void MetricChart::updateFrame()
{
    const auto [from, to] = xRange();
    const auto [low, high] = yRange();
    m_frame = {m_frame.rect, from, to, low, high};
    m_layer->setFrame(m_frame);
    m_cursorLayer->setFrame(m_frame);
}

void MetricChart::rebuildCurves()
{
    const auto [from, to] = xRange();
    const int columns = std::max(1, int(m_frame.rect.width()));
    QList<DrawnCurve> drawn;
    bool any = false;
    for (const ChartCurve &curve : std::as_const(m_curves)) {
        any = any || !curve.series->isEmpty();
        if (!curve.shown)
            continue;
        const bool smooth = curve.smooths && m_smoothing > 0;
        CurveStyle style = curve.style;
        style.faint = smooth;
        drawn.append({decimate(*curve.series, m_scale, from, to, columns), style});
        if (!smooth)
            continue;
        style = curve.style;
        style.smoothed = true;
        const PagedArray<double> &values = curve.series->smoothed(m_smoothing, smoothedAtOnce);
        drawn.append({decimate(*curve.series, m_scale, from, to, columns, &values), style});
        if (values.size() < curve.series->size())
            m_catchUp.start();
    }
    m_layer->setCurves(std::move(drawn));
    m_layer->setBest(bestMarks());
    m_placeholderItem->setVisible(!any);
    Q_EMIT curvesRebuilt();
}

QList<BestMark> MetricChart::bestMarks() const
{
    QList<BestMark> marks;
    for (const ChartCurve &curve : m_curves) {
        const auto best = curve.series->best();
        if (!curve.shown || !curve.marksBest || !best)
            continue;
        const MetricPoint point = curve.series->at(*best);
        //: Beside the best point of a curve: its value and its step
        const QString text = tr("best %1 at step %2").arg(valueText(point.value), countText(point.step));
        marks.append({{m_scale.at(point.step, point.wallTime), point.value}, text, curve.style.color});
    }
    return marks;
}

void MetricChart::resizeEvent(QResizeEvent *event)
{
    QChartView::resizeEvent(event);
    layoutPlot();
    setCursor(std::nullopt);
}

void MetricChart::changeEvent(QEvent *event)
{
    QChartView::changeEvent(event);
    if (m_layer && (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange))
        applyTheme();
}

bool MetricChart::viewportEvent(QEvent *event)
{
    if (event->type() == QEvent::Leave)
        Q_EMIT cursorLeft();
    return QChartView::viewportEvent(event);
}

void MetricChart::wheelEvent(QWheelEvent *event)
{
    const double notches = event->angleDelta().y() / 120.0;
    if (notches == 0 || !m_frame.rect.contains(event->position())) {
        event->ignore(); // the page scrolls
        return;
    }
    const double factor = std::pow(wheelStep, -notches);
    if (event->modifiers() & Qt::ControlModifier)
        zoomY(factor, m_frame.yAt(event->position().y()));
    else
        zoomX(factor, m_frame.xAt(event->position().x()));
    event->accept();
}

void MetricChart::mousePressEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton && m_frame.rect.contains(event->position()))
        m_dragFrom = event->position();
    else
        QChartView::mousePressEvent(event);
}

void MetricChart::mouseMoveEvent(QMouseEvent *event)
{
    if (m_dragFrom && event->buttons() & Qt::LeftButton) {
        panBy(event->position() - *m_dragFrom);
        m_dragFrom = event->position();
        return;
    }
    if (!m_frame.rect.contains(event->position())) {
        Q_EMIT cursorLeft();
        return;
    }
    m_mouseY = event->position().y();
    Q_EMIT cursorMoved(m_frame.xAt(event->position().x()));
}

void MetricChart::mouseReleaseEvent(QMouseEvent *event)
{
    m_dragFrom.reset();
    viewport()->unsetCursor();
    QChartView::mouseReleaseEvent(event);
}

void MetricChart::mouseDoubleClickEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton)
        follow();
}

void MetricChart::keyPressEvent(QKeyEvent *event)
{
    const auto [from, to] = xRange();
    const double middle = m_cursor.value_or((from + to) / 2);
    switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        return zoomX(1 / (wheelStep * wheelStep), middle);
    case Qt::Key_Minus:
        return zoomX(wheelStep * wheelStep, middle);
    case Qt::Key_0:
        return follow();
    case Qt::Key_Left:
    case Qt::Key_Right: {
        const int way = event->key() == Qt::Key_Left ? -1 : 1;
        if (event->modifiers() & Qt::ShiftModifier)
            return panBy({-way * m_frame.rect.width() / 8, 0});
        return moveDataCursor(event->modifiers() & Qt::ControlModifier ? 100 * way : way);
    }
    case Qt::Key_Home:
        return Q_EMIT cursorMoved(m_extent.first);
    case Qt::Key_End:
        return Q_EMIT cursorMoved(m_extent.second);
    case Qt::Key_Escape:
        if (m_cursor)
            return Q_EMIT cursorLeft();
        break;
    default:
        break;
    }
    QChartView::keyPressEvent(event);
}

void MetricChart::focusOutEvent(QFocusEvent *event)
{
    QChartView::focusOutEvent(event);
    if (!viewport()->underMouse())
        Q_EMIT cursorLeft();
}

void MetricChart::zoomX(double factor, double around)
{
    const auto [from, to] = xRange();
    requestRange(around - (around - from) * factor, around + (to - around) * factor);
}

void MetricChart::requestRange(double from, double to)
{
    const double whole = m_extent.second - m_extent.first;
    if (from <= m_extent.first && to >= m_extent.second) {
        if (m_zoomed)
            follow();
        return;
    }
    const double least = m_scale.axis == XAxis::Step ? 2 : whole / 1e6;
    if (to - from < least) {
        const double middle = (from + to) / 2;
        from = middle - least / 2;
        to = middle + least / 2;
    }
    // Some of the data stays in sight, however far one drags.
    const double span = to - from;
    from = std::clamp(from, m_extent.first - span / 2, m_extent.second - span / 2);
    Q_EMIT zoomed(from, from + span);
}

void MetricChart::zoomY(double factor, double around)
{
    const auto [low, high] = yRange();
    const Range wanted{around - (around - low) * factor, around + (high - around) * factor};
    if (!(wanted.second - wanted.first > 1e-12 * std::max(1.0, std::abs(around))))
        return;
    m_valueZoom = wanted;
    // The vertical zoom holds the horizontal range too: the view as a whole is now the user's.
    Q_EMIT zoomed(xRange().first, xRange().second);
}

void MetricChart::panBy(QPointF pixels)
{
    const auto [from, to] = xRange();
    const double shift = -pixels.x() / m_frame.rect.width() * (to - from);
    if (m_valueZoom) {
        const double rise = pixels.y() / m_frame.rect.height() * (m_valueZoom->second - m_valueZoom->first);
        m_valueZoom = Range{m_valueZoom->first + rise, m_valueZoom->second + rise};
    }
    if (m_zoomed)
        viewport()->setCursor(Qt::ClosedHandCursor);
    if (shift != 0 || m_valueZoom)
        requestRange(from + shift, to + shift);
}

void MetricChart::follow()
{
    m_valueZoom.reset();
    Q_EMIT followed();
}

const ChartCurve *MetricChart::densestCurve() const
{
    const ChartCurve *densest = nullptr;
    for (const ChartCurve &curve : m_curves) {
        if (curve.shown && !curve.series->isEmpty() && (!densest || curve.series->size() > densest->series->size()))
            densest = &curve;
    }
    return densest;
}

double MetricChart::snapped(double x) const
{
    const ChartCurve *curve = densestCurve();
    if (!curve)
        return x;
    const MetricPoint point = curve->series->at(*curve->series->nearest(m_scale, x));
    return m_scale.at(point.step, point.wallTime);
}

void MetricChart::moveDataCursor(int points)
{
    const ChartCurve *curve = densestCurve();
    if (!curve)
        return;
    const MetricSeries &series = *curve->series;
    const auto [from, to] = xRange();
    const auto here = qsizetype(*series.nearest(m_scale, m_cursor.value_or(points > 0 ? from : to)));
    const auto next = std::clamp(m_cursor ? here + points : here, qsizetype(0), qsizetype(series.size()) - 1);
    const MetricPoint point = series.at(std::size_t(next));
    const double x = m_scale.at(point.step, point.wallTime);
    m_mouseY.reset();
    if (x < from || x > to)
        requestRange(x - (to - from) / 2, x + (to - from) / 2);
    Q_EMIT cursorMoved(x);
}

void MetricChart::setCursor(std::optional<double> x)
{
    if (!x) {
        m_cursor.reset();
        m_mouseY.reset();
        m_cursorLayer->clear();
        m_readout->hide();
        return;
    }
    m_cursor = snapped(*x);
    showReadout();
}

QString MetricChart::readoutText() const
{
    return m_readout->isHidden() ? QString() : m_readout->text();
}

void MetricChart::showReadout()
{
    QList<HoverReadout::Row> rows;
    QList<CursorLayer::Dot> dots;
    std::optional<std::int64_t> step;
    if (const ChartCurve *curve = densestCurve())
        step = curve->series->at(*curve->series->nearest(m_scale, *m_cursor)).step;
    for (const ChartCurve &curve : std::as_const(m_curves)) {
        const auto index = curve.shown ? curve.series->nearest(m_scale, *m_cursor) : std::nullopt;
        if (!index)
            continue;
        const MetricPoint point = curve.series->at(*index);
        //: The step a value belongs to, where it is not the cursor's
        const QString note = point.step == step ? QString() : tr("at %1").arg(countText(point.step));
        rows.append({curve.label, valueText(point.value), note, curve.style, point.value});
        if (std::isfinite(point.value))
            dots.append({{m_scale.at(point.step, point.wallTime), point.value}, curve.style.color});
    }
    if (!step) {
        m_cursorLayer->clear();
        m_readout->hide();
        return;
    }
    m_cursorLayer->show(*m_cursor, m_mouseY, std::move(dots));
    QString title = tr("step %1").arg(countText(*step));
    if (m_scale.stepsPerEpoch > 0)
        title = tr("step %1 · epoch %2").arg(countText(*step), valueText(double(*step) / m_scale.stepsPerEpoch));
    const double x = m_frame.toPixel({*m_cursor, 0}).x();
    const double y = m_mouseY.value_or(m_frame.rect.center().y());
    m_readout->showAt(QPointF(x, y).toPoint(), viewport()->rect(), title, std::move(rows));
}

} // namespace bottega
