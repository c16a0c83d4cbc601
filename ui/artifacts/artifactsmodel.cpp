// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/artifacts/artifactsmodel.h"

#include "core/base/safename.h"
#include "core/workspace/codecapable.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/format.h"
#include "ui/widgets/theme.h"

#include <algorithm>
#include <string_view>

namespace bottega {

using namespace Qt::StringLiterals;

struct ArtifactsModel::Node
{
    std::string name;
    std::string path;
    bool isFolder = true;
    std::uint64_t bytes = 0;
    Node *parent = nullptr;
    Nodes children;

    [[nodiscard]] bool isBefore(bool otherIsFolder, std::string_view otherName) const
    {
        return isFolder != otherIsFolder ? isFolder : name < otherName;
    }

    Node &child(bool folder, std::string_view childName)
    {
        const auto at = std::lower_bound(children.begin(), children.end(), childName,
                                         [folder](const auto &node, std::string_view wanted) {
                                             return node->isBefore(folder, wanted);
                                         });
        if (at != children.end() && (*at)->isFolder == folder && (*at)->name == childName)
            return **at;
        auto node = std::make_unique<Node>();
        node->name = childName;
        node->path = path.empty() ? node->name : path + '/' + node->name;
        node->isFolder = folder;
        node->parent = this;
        return **children.insert(at, std::move(node));
    }

    [[nodiscard]] int row() const
    {
        const auto &siblings = parent->children;
        return static_cast<int>(std::find_if(siblings.begin(), siblings.end(),
                                             [this](const auto &node) { return node.get() == this; }) -
                                siblings.begin());
    }
};

namespace {

QString iconName(const QString &path)
{
    static constexpr std::pair<QLatin1StringView, QLatin1StringView> kinds[] = {
        {".npz"_L1, "model"_L1}, {".png"_L1, "image"_L1},  {".jpg"_L1, "image"_L1}, {".jpeg"_L1, "image"_L1},
        {".txt"_L1, "log"_L1},   {".log"_L1, "log"_L1},    {".json"_L1, "table"_L1}, {".jsonl"_L1, "table"_L1},
        {".csv"_L1, "table"_L1}};
    for (const auto &[ending, name] : kinds)
        if (path.endsWith(ending, Qt::CaseInsensitive))
            return name;
    return u"file"_s;
}

} // namespace

ArtifactsModel::ArtifactsModel(QObject *parent)
    : MergingModel(parent)
    , m_root(std::make_unique<Node>())
{
}

ArtifactsModel::~ArtifactsModel() = default;

bool ArtifactsModel::setArtifacts(const std::vector<Artifact> &artifacts)
{
    if (artifacts == m_artifacts)
        return false;
    m_artifacts = artifacts;
    Node wanted;
    for (const Artifact &artifact : artifacts) {
        Node *folder = &wanted;
        std::string_view rest = artifact.path;
        for (std::size_t slash; (slash = rest.find('/')) != std::string_view::npos; rest.remove_prefix(slash + 1)) {
            folder = &folder->child(true, rest.substr(0, slash));
            folder->bytes += artifact.size;
        }
        folder->child(false, rest).bytes = artifact.size;
    }
    merge(*m_root, std::move(wanted.children), {});
    return true;
}

void ArtifactsModel::merge(Node &node, Nodes wanted, const QModelIndex &index)
{
    for (const auto &child : wanted)
        child->parent = &node;
    const auto isSame = [](const auto &a, const auto &b) { return a->isFolder == b->isFolder && a->name == b->name; };
    mergeRows(index, node.children, std::move(wanted), isSame, [&](int row, std::unique_ptr<Node> newer) {
        Node &child = *node.children[static_cast<std::size_t>(row)];
        if (child.bytes != newer->bytes) {
            child.bytes = newer->bytes;
            const QModelIndex size = createIndex(row, SizeColumn, &child);
            Q_EMIT dataChanged(size, size);
        }
        merge(child, std::move(newer->children), createIndex(row, NameColumn, &child));
    });
}

QModelIndex ArtifactsModel::indexOf(const QString &path) const
{
    const std::string wanted = toStdString(path);
    const Node *node = m_root.get();
    while (node) {
        if (!node->path.empty() && node->path == wanted)
            return createIndex(node->row(), NameColumn, node);
        const auto next = std::find_if(node->children.begin(), node->children.end(), [&](const auto &child) {
            return child->path == wanted || (child->isFolder && wanted.starts_with(child->path + '/'));
        });
        node = next == node->children.end() ? nullptr : next->get();
    }
    return {};
}

QModelIndex ArtifactsModel::index(int row, int column, const QModelIndex &parent) const
{
    return hasIndex(row, column, parent) ? createIndex(row, column, nodeAt(parent)->children[static_cast<std::size_t>(row)].get())
                                         : QModelIndex();
}

QModelIndex ArtifactsModel::parent(const QModelIndex &child) const
{
    Node *folder = child.isValid() ? nodeAt(child)->parent : nullptr;
    return folder && folder->parent ? createIndex(folder->row(), NameColumn, folder) : QModelIndex();
}

int ArtifactsModel::rowCount(const QModelIndex &parent) const
{
    return parent.column() > 0 ? 0 : static_cast<int>(nodeAt(parent)->children.size());
}

int ArtifactsModel::columnCount(const QModelIndex &) const
{
    return ColumnCount;
}

QVariant ArtifactsModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const Node &node = *nodeAt(index);
    switch (role) {
    case Qt::DisplayRole:
        return text(node, index.column());
    case Qt::DecorationRole:
        if (index.column() == NameColumn)
            return theme::icon(node.isFolder ? u"folder"_s : iconName(toQString(node.name)), theme::Color::Muted);
        return {};
    case Qt::TextAlignmentRole:
        return index.column() == SizeColumn ? QVariant(Qt::AlignRight | Qt::AlignVCenter) : QVariant();
    case PathRole:
        return toQString(node.path);
    case IsFolderRole:
        return node.isFolder;
    case BytesRole:
        return QVariant::fromValue(node.bytes);
    default:
        return {};
    }
}

QVariant ArtifactsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole && section == SizeColumn)
        return QVariant(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    return section == NameColumn ? tr("Name") : tr("Size");
}

ArtifactsModel::Node *ArtifactsModel::nodeAt(const QModelIndex &index) const
{
    return index.isValid() ? static_cast<Node *>(index.internalPointer()) : m_root.get();
}

QVariant ArtifactsModel::text(const Node &node, int column)
{
    if (column == NameColumn) {
        const QString name = shownText(printable(node.name));
        return !node.isFolder && canRunCode(node.path) ? tr("%1 · format can run code").arg(name) : name;
    }
    return bytesText(node.bytes);
}

} // namespace bottega
