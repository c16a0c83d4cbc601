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
    const std::deque<double> *values;

    double x(std::size_t i) const { return scale.at(series.at(i).step, series.at(i).wallTime); }
    double y(std::size_t i) const { return values ? (*values)[i] : series.at(i).value; }
    const ValueBlocks &blocks() const { return values ? series.smoothedBlocks() : series.blocks(); }

    /// Calls take(i) for the points from `begin` to `end` that may be the lowest, the highest, the first, the last, or
    /// not finite.
    template <class Take>
    void forEachThatMatters(std::size_t begin, std::size_t end, Take take) const
    {
        for (std::size_t i = begin; i < end;) {
            const ValueBlocks::Block *block = i + ValueBlocks::size <= end ? blocks().wholeAt(i) : nullptr;
            if (!block || !block->isFinite) {
                take(i++);
                continue;
            }
            take(i);
            take(i + std::min(block->low, block->high));
            take(i + std::max(block->low, block->high));
            i += ValueBlocks::size;
            take(i - 1);
        }
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
    void add(std::size_t index, double y)
    {
        if (m_empty)
            m_first = m_low = m_high = index, m_lowY = m_highY = y;
        m_empty = false;
        m_last = index;
        if (y < m_lowY)
            m_low = index, m_lowY = y;
        if (y > m_highY)
            m_high = index, m_highY = y;
    }
    bool flush(const Reader &reader, Pen &pen)
    {
        if (m_empty)
            return false;
        std::size_t order[] = {m_first, std::min(m_low, m_high), std::max(m_low, m_high), m_last};
        const auto end = std::unique(std::begin(order), std::end(order));
        for (auto i = std::begin(order); i != end; ++i)
            pen.to({reader.x(*i), reader.y(*i)});
        m_empty = true;
        return true;
    }

private:
    bool m_empty = true;
    std::size_t m_first = 0, m_low = 0, m_high = 0, m_last = 0;
    double m_lowY = 0, m_highY = 0;
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
        if (std::isfinite(reader.y(i))) {
            pen.to({reader.x(i), reader.y(i)});
        } else {
            pen.lift();
            markNotFinite(shape, reader.x(i), columnWidth);
        }
    }
}

/// First index whose column is another than that of `begin`.
template <class ColumnOf>
std::size_t endOfColumn(std::size_t begin, std::size_t end, const ColumnOf &columnOf)
{
    const double column = columnOf(begin);
    std::size_t reach = 1; // doubled until it leads out: neighbours are near
    while (begin + reach < end && columnOf(begin + reach) == column)
        reach *= 2;
    std::size_t low = begin + reach / 2, high = std::min(begin + reach, end);
    while (low < high) {
        const std::size_t middle = low + (high - low) / 2;
        if (columnOf(middle) == column)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void drawColumns(const Reader &reader, std::size_t begin, std::size_t end, double from, double columnWidth,
                 CurveShape &shape)
{
    const auto columnOf = [&](std::size_t i) { return std::floor((reader.x(i) - from) / columnWidth); };
    Pen pen(shape);
    Column column;
    for (std::size_t i = begin; i < end;) {
        const std::size_t next = endOfColumn(i, end, columnOf);
        reader.forEachThatMatters(i, next, [&](std::size_t point) {
            if (std::isfinite(reader.y(point)))
                column.add(point, reader.y(point));
            else
                markNotFinite(shape, reader.x(point), columnWidth);
        });
        if (!column.flush(reader, pen))
            pen.lift(); // a column of nothing but NaN is a gap that can be seen
        i = next;
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
                    const std::deque<double> *values)
{
    CurveShape shape;
    if (series.isEmpty() || !(to > from) || columns < 1)
        return shape;
    std::size_t begin = series.lowerBound(scale, from);
    std::size_t end = series.lowerBound(scale, std::nextafter(to, HUGE_VAL));
    begin -= begin > 0;
    end += end < series.size();
    if (begin == end)
        return shape;
    const Reader reader{series, scale, values};
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
        const double x0 = reader.x(right - 1), y0 = reader.y(right - 1);
        widen(y0 + (reader.y(right) - y0) * ((x - x0) / (reader.x(right) - x0)));
    };
    widenAt(from, begin);
    widenAt(to, end);
    reader.forEachThatMatters(begin, end, [&](std::size_t i) { widen(reader.y(i)); });
    return range;
}

} // namespace bottega
