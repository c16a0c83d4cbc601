// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/artifacts/artifactsview.h"

#include "ui/artifacts/artifactpreview.h"
#include "ui/artifacts/artifactsmodel.h"
#include "ui/widgets/emptystate.h"
#include "ui/widgets/theme.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QTreeView>
#include <QVBoxLayout>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

QTreeView *artifactTree(ArtifactsModel *model, QWidget *parent)
{
    auto *tree = new QTreeView(parent);
    tree->setObjectName(u"artifactTree"_s);
    tree->setAccessibleName(ArtifactsView::tr("Files of the run"));
    tree->setModel(model);
    tree->setSelectionMode(QAbstractItemView::ExtendedSelection);
    tree->setUniformRowHeights(true);
    tree->setTextElideMode(Qt::ElideMiddle);
    tree->header()->setStretchLastSection(false);
    tree->header()->setSectionResizeMode(ArtifactsModel::NameColumn, QHeaderView::Stretch);
    tree->header()->setSectionResizeMode(ArtifactsModel::SizeColumn, QHeaderView::ResizeToContents);
    theme::setLook(tree, theme::Look::Plain);
    return tree;
}

} // namespace

ArtifactsView::ArtifactsView(QWidget *parent)
    : QWidget(parent)
    , m_model(new ArtifactsModel(this))
    , m_tree(artifactTree(m_model, this))
    , m_preview(new ArtifactPreview(this))
    , m_pages(new QStackedWidget(this))
    , m_register(new QPushButton(theme::icon(u"register"_s), tr("Register model…"), this))
    , m_download(new QPushButton(theme::icon(u"download"_s), tr("Download…"), this))
{
    m_register->setObjectName(u"registerArtifact"_s);
    m_download->setObjectName(u"downloadArtifacts"_s);
    auto *buttons = new QHBoxLayout;
    buttons->setContentsMargins(theme::gap, theme::gap, theme::gap, theme::gap);
    buttons->setSpacing(theme::gap);
    buttons->addWidget(m_register);
    buttons->addWidget(m_download);
    buttons->addStretch();

    auto *left = new QWidget(this);
    auto *leftLayout = new QVBoxLayout(left);
    leftLayout->setContentsMargins(0, 0, 0, 0);
    leftLayout->setSpacing(0);
    leftLayout->addWidget(m_tree, 1);
    leftLayout->addLayout(buttons);

    auto *splitter = new QSplitter(this);
    splitter->addWidget(left);
    splitter->addWidget(m_preview);
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({340, 600});
    splitter->setChildrenCollapsible(false);

    auto *empty = new EmptyState(u"artifacts"_s, tr("No files yet"),
                                 tr("What the run writes into outputs/ and logs/ appears here while it runs: its model, "
                                    "pictures, tables and logs."),
                                 this);
    m_pages->addWidget(empty);
    m_pages->addWidget(splitter);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_pages);

    connect(m_tree->selectionModel(), &QItemSelectionModel::selectionChanged, this, &ArtifactsView::updateChosen);
    connect(m_model, &ArtifactsModel::dataChanged, this, [this](const QModelIndex &index) {
        if (index.data(ArtifactsModel::PathRole).toString() == m_preview->path())
            m_preview->refreshSoon();
    });
    connect(m_register, &QPushButton::clicked, this, [this] { Q_EMIT registerRequested(selectedPaths().value(0)); });
    connect(m_download, &QPushButton::clicked, this, [this] { Q_EMIT downloadRequested(selectedPaths()); });
    updateChosen();
}

void ArtifactsView::setRun(const RunFolder &run)
{
    if (m_run && m_run->root() == run.root())
        return;
    m_run = run;
    m_model->setArtifacts({});
    m_pages->setCurrentIndex(0);
    updateChosen();
}

void ArtifactsView::setArtifacts(const std::vector<Artifact> &artifacts)
{
    const bool isFirst = m_model->rowCount() == 0;
    if (!m_model->setArtifacts(artifacts))
        return;
    m_pages->setCurrentIndex(artifacts.empty() ? 0 : 1);
    if (isFirst)
        m_tree->expandToDepth(1);
    if (m_tree->selectionModel()->selection().isEmpty())
        selectFirstModel();
}

QStringList ArtifactsView::selectedPaths() const
{
    QStringList paths;
    for (const QModelIndex &index : m_tree->selectionModel()->selectedRows())
        paths += index.data(ArtifactsModel::PathRole).toString();
    return paths;
}

/// The model is what most people come for; an own choice is never changed.
void ArtifactsView::selectFirstModel()
{
    const QModelIndex model = m_model->indexOf(u"outputs/model.npz"_s);
    if (!model.isValid())
        return;
    m_tree->expand(model.parent());
    m_tree->setCurrentIndex(model);
}

void ArtifactsView::updateChosen()
{
    const QModelIndexList chosen = m_tree->selectionModel()->selectedRows();
    m_register->setEnabled(chosen.size() == 1);
    m_download->setEnabled(!chosen.isEmpty());
    if (chosen.size() != 1)
        return m_preview->showNothing(chosen.isEmpty() ? tr("Choose a file on the left to look into it.")
                                                       : tr("%n files and folders are chosen.", nullptr,
                                                            static_cast<int>(chosen.size())));
    const QString path = chosen.first().data(ArtifactsModel::PathRole).toString();
    if (chosen.first().data(ArtifactsModel::IsFolderRole).toBool())
        m_preview->showNothing(tr("A folder is chosen: Download… takes all files in it."));
    else if (path != m_preview->path())
        m_preview->showArtifact(m_run->work(), path);
}

} // namespace bottega
