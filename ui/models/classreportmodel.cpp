// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/classreportmodel.h"

#include "ui/widgets/format.h"

#include <QLocale>

namespace bottega {

void ClassReportModel::setReports(std::vector<engine::ClassReport> reports, const QStringList &classNames)
{
    beginResetModel();
    m_reports = std::move(reports);
    m_names = classNames;
    endResetModel();
}

int ClassReportModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_reports.size());
}

int ClassReportModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant ClassReportModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant((index.column() == ClassColumn ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    const engine::ClassReport &report = m_reports[static_cast<std::size_t>(index.row())];
    switch (index.column()) {
    case ClassColumn:
        return m_names.value(index.row(), QString::number(index.row()));
    case PrecisionColumn:
        return percentText(report.precision, 1);
    case RecallColumn:
        return percentText(report.recall, 1);
    case F1Column:
        return percentText(report.f1, 1);
    case CountColumn:
        return QLocale().toString(static_cast<qlonglong>(report.support));
    default:
        return {};
    }
}

QVariant ClassReportModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant((section == ClassColumn ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case ClassColumn:
        return tr("Class");
    case PrecisionColumn:
        return tr("Precision");
    case RecallColumn:
        return tr("Recall");
    case F1Column:
        return tr("F1");
    case CountColumn:
        return tr("Images");
    default:
        return {};
    }
}

} // namespace bottega
