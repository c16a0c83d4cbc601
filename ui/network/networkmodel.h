// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/networkspec.h"

#include <QAbstractTableModel>
#include <QList>

#include <optional>
#include <vector>

namespace bottega {

/// A network layer by layer: the picture first, then each layer with its output and its number of parameters. A network
/// that is wrong is shown as far as it goes, with the layer that is the matter marked.
class NetworkModel : public QAbstractTableModel
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(NetworkModel)
public:
    enum Column {
        Layer,
        Output,
        Parameters,
        ColumnCount,
    };
    enum Role {
        KindRole = Qt::UserRole, // Kind
        NameRole,                // "conv1"
        ShareRole,               // of all parameters, 0 to 1
        LanesRole,               // QList<LaneMark>
        ProblemRole,             // what is wrong with this layer; empty: nothing
    };
    enum class Kind {
        Picture,
        Weights,
        Pooling,
        Activation,
        Helper, // batch norm, dropout, flatten
        Addition,
    };
    /// What a row draws of one way past the layers, from an output to the `add` that takes it.
    struct LaneMark
    {
        enum Part {
            Start,
            Through,
            End,
        };
        int lane = 0; // 0 is next to the blocks
        Part part = Through;

        [[nodiscard]] bool operator==(const LaneMark &) const = default;
    };

    using QAbstractTableModel::QAbstractTableModel;

    /// `picture` [C, H, W]. Plans the network; nothing is told where it is shown already.
    void setNetwork(const engine::NetworkSpec &spec, const engine::Shape &picture, std::int64_t classes);
    void clear();

    /// Nothing while the network is wrong or none.
    [[nodiscard]] const std::optional<engine::NetworkPlan> &plan() const { return m_plan; }
    [[nodiscard]] const std::optional<Error> &error() const { return m_error; }
    [[nodiscard]] int laneCount() const { return m_laneCount; }

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Row
    {
        Kind kind = Kind::Picture;
        QString title;
        QString name;
        engine::Shape output; // empty: not known
        std::int64_t parameters = 0;
        QString problem;
        QList<LaneMark> lanes;
    };

    void addRows(const engine::NetworkSpec &spec, const std::vector<engine::LayerPlan> &planned);
    void addLane(int from, int to);
    [[nodiscard]] QString display(const Row &row, int column) const;
    [[nodiscard]] QString spoken(const Row &row) const;

    engine::NetworkSpec m_spec;
    engine::Shape m_picture;
    std::int64_t m_classes = 0;
    std::optional<engine::NetworkPlan> m_plan;
    std::optional<Error> m_error;
    std::vector<Row> m_rows;
    std::vector<int> m_laneEnds; // last row of each lane
    int m_laneCount = 0;
};

} // namespace bottega

Q_DECLARE_METATYPE(bottega::NetworkModel::LaneMark)
