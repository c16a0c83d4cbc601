// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/runfolder.h"
#include "ui/widgets/mergingmodel.h"

#include <QString>

#include <memory>
#include <vector>

namespace bottega {

/// A run's artifacts as a tree: folders first, then files, by name. Updated by difference.
class ArtifactsModel final : public MergingModel
{
    Q_OBJECT
public:
    enum Column { NameColumn, SizeColumn, ColumnCount };
    enum Role { PathRole = Qt::UserRole + 1, IsFolderRole, BytesRole };

    explicit ArtifactsModel(QObject *parent = nullptr);
    ~ArtifactsModel() override;

    /// False for the list that it has: a live run tells of it at every record, and nothing is done then.
    bool setArtifacts(const std::vector<Artifact> &artifacts);
    [[nodiscard]] QModelIndex indexOf(const QString &path) const;

    QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    QModelIndex parent(const QModelIndex &child) const override;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    struct Node;
    using Nodes = std::vector<std::unique_ptr<Node>>;
    [[nodiscard]] Node *nodeAt(const QModelIndex &index) const;
    [[nodiscard]] static QVariant text(const Node &node, int column);
    void merge(Node &node, Nodes wanted, const QModelIndex &index);

    std::vector<Artifact> m_artifacts;
    std::unique_ptr<Node> m_root;
};

} // namespace bottega
