// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/curvelayer.h"

#include "ui/widgets/theme.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace bottega {

namespace {

constexpr qreal markerRadius = 3;
constexpr qreal bestRadius = 5.5;
// Any pen over one pixel leaves Qt's fast path, which noisy curves of many points need.
constexpr qsizetype fastPathPoints = 600;
constexpr qsizetype mostMarkers = 120;

QPen curvePen(const CurveStyle &style, qsizetype points)
{
    QColor color = style.color;
    if (style.faint)
        color.setAlphaF(0.32F);
    const bool isDense = style.faint || points > fastPathPoints;
    QPen pen(color, isDense ? 1 : 2);
    pen.setCosmetic(isDense);
    pen.setJoinStyle(Qt::RoundJoin);
    pen.setCapStyle(Qt::FlatCap);
    if (style.dashed && points <= fastPathPoints)
        pen.setDashPattern({4, 2.5});
    return pen;
}

void paintMarker(QPainter &painter, QPointF at, const QColor &color)
{
    painter.setPen(QPen(color, 1.6));
    painter.setBrush(theme::color(theme::Color::Surface));
    painter.drawEllipse(at, markerRadius, markerRadius);
}

} // namespace

QPointF PlotFrame::toPixel(QPointF value) const
{
    return {rect.left() + (value.x() - left) / (right - left) * rect.width(),
            rect.bottom() - (value.y() - bottom) / (top - bottom) * rect.height()};
}

double PlotFrame::xAt(double pixel) const
{
    return left + (pixel - rect.left()) / rect.width() * (right - left);
}

double PlotFrame::yAt(double pixel) const
{
    return bottom + (rect.bottom() - pixel) / rect.height() * (top - bottom);
}

CurveLayer::CurveLayer(QGraphicsItem *chart)
    : QGraphicsItem(chart)
{
    setCacheMode(DeviceCoordinateCache);
    setZValue(50);
}

void CurveLayer::setFrame(const PlotFrame &frame)
{
    prepareGeometryChange();
    m_frame = frame;
    update();
}

void CurveLayer::setCurves(QList<DrawnCurve> curves)
{
    m_curves = std::move(curves);
    update();
}

void CurveLayer::setBest(QList<BestMark> marks)
{
    m_best = std::move(marks);
    update();
}

QRectF CurveLayer::boundingRect() const
{
    return m_frame.rect.adjusted(-8, -8, 8, 8);
}

void CurveLayer::paint(QPainter *painter, const QStyleOptionGraphicsItem *, QWidget *)
{
    painter->setRenderHint(QPainter::Antialiasing);
    painter->save();
    painter->setClipRect(m_frame.rect.adjusted(0, -2, 0, 2));
    for (const DrawnCurve &curve : m_curves)
        paintCurve(*painter, curve);
    painter->restore();
    for (const DrawnCurve &curve : m_curves) {
        paintMarkers(*painter, curve);
        paintNotFinite(*painter, curve);
    }
    for (const BestMark &mark : m_best)
        paintBest(*painter, mark);
}

void CurveLayer::paintCurve(QPainter &painter, const DrawnCurve &curve) const
{
    painter.setPen(curvePen(curve.style, curve.shape.pointCount()));
    painter.setBrush(Qt::NoBrush);
    // The same again a little lower: as strong as a wide pen, on the fast path.
    const bool twice = curve.style.smoothed && curve.shape.pointCount() > fastPathPoints;
    // Far outside the plot coordinates lose their meaning for the rasterizer.
    const double limit = 20 * m_frame.rect.height();
    QPolygonF pixels;
    for (const QList<QPointF> &line : curve.shape.lines) {
        pixels.resize(0);
        for (const QPointF &point : line) {
            QPointF pixel = m_frame.toPixel(point);
            pixel.setY(std::clamp(pixel.y(), m_frame.rect.top() - limit, m_frame.rect.bottom() + limit));
            pixels.append(pixel);
        }
        if (pixels.size() == 1)
            painter.drawEllipse(pixels.first(), 1.2, 1.2);
        else
            painter.drawPolyline(pixels);
        if (twice)
            painter.drawPolyline(pixels.translated(0, 0.7));
    }
}

void CurveLayer::paintMarkers(QPainter &painter, const DrawnCurve &curve) const
{
    if (!curve.style.markers || curve.shape.pointCount() > mostMarkers)
        return;
    const QRectF area = m_frame.rect.adjusted(-1, -1, 1, 1);
    for (const QList<QPointF> &line : curve.shape.lines) {
        for (const QPointF &point : line) {
            const QPointF pixel = m_frame.toPixel(point);
            if (area.contains(pixel))
                paintMarker(painter, pixel, curve.style.color);
        }
    }
}

void CurveLayer::paintNotFinite(QPainter &painter, const DrawnCurve &curve) const
{
    if (curve.style.faint)
        return;
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme::color(theme::Color::Danger));
    for (const double x : curve.shape.notFinite) {
        const double at = m_frame.toPixel({x, 0}).x();
        if (at < m_frame.rect.left() || at > m_frame.rect.right())
            continue;
        const double top = m_frame.rect.top();
        const QPointF triangle[] = {{at - 4, top - 1}, {at + 4, top - 1}, {at, top + 6}};
        painter.drawConvexPolygon(triangle, 3);
    }
}

