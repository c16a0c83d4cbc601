// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/artifacts/arraysmodel.h"

#include "core/base/safename.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/format.h"

#include <QLocale>
#include <QStringList>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

QString shapeText(const std::vector<std::uint64_t> &shape)
{
    QStringList sides;
    for (const std::uint64_t side : shape)
        sides += QLocale().toString(static_cast<qulonglong>(side));
    return sides.isEmpty() ? u"–"_s : sides.join(u" × "_s);
}

QString typeText(NpyType type)
{
    switch (type) {
    case NpyType::Float32:
        return u"float32"_s;
    case NpyType::Float64:
        return u"float64"_s;
    case NpyType::Int32:
        return u"int32"_s;
    case NpyType::Int64:
        return u"int64"_s;
    case NpyType::UInt8:
        return u"uint8"_s;
    case NpyType::UInt64:
        return u"uint64"_s;
    }
    Q_UNREACHABLE();
}

} // namespace

void ArraysModel::setArrays(std::vector<ArraySummary> arrays)
{
    beginResetModel();
    m_arrays = std::move(arrays);
    endResetModel();
}

int ArraysModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_arrays.size());
}

int ArraysModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant ArraysModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    if (role == Qt::TextAlignmentRole && index.column() >= MinimumColumn)
        return QVariant(Qt::AlignRight | Qt::AlignVCenter);
    if (role == Qt::DisplayRole)
        return text(m_arrays[static_cast<std::size_t>(index.row())], index.column());
    return {};
}

QVariant ArraysModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant((section >= MinimumColumn ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case KeyColumn:
        return tr("Array");
    case ShapeColumn:
        return tr("Shape");
    case TypeColumn:
        return tr("Type");
    case MinimumColumn:
        return tr("Minimum");
    case MeanColumn:
        return tr("Mean");
    case MaximumColumn:
        return tr("Maximum");
    case NotFiniteColumn:
        return tr("Not finite");
    default:
        return {};
    }
}

QString ArraysModel::text(const ArraySummary &array, int column)
{
    const auto figure = [&array](double value) {
        return array.finiteCount > 0 ? QLocale().toString(value, 'g', 5) : u"–"_s;
    };
    switch (column) {
    case KeyColumn:
        return shownText(printable(array.key));
    case ShapeColumn:
        return shapeText(array.shape);
    case TypeColumn:
        return typeText(array.type);
    case MinimumColumn:
        return figure(array.minimum);
    case MeanColumn:
        return figure(array.mean);
    case MaximumColumn:
        return figure(array.maximum);
    case NotFiniteColumn:
        return QLocale().toString(static_cast<qulonglong>(array.count - array.finiteCount));
    default:
        return {};
    }
}

} // namespace bottega
