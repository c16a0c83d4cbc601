// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/inspector/inspection.h"

#include <QAbstractTableModel>

namespace bottega {

/// The confusion matrix: row true class, column predicted class.
class ConfusionModel : public QAbstractTableModel
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ConfusionModel)
public:
    enum Role {
        CountRole = Qt::UserRole + 1,
        ShareRole,     // of the row
        IntensityRole, // 0–1: on the diagonal the share of the row, elsewhere relative to the commonest confusion
    };

    explicit ConfusionModel(QObject *parent = nullptr);

    void setInspection(InspectionPtr inspection);
    void setShowsShares(bool shares); // instead of counts

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    [[nodiscard]] QString sentence(int label, int prediction) const;
    [[nodiscard]] double share(int label, int prediction) const;

    InspectionPtr m_inspection;
    bool m_showsShares = false;
    std::int64_t m_worst = 0; // the largest count off the diagonal
};

} // namespace bottega