std::vector<CurveLayer::Span> CurveLayer::occupiedColumns() const
{
    std::vector<Span> columns(std::size_t(std::max(1.0, m_frame.rect.width())) + 1);
    const auto widen = [&](double x, double y) {
        const double at = x - m_frame.rect.left();
        if (at < 0 || at >= double(columns.size()))
            return;
        Span &span = columns[std::size_t(at)];
        span = {std::min(span.top, y - 1), std::max(span.bottom, y + 1)};
    };
    for (const DrawnCurve &curve : m_curves) {
        for (const QList<QPointF> &line : curve.shape.lines) {
            for (qsizetype i = 0; i < line.size(); ++i) {
                const QPointF to = m_frame.toPixel(line[i]);
                widen(to.x(), to.y());
                const QPointF from = i > 0 ? m_frame.toPixel(line[i - 1]) : to;
                const double first = std::max(from.x(), m_frame.rect.left()), end = std::min(to.x(), m_frame.rect.right());
                for (double x = first; x < end; x += 1)
                    widen(x, from.y() + (to.y() - from.y()) * (x - from.x()) / (to.x() - from.x()));
            }
        }
    }
    return columns;
}

/// Beside the mark where it hides least of the curves, as near as that allows.
QRectF CurveLayer::labelPlace(QPointF at, QSizeF size) const
{
    const QRectF plot = m_frame.rect;
    const std::vector<Span> columns = occupiedColumns();
    const auto hidden = [&](const QRectF &place) {
        int count = 0;
        const auto first = std::size_t(std::max(0.0, place.left() - plot.left()));
        for (std::size_t i = first; i < columns.size() && double(i) <= place.right() - plot.left(); ++i)
            count += columns[i].top < place.bottom() && columns[i].bottom > place.top();
        return count;
    };
    const double off = bestRadius + 5;
    const double lefts[] = {at.x() - size.width() + 8, at.x() - 8, at.x() - size.width() - off, at.x() + off};
    QRectF best;
    double leastCost = HUGE_VAL;
    for (int far = 0; far < 6; ++far) {
        for (const double top : {at.y() - size.height() - off - far * 16, at.y() + off + far * 16}) {
            for (const double left : lefts) {
                const QRectF place(QPointF(left, top), size);
                if (!plot.adjusted(0, -6, 6, 0).contains(place))
                    continue;
                const double cost = hidden(place) + far * 12;
                if (cost < leastCost)
                    leastCost = cost, best = place;
            }
        }
    }
    return best.isValid() ? best : QRectF(QPointF(std::max(plot.left(), at.x() - size.width()), at.y() + off), size);
}

void CurveLayer::paintBest(QPainter &painter, const BestMark &mark) const
{
    const QPointF at = m_frame.toPixel(mark.point);
    const QRectF plot = m_frame.rect;
    if (!plot.adjusted(-1, -1, 1, 1).contains(at))
        return;
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(mark.color, 2));
    painter.drawEllipse(at, bestRadius, bestRadius);
    painter.setFont(m_font);
    const QFontMetricsF metrics(m_font);
    const QRectF label = labelPlace(at, {metrics.horizontalAdvance(mark.text) + 10, metrics.height() + 4});
    QColor ground = theme::color(theme::Color::Surface);
    ground.setAlphaF(0.88F);
    painter.setPen(Qt::NoPen);
    painter.setBrush(ground);
    painter.drawRoundedRect(label, theme::radius, theme::radius);
    painter.setPen(mark.color);
    painter.drawText(label, Qt::AlignCenter | Qt::TextSingleLine, mark.text);
}

CursorLayer::CursorLayer(QGraphicsItem *chart)
    : QGraphicsItem(chart)
{
    setZValue(60);
}

void CursorLayer::setFrame(const PlotFrame &frame)
{
    prepareGeometryChange();
    m_frame = frame;
    update();
}

void CursorLayer::show(double x, std::optional<double> y, QList<Dot> dots)
{
    m_x = x;
    m_y = y;
    m_dots = std::move(dots);
    update();
}

void CursorLayer::clear()
{
    if (!m_x)
        return;
    m_x.reset();
    m_dots.clear();
    update();
}

QRectF CursorLayer::boundingRect() const
{
    return m_frame.rect.adjusted(-6, -6, 6, 6);
}

void CursorLayer::paint(QPainter *painter, const QStyleOptionGraphicsItem *, QWidget *)
{
    if (!m_x)
        return;
    const double x = m_frame.toPixel({*m_x, 0}).x();
    const QRectF &plot = m_frame.rect;
    if (x < plot.left() - 1 || x > plot.right() + 1)
        return;
    painter->setPen(QPen(theme::color(theme::Color::Muted), 1, Qt::DashLine));
    painter->drawLine(QLineF(x, plot.top(), x, plot.bottom()));
    if (m_y && *m_y >= plot.top() && *m_y <= plot.bottom())
        painter->drawLine(QLineF(plot.left(), *m_y, plot.right(), *m_y));
    painter->setRenderHint(QPainter::Antialiasing);
    for (const Dot &dot : m_dots) {
        const QPointF at = m_frame.toPixel(dot.point);
        if (!plot.adjusted(-1, -1, 1, 1).contains(at))
            continue;
        painter->setPen(QPen(theme::color(theme::Color::Surface), 1.5));
        painter->setBrush(dot.color);
        painter->drawEllipse(at, 4, 4);
    }
}

void paintCurveSample(QPainter &painter, const QRectF &rect, const CurveStyle &style)
{
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(curvePen(style, 0));
    const QPointF middle(rect.center());
    painter.drawLine(QPointF(rect.left(), middle.y()), QPointF(rect.right(), middle.y()));
    if (style.markers)
        paintMarker(painter, middle, style.color);
}

} // namespace bottega
