// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/decimate.h"

#include <algorithm>
#include <cmath>

namespace bottega {

namespace {

struct Reader
{
    const MetricSeries &series;
    const XScale &scale;
    const PagedArray<double> *values;

    std::size_t size() const { return values ? values->size() : series.size(); }
    MetricPoint at(std::size_t i) const
    {
        MetricPoint point = series.at(i);
        if (values)
            point.value = (*values)[i];
        return point;
    }
    double x(const MetricPoint &point) const { return scale.at(point.step, point.wallTime); }
    const ValueBlocks::Block *blockAt(std::size_t i, std::size_t end) const
    {
        return i + ValueBlocks::size <= end ? (values ? series.smoothedBlocks() : series.blocks()).wholeAt(i) : nullptr;
    }
};

/// Collects polylines; nothing is added twice.
class Pen
{
public:
    explicit Pen(CurveShape &shape) : m_shape(shape) {}
    void to(QPointF point)
    {
        if (!m_down)
            m_shape.lines.append(QList<QPointF>());
        m_down = true;
        m_shape.lines.last().append(point);
    }
    void lift() { m_down = false; }

private:
    CurveShape &m_shape;
    bool m_down = false;
};

/// First, lowest, highest and last finite point of one pixel column, in their order.
class Column
{
public:
    void add(std::size_t index, QPointF at)
    {
        const Place place{index, at};
        if (m_empty)
            m_first = m_low = m_high = place;
        m_empty = false;
        m_last = place;
        if (at.y() < m_low.at.y())
            m_low = place;
        if (at.y() > m_high.at.y())
            m_high = place;
    }
    bool flush(Pen &pen)
    {
        if (m_empty)
            return false;
        const bool isLowFirst = m_low.index < m_high.index;
        const Place order[] = {m_first, isLowFirst ? m_low : m_high, isLowFirst ? m_high : m_low, m_last};
        const Place *before = nullptr;
        for (const Place &place : order) {
            if (!before || before->index != place.index)
                pen.to(place.at);
            before = &place;
        }
        m_empty = true;
        return true;
    }

private:
    struct Place
    {
        std::size_t index = 0;
        QPointF at;
    };
    bool m_empty = true;
    Place m_first, m_low, m_high, m_last;
};

void markNotFinite(CurveShape &shape, double x, double columnWidth)
{
    if (shape.notFinite.isEmpty() || x - shape.notFinite.last() >= columnWidth)
        shape.notFinite.append(x);
}

void drawRaw(const Reader &reader, std::size_t begin, std::size_t end, double columnWidth, CurveShape &shape)
{
    Pen pen(shape);
    for (std::size_t i = begin; i < end; ++i) {
        const MetricPoint point = reader.at(i);
        if (std::isfinite(point.value)) {
            pen.to({reader.x(point), point.value});
        } else {
            pen.lift();
            markNotFinite(shape, reader.x(point), columnWidth);
        }
    }
}

/// Draws what it is given in ascending order, column by column.
class ColumnPen
{
public:
    ColumnPen(const Reader &reader, double from, double width, CurveShape &shape)
        : m_reader(reader), m_from(from), m_width(width), m_shape(shape), m_pen(shape)
    {
    }
    ~ColumnPen() { m_column.flush(m_pen); }
    ColumnPen(const ColumnPen &) = delete;
    ColumnPen &operator=(const ColumnPen &) = delete;

