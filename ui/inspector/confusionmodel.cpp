// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/confusionmodel.h"

#include "ui/inspector/gallerymodel.h"

#include <QLocale>

#include <algorithm>
#include <cmath>

namespace bottega {

ConfusionModel::ConfusionModel(QObject *parent)
    : QAbstractTableModel(parent)
{
}

void ConfusionModel::setInspection(InspectionPtr inspection)
{
    // The same classes, as after each epoch: the cell under the keyboard cursor stays.
    const bool sameShape = m_inspection && inspection && m_inspection->classNames == inspection->classNames;
    if (!sameShape)
        beginResetModel();
    m_inspection = std::move(inspection);
    m_worst = 0;
    const int classes = m_inspection ? m_inspection->evaluation.classes : 0;
    for (int label = 0; label < classes; ++label)
        for (int prediction = 0; prediction < classes; ++prediction)
            if (label != prediction)
                m_worst = std::max(m_worst, m_inspection->confusion(label, prediction));
    if (!sameShape)
        endResetModel();
    else
        Q_EMIT dataChanged(index(0, 0), index(classes - 1, classes - 1));
}

void ConfusionModel::setShowsShares(bool shares)
{
    if (shares == m_showsShares)
        return;
    m_showsShares = shares;
    if (const int classes = rowCount(); classes > 0)
        Q_EMIT dataChanged(index(0, 0), index(classes - 1, classes - 1), {Qt::DisplayRole});
}

int ConfusionModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() || !m_inspection ? 0 : m_inspection->evaluation.classes;
}

int ConfusionModel::columnCount(const QModelIndex &parent) const
{
    return rowCount(parent);
}

double ConfusionModel::share(int label, int prediction) const
{
    const auto support = m_inspection->support(label);
    return support == 0 ? 0 : double(m_inspection->confusion(label, prediction)) / double(support);
}

QString ConfusionModel::sentence(int label, int prediction) const
{
    const QString count = QLocale().toString(qlonglong(m_inspection->confusion(label, prediction)));
    const QString support = QLocale().toString(qlonglong(m_inspection->support(label)));
    const QString percent = percentText(share(label, prediction));
    const QStringList &names = m_inspection->classNames;
    if (label == prediction)
        return tr("%1: %2 of %3 read right (%4)").arg(names[label], count, support, percent);
    return tr("True %1, predicted %2: %3 of %4 (%5)").arg(names[label], names[prediction], count, support, percent);
}

QVariant ConfusionModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const int label = index.row(), prediction = index.column();
    const std::int64_t count = m_inspection->confusion(label, prediction);
    switch (role) {
    case Qt::DisplayRole:
        if (!m_showsShares)
            return QLocale().toString(qlonglong(count));
        return count == 0 ? QLocale().toString(0) : QLocale().toString(100 * share(label, prediction), 'f', 1);
    case Qt::ToolTipRole: // shown as plain text by the view
    case Qt::AccessibleTextRole:
        return sentence(label, prediction);
    case Qt::TextAlignmentRole:
        return int(Qt::AlignCenter);
    case CountRole:
        return qlonglong(count);
    case ShareRole:
        return share(label, prediction);
    case IntensityRole:
        if (label == prediction)
            return share(label, prediction);
        // The root lets single mistakes be seen beside the common ones.
        return m_worst == 0 ? 0.0 : std::sqrt(double(count) / double(m_worst));
    default:
        return {};
    }
}

QVariant ConfusionModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (section < 0 || section >= rowCount())
        return {};
    const QString name = m_inspection->classNames[section];
    switch (role) {
    case Qt::DisplayRole:
        return name;
    case Qt::ToolTipRole:
    case Qt::AccessibleTextRole:
        return orientation == Qt::Vertical ? tr("True %1").arg(name) : tr("Predicted %1").arg(name);
    default:
        return {};
    }
}

} // namespace bottega
