// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/evaluate.h"

#include <QAbstractTableModel>
#include <QStringList>

#include <vector>

namespace bottega {

/// How well each class is read: precision, recall, F1 and the number of samples, one class a row.
class ClassReportModel final : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { ClassColumn, PrecisionColumn, RecallColumn, F1Column, CountColumn, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;

    /// Class names may be fewer than classes; the rest goes by number.
    void setReports(std::vector<engine::ClassReport> reports, const QStringList &classNames);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    std::vector<engine::ClassReport> m_reports;
    QStringList m_names;
};

} // namespace bottega