    [[nodiscard]] bool isWithinAColumn(const ValueBlocks::Block &block) const
    {
        return columnOf(m_reader.x(block.first)) == columnOf(m_reader.x(block.last));
    }
    void add(std::size_t start, const ValueBlocks::Block &block)
    {
        if (block.hasNotFinite)
            addNotFinite(m_reader.x(block.first));
        if (!block.hasFinite)
            return;
        const bool isLowFirst = block.lowAt < block.highAt;
        add(start + block.firstAt, block.first);
        add(start + std::min(block.lowAt, block.highAt), isLowFirst ? block.low : block.high);
        add(start + std::max(block.lowAt, block.highAt), isLowFirst ? block.high : block.low);
        add(start + block.lastAt, block.last);
    }
    void add(std::size_t index, const MetricPoint &point)
    {
        const double x = m_reader.x(point);
        if (!std::isfinite(point.value))
            return addNotFinite(x);
        enter(x);
        m_column.add(index, {x, point.value});
    }

private:
    [[nodiscard]] double columnOf(double x) const { return std::floor((x - m_from) / m_width); }
    void addNotFinite(double x)
    {
        enter(x);
        markNotFinite(m_shape, x, m_width);
    }
    void enter(double x)
    {
        const double column = columnOf(x);
        if (column == m_current)
            return;
        m_current = column;
        if (!m_column.flush(m_pen))
            m_pen.lift(); // a column of nothing but NaN is a gap that can be seen
    }

    const Reader &m_reader;
    double m_from, m_width;
    CurveShape &m_shape;
    Pen m_pen;
    Column m_column;
    double m_current = -HUGE_VAL;
};

void drawColumns(const Reader &reader, std::size_t begin, std::size_t end, double from, double columnWidth,
                 CurveShape &shape)
{
    ColumnPen pen(reader, from, columnWidth, shape);
    for (std::size_t i = begin; i < end;) {
        const ValueBlocks::Block *block = reader.blockAt(i, end);
        if (block && pen.isWithinAColumn(*block)) {
            pen.add(i, *block);
            i += ValueBlocks::size;
        } else {
            pen.add(i, reader.at(i));
            ++i;
        }
    }
}

} // namespace

qsizetype CurveShape::pointCount() const
{
    qsizetype count = 0;
    for (const QList<QPointF> &line : lines)
        count += line.size();
    return count;
}

CurveShape decimate(const MetricSeries &series, const XScale &scale, double from, double to, int columns,
                    const PagedArray<double> *values)
{
    CurveShape shape;
    if (series.isEmpty() || !(to > from) || columns < 1)
        return shape;
    const Reader reader{series, scale, values};
    std::size_t begin = series.lowerBound(scale, from);
    std::size_t end = series.lowerBound(scale, std::nextafter(to, HUGE_VAL));
    begin -= begin > 0;
    end = std::min(end + 1, reader.size());
    if (begin >= end)
        return shape;
    const double columnWidth = (to - from) / columns;
    if (end - begin <= std::size_t(columns) * 4)
        drawRaw(reader, begin, end, columnWidth, shape);
    else
        drawColumns(reader, begin, end, from, columnWidth, shape);
    return shape;
}

std::optional<std::pair<double, double>> valueRange(const MetricSeries &series, const XScale &scale, double from,
                                                    double to)
{
    std::optional<std::pair<double, double>> range;
    const Reader reader{series, scale, nullptr};
    const auto widen = [&range](double y) {
        if (!std::isfinite(y))
            return;
        if (!range)
            range.emplace(y, y);
        range->first = std::min(range->first, y);
        range->second = std::max(range->second, y);
    };
    const std::size_t begin = series.lowerBound(scale, from);
    const std::size_t end = series.lowerBound(scale, std::nextafter(to, HUGE_VAL));
    const auto widenAt = [&](double x, std::size_t right) {
        if (right == 0 || right >= series.size())
            return;
        const MetricPoint left = reader.at(right - 1), next = reader.at(right);
        const double x0 = reader.x(left);
        widen(left.value + (next.value - left.value) * ((x - x0) / (reader.x(next) - x0)));
    };
    widenAt(from, begin);
    widenAt(to, end);
    for (std::size_t i = begin; i < end;) {
        const ValueBlocks::Block *block = reader.blockAt(i, end);
        widen(block ? block->low.value : reader.at(i).value);
        if (block)
            widen(block->high.value);
        i += block ? ValueBlocks::size : 1;
    }
    return range;
}

} // namespace bottega
