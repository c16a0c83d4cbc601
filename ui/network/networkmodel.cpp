// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/network/networkmodel.h"

#include "ui/network/layertexts.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/format.h"

#include <QLocale>

#include <algorithm>

namespace bottega {

using namespace Qt::StringLiterals;
using engine::LayerPlan;
using engine::LayerSpec;
using engine::LayerType;
using engine::NetworkSpec;

namespace {

NetworkModel::Kind kindOf(LayerType type)
{
    switch (type) {
    case LayerType::Linear:
    case LayerType::Conv2d:
        return NetworkModel::Kind::Weights;
    case LayerType::MaxPool:
    case LayerType::AveragePool:
        return NetworkModel::Kind::Pooling;
    case LayerType::Relu:
    case LayerType::Gelu:
    case LayerType::Tanh:
        return NetworkModel::Kind::Activation;
    case LayerType::BatchNorm:
    case LayerType::Dropout:
    case LayerType::Flatten:
        return NetworkModel::Kind::Helper;
    case LayerType::Add:
        return NetworkModel::Kind::Addition;
    }
    Q_UNREACHABLE();
}

/// The layers before the one that is wrong, planned by putting a linear layer after them; it is taken off again.
std::vector<LayerPlan> planBefore(const NetworkSpec &spec, int wrong, const engine::Shape &picture, std::int64_t classes)
{
    NetworkSpec part;
    part.layers.assign(spec.layers.begin(), spec.layers.begin() + std::clamp<std::ptrdiff_t>(wrong, 0, std::ssize(spec.layers)));
    part.layers.emplace_back();
    auto plan = engine::planNetwork(part, picture, classes);
    if (!plan)
        return {};
    plan->layers.pop_back();
    return std::move(plan->layers);
}

} // namespace

void NetworkModel::setNetwork(const NetworkSpec &spec, const engine::Shape &picture, std::int64_t classes)
{
    auto plan = engine::planNetwork(spec, picture, classes);
    const bool isSame = !m_rows.empty() && picture == m_picture && classes == m_classes
                        && engine::networkToJson(spec) == engine::networkToJson(m_spec);
    if (isSame)
        return;
    beginResetModel();
    m_spec = spec;
    m_picture = picture;
    m_classes = classes;
    m_plan.reset();
    m_error.reset();
    m_rows.clear();
    m_laneEnds.clear();
    m_rows.push_back({Kind::Picture, tr("Image", "input of a network"), {}, picture, 0, {}, {}});
    if (plan) {
        m_plan = std::move(*plan);
        addRows(spec, m_plan->layers);
    } else {
        m_error = plan.error();
        const int wrong = layerOfError(*m_error);
        addRows(spec, planBefore(spec, wrong, picture, classes));
        if (wrong >= 0 && wrong < static_cast<int>(spec.layers.size()))
            m_rows[static_cast<std::size_t>(wrong) + 1].problem = toQString(m_error->what);
    }
    m_laneCount = static_cast<int>(m_laneEnds.size());
    endResetModel();
}

void NetworkModel::clear()
{
    if (m_rows.empty())
        return;
    beginResetModel();
    m_rows.clear();
    m_laneEnds.clear();
    m_laneCount = 0;
    m_plan.reset();
    m_error.reset();
    endResetModel();
}

void NetworkModel::addRows(const NetworkSpec &spec, const std::vector<LayerPlan> &planned)
{
    for (std::size_t i = 0; i < spec.layers.size(); ++i) {
        const bool isKnown = i < planned.size();
        const LayerSpec &layer = isKnown ? planned[i].spec : spec.layers[i];
        m_rows.push_back({kindOf(layer.type), layerTitle(layer), toQString(layer.name),
                          isKnown ? planned[i].output : engine::Shape(), isKnown ? planned[i].parameterCount : 0, {}, {}});
        if (isKnown && layer.type == LayerType::Add)
            addLane(static_cast<int>(planned[i].with) + 1, static_cast<int>(i) + 1);
    }
}

/// Ways that do not meet share a lane.
void NetworkModel::addLane(int from, int to)
{
    const auto free = std::find_if(m_laneEnds.begin(), m_laneEnds.end(), [from](int end) { return end < from; });
    const int lane = static_cast<int>(free - m_laneEnds.begin());
    if (free == m_laneEnds.end())
        m_laneEnds.push_back(to);
    else
        *free = to;
    for (int row = from; row <= to; ++row) {
        const auto part = row == from ? LaneMark::Start : row == to ? LaneMark::End : LaneMark::Through;
        m_rows[static_cast<std::size_t>(row)].lanes.append({lane, part});
    }
}

int NetworkModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int NetworkModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QString NetworkModel::display(const Row &row, int column) const
{
    switch (column) {
    case Layer:
        return row.title;
    case Output:
        return row.output.empty() ? u"–"_s : shapeTimes(row.output);
    case Parameters:
        return row.parameters > 0 ? QLocale().toString(qint64{row.parameters}) : QString();
    default:
        return {};
    }
}

/// The whole row for those who do not see it.
QString NetworkModel::spoken(const Row &row) const
{
    QString text = row.name.isEmpty() ? row.title : tr("%1, %2", "layer, its name").arg(row.title, row.name);
    if (!row.output.empty())
        text += tr(", output %1").arg(shapeTimes(row.output));
    if (row.parameters > 0)
        text += tr(", %1 parameters").arg(QLocale().toString(qint64{row.parameters}));
    return row.problem.isEmpty() ? text : text + u". "_s + row.problem;
}

QVariant NetworkModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Row &row = m_rows[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return display(row, index.column());
    case Qt::AccessibleTextRole:
        return index.column() == Layer ? spoken(row) : display(row, index.column());
    case Qt::ToolTipRole:
        return plainToolTip(spoken(row));
    case Qt::TextAlignmentRole:
        return int(index.column() == Layer ? Qt::AlignLeft | Qt::AlignVCenter : Qt::AlignRight | Qt::AlignVCenter);
    case KindRole:
        return static_cast<int>(row.kind);
    case NameRole:
        return row.name;
    case ShareRole:
        return m_plan ? double(row.parameters) / double(std::max<std::int64_t>(1, m_plan->parameterCount)) : 0.0;
    case LanesRole:
        return QVariant::fromValue(row.lanes);
    case ProblemRole:
        return row.problem;
    default:
        return {};
    }
}

QVariant NetworkModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return int(section == Layer ? Qt::AlignLeft | Qt::AlignVCenter : Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Layer:
        return tr("Layer");
    case Output:
        return tr("Output", "of a layer");
    case Parameters:
        return tr("Parameters", "number of a layer's");
    default:
        return {};
    }
}

} // namespace bottega
