// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/artifacts/artifactcontent.h"

#include <QAbstractTableModel>

#include <vector>

namespace bottega {

/// The arrays of an .npz file, one a row.
class ArraysModel final : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { KeyColumn, ShapeColumn, TypeColumn, MinimumColumn, MeanColumn, MaximumColumn, NotFiniteColumn, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;

    void setArrays(std::vector<ArraySummary> arrays);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    [[nodiscard]] static QString text(const ArraySummary &array, int column);

    std::vector<ArraySummary> m_arrays;
};

} // namespace bottega
