// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/modelspage.h"

#include "core/workspace/backgroundtask.h"
#include "ui/models/modeldetails.h"
#include "ui/models/modelsmodel.h"
#include "ui/widgets/emptystate.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/format.h"
#include "ui/widgets/notice.h"
#include "ui/widgets/theme.h"

#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QScrollArea>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QTreeView>
#include <QVBoxLayout>

#include <chrono>

namespace bottega {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

QTreeView *modelTree(ModelsModel *model, QWidget *parent)
{
    auto *tree = new QTreeView(parent);
    tree->setObjectName(u"modelTree"_s);
    tree->setAccessibleName(ModelsPage::tr("Registered models"));
    tree->setModel(model);
    tree->setUniformRowHeights(true);
    tree->setAllColumnsShowFocus(true);
    tree->header()->setStretchLastSection(false);
    tree->header()->setMinimumSectionSize(84);
    tree->header()->setSectionResizeMode(QHeaderView::ResizeToContents);
    tree->header()->setSectionResizeMode(ModelsModel::NameColumn, QHeaderView::Stretch);
    theme::setLook(tree, theme::Look::Plain);
    return tree;
}

} // namespace

ModelsPage::ModelsPage(QWidget *parent)
    : QWidget(parent)
    , m_model(new ModelsModel(this))
    , m_pages(new QStackedWidget(this))
    , m_tree(modelTree(m_model, this))
    , m_scroll(new QScrollArea(this))
    , m_notice(new Notice(this))
{
    auto *title = new QLabel(tr("Models"), this);
    title->setFont(theme::font(2, true));
    title->setContentsMargins(theme::wide, theme::wide, theme::wide, theme::gap);
    auto *left = new QWidget(this);
    auto *leftLayout = new QVBoxLayout(left);
    leftLayout->setContentsMargins(0, 0, 0, 0);
    leftLayout->setSpacing(0);
    leftLayout->addWidget(title);
    leftLayout->addWidget(m_tree, 1);

    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    auto *splitter = new QSplitter(this);
    splitter->addWidget(left);
    splitter->addWidget(m_scroll);
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({500, 660});
    splitter->setChildrenCollapsible(false);

    auto *empty = new EmptyState(u"model"_s, tr("No model yet"),
                                 tr("Train a run, open it and press Register model… The model gets a name and a version "
                                    "here, with its files, their hashes and the run it came from."),
                                 this);
    m_pages->addWidget(new QWidget(this)); // until the first answer of the disk
    m_pages->addWidget(empty);
    m_pages->addWidget(splitter);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_notice);
    layout->addWidget(m_pages, 1);

    auto *remove = new QShortcut(QKeySequence::Delete, m_tree);
    remove->setContext(Qt::WidgetShortcut);
    connect(remove, &QShortcut::activated, this, [this] {
        if (m_model->modelAt(m_tree->currentIndex()))
            deleteCurrent();
    });
    m_timer.setInterval(3s);
    connect(&m_timer, &QTimer::timeout, this, &ModelsPage::refresh);
    connect(m_tree->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &ModelsPage::showCurrent);
}

void ModelsPage::setWorkspace(const Workspace &workspace)
{
    m_workspace = workspace;
    m_model->setModels({});
    m_pages->setCurrentIndex(0);
    m_wanted.clear();
    m_notice->clear();
    showCurrent();
    refresh();
}

void ModelsPage::refresh()
{
    if (!m_workspace)
        return;
    if (m_isReading) {
        m_readAgain = true;
        return;
    }
    m_isReading = true;
    runInBackground(
        this, [workspace = *m_workspace] { return std::pair(workspace.root(), Models(workspace).list()); },
        [this](const std::pair<std::filesystem::path, Result<std::vector<Model>>> &answer) {
            m_isReading = false;
            if (std::exchange(m_readAgain, false))
                refresh(); // asked again meanwhile: this answer may be older than what was asked for
            else if (answer.first == m_workspace->root())
                showModels(answer.second);
        });
}

void ModelsPage::select(const QString &modelId)
{
    m_wanted = modelId;
    chooseWanted();
}

void ModelsPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    m_timer.start();
    refresh();
}

void ModelsPage::hideEvent(QHideEvent *event)
{
    m_timer.stop();
    QWidget::hideEvent(event);
}

void ModelsPage::showModels(const Result<std::vector<Model>> &models)
{
    if (!models)
        return m_notice->showError(models.error());
    const int namesBefore = m_model->rowCount();
    m_model->setModels(*models);
    m_pages->setCurrentIndex(models->empty() ? 1 : 2);
    if (m_model->rowCount() > namesBefore)
        m_tree->expandAll();
    chooseWanted();
    if (!m_tree->currentIndex().isValid() && !models->empty())
        m_tree->setCurrentIndex(m_model->index(0, 0, m_model->index(0, 0)));
    showCurrent();
}

void ModelsPage::chooseWanted()
{
    const QModelIndex index = m_wanted.isEmpty() ? QModelIndex() : m_model->indexOf(m_wanted);
    if (!index.isValid())
        return;
    m_wanted.clear();
    m_tree->expand(index.parent());
    m_tree->setCurrentIndex(index);
    m_tree->scrollTo(index);
}

/// A version that is shown already stays as it is, so that nothing being typed or evaluated is lost.
void ModelsPage::showCurrent()
{
    const Model *model = m_model->modelAt(m_tree->currentIndex());
    if (model && m_details && m_details->model().id() == model->id() && m_details->model().createdAt == model->createdAt)
        return m_details->showNewer(*model);
    if (m_details)
        m_scroll->takeWidget()->deleteLater(); // its own button may be what led here
    m_details = nullptr;
    if (!model)
        return;
    m_details = new ModelDetails(*m_workspace, *model);
    m_details->setObjectName(u"scrollContent"_s);
    connect(m_details, &ModelDetails::runRequested, this, &ModelsPage::runRequested);
    connect(m_details, &ModelDetails::deleteRequested, this, &ModelsPage::deleteCurrent);
    connect(m_details, &ModelDetails::changed, this, &ModelsPage::refresh);
    m_scroll->setWidget(m_details);
}

/// Without a question: it can be undone.
void ModelsPage::deleteCurrent()
{
    if (!m_details)
        return;
    runInBackground(
        this, [models = Models(*m_workspace), model = m_details->model()] { return models.moveToTrash(model); },
        [this](const Result<TrashItem> &item) {
            if (item)
                Q_EMIT deleted(*item);
            else
                m_notice->showError(item.error());
            refresh();
        });
}

} // namespace bottega
