// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workspace/models.h"
#include "ui/widgets/mergingmodel.h"

#include <QString>

#include <memory>
#include <optional>
#include <vector>

namespace bottega {

/// The accuracy that a model's run ended with, a share from 0 to 1; nothing where the run did not measure one.
[[nodiscard]] std::optional<double> accuracyOf(const Model &model);
[[nodiscard]] std::uint64_t bytesOf(const Model &model);

/// A workspace's models as a tree: names, and below them their versions, newest first. Updated by difference.
class ModelsModel final : public MergingModel
{
    Q_OBJECT
public:
    enum Column { NameColumn, AccuracyColumn, CreatedColumn, SizeColumn, ColumnCount };
    enum Role { IdRole = Qt::UserRole + 1 };

    explicit ModelsModel(QObject *parent = nullptr);
    ~ModelsModel() override;

    void setModels(std::vector<Model> models); // by name, newest version first, as Models::list gives them
    /// The version of a row; for a name its newest one; null for none. Valid until the next setModels.
    [[nodiscard]] const Model *modelAt(const QModelIndex &index) const;
    [[nodiscard]] QModelIndex indexOf(const QString &id) const; // of the version's row

    QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    QModelIndex parent(const QModelIndex &child) const override;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    struct Group;
    using Groups = std::vector<std::unique_ptr<Group>>;
    [[nodiscard]] static Groups grouped(std::vector<Model> models);
    [[nodiscard]] QString text(const QModelIndex &index) const;
    void updateGroup(int row, Group &newer);

    Groups m_groups;
};

} // namespace bottega
