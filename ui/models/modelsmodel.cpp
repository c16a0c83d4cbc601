// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/modelsmodel.h"

#include "ui/widgets/errortext.h"
#include "ui/widgets/format.h"
#include "ui/widgets/theme.h"

#include <algorithm>

namespace bottega {

using namespace Qt::StringLiterals;

/// A name with its versions. Children carry a pointer to it in their index; top rows carry none.
struct ModelsModel::Group
{
    std::string name;
    std::vector<Model> versions;
};

std::optional<double> accuracyOf(const Model &model)
{
    for (const char *name : {"val/accuracy", "Accuracy"})
        if (const auto found = model.metrics.find(name); found != model.metrics.end())
            return found->second;
    return std::nullopt;
}

std::uint64_t bytesOf(const Model &model)
{
    std::uint64_t bytes = 0;
    for (const ModelFile &file : model.files)
        bytes += file.size;
    return bytes;
}

ModelsModel::ModelsModel(QObject *parent)
    : MergingModel(parent)
{
}

ModelsModel::~ModelsModel() = default;

ModelsModel::Groups ModelsModel::grouped(std::vector<Model> models)
{
    Groups groups;
    for (Model &model : models) {
        if (groups.empty() || groups.back()->name != model.name) {
            groups.push_back(std::make_unique<Group>());
            groups.back()->name = model.name;
        }
        groups.back()->versions.push_back(std::move(model));
    }
    return groups;
}

void ModelsModel::setModels(std::vector<Model> models)
{
    const auto isSame = [](const auto &a, const auto &b) { return a->name == b->name; };
    mergeRows({}, m_groups, grouped(std::move(models)), isSame,
              [this](int row, std::unique_ptr<Group> newer) { updateGroup(row, *newer); });
}

void ModelsModel::updateGroup(int row, Group &newer)
{
    Group &group = *m_groups[static_cast<std::size_t>(row)];
    const QModelIndex top = index(row, NameColumn);
    mergeRows(top, group.versions, std::move(newer.versions),
              [](const Model &a, const Model &b) { return a.version == b.version; },
              [&](int child, Model model) { group.versions[static_cast<std::size_t>(child)] = std::move(model); });
    Q_EMIT dataChanged(top, top.siblingAtColumn(SizeColumn)); // what it sums up from its versions
}

const Model *ModelsModel::modelAt(const QModelIndex &index) const
{
    if (!index.isValid())
        return nullptr;
    if (const auto *group = static_cast<const Group *>(index.internalPointer()))
        return &group->versions[static_cast<std::size_t>(index.row())];
    return &m_groups[static_cast<std::size_t>(index.row())]->versions.front();
}

QModelIndex ModelsModel::indexOf(const QString &id) const
{
    const std::string wanted = toStdString(id);
    for (const auto &group : m_groups)
        for (std::size_t row = 0; row < group->versions.size(); ++row)
            if (group->versions[row].id() == wanted)
                return createIndex(static_cast<int>(row), NameColumn, group.get());
    return {};
}

QModelIndex ModelsModel::index(int row, int column, const QModelIndex &parent) const
{
    if (!hasIndex(row, column, parent))
        return {};
    return createIndex(row, column, parent.isValid() ? m_groups[static_cast<std::size_t>(parent.row())].get() : nullptr);
}

QModelIndex ModelsModel::parent(const QModelIndex &child) const
{
    const auto *group = child.isValid() ? static_cast<const Group *>(child.internalPointer()) : nullptr;
    if (!group)
        return {};
    const auto at = std::find_if(m_groups.begin(), m_groups.end(), [&](const auto &one) { return one.get() == group; });
    return createIndex(static_cast<int>(at - m_groups.begin()), NameColumn, nullptr);
}

int ModelsModel::rowCount(const QModelIndex &parent) const
{
    if (!parent.isValid())
        return static_cast<int>(m_groups.size());
    if (parent.column() > 0 || parent.internalPointer())
        return 0;
    return static_cast<int>(m_groups[static_cast<std::size_t>(parent.row())]->versions.size());
}

int ModelsModel::columnCount(const QModelIndex &) const
{
    return ColumnCount;
}

QVariant ModelsModel::data(const QModelIndex &index, int role) const
{
    const Model *model = modelAt(index);
    if (!model)
        return {};
    switch (role) {
    case Qt::DisplayRole:
        return text(index);
    case Qt::DecorationRole:
        if (index.column() == NameColumn && !index.internalPointer())
            return theme::icon(u"model"_s, theme::Color::Muted);
        return {};
    case Qt::TextAlignmentRole:
        return index.column() == AccuracyColumn || index.column() == SizeColumn
                   ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                   : QVariant();
    case IdRole:
        return toQString(model->id());
    default:
        return {};
    }
}

QVariant ModelsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole && (section == AccuracyColumn || section == SizeColumn))
        return QVariant(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case NameColumn:
        return tr("Model");
    case AccuracyColumn:
        return tr("Accuracy");
    case CreatedColumn:
        return tr("Created");
    case SizeColumn:
        return tr("Size");
    default:
        return {};
    }
}

QString ModelsModel::text(const QModelIndex &index) const
{
    const Model &model = *modelAt(index);
    const auto *group = static_cast<const Group *>(index.internalPointer());
    switch (index.column()) {
    case NameColumn:
        return group ? tr("Version %1").arg(model.version) : shownText(model.name, 100);
    case AccuracyColumn: {
        const auto accuracy = accuracyOf(model);
        return accuracy ? percentText(*accuracy) : u"–"_s;
    }
    case CreatedColumn:
        return momentText(model.createdAt);
    case SizeColumn: {
        std::uint64_t bytes = 0;
        if (group)
            bytes = bytesOf(model);
        else
            for (const Model &version : m_groups[static_cast<std::size_t>(index.row())]->versions)
                bytes += bytesOf(version);
        return bytesText(bytes);
    }
    default:
        return {};
    }
}

} // namespace bottega
