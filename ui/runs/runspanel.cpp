// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/runspanel.h"

#include "ui/runs/rundelegate.h"
#include "ui/runs/runsfilter.h"
#include "ui/runs/runsmodel.h"
#include "ui/widgets/emptystate.h"
#include "ui/widgets/theme.h"

#include <QAction>
#include <QHeaderView>
#include <QLineEdit>
#include <QShortcut>
#include <QStackedWidget>
#include <QTreeView>
#include <QVBoxLayout>

namespace bottega {

using namespace Qt::StringLiterals;

RunsPanel::RunsPanel(RunsModel *model, QWidget *parent)
    : QWidget(parent)
    , m_model(model)
    , m_filter(new RunsFilter(this))
    , m_words(new QLineEdit(this))
    , m_pages(new QStackedWidget(this))
    , m_tree(new QTreeView(this))
    , m_empty(new EmptyState(u"runs"_s, tr("No runs yet"),
                             tr("A run is one training from start to end. Its curves, log and files stay here."), this))
    , m_noMatch(new EmptyState(u"filter"_s, tr("No run matches"),
                               tr("The filter looks at names, recipes, data, states and models."), this))
{
    m_words->setObjectName(u"runsFilter"_s);
    m_words->setPlaceholderText(tr("Filter runs"));
    m_words->setAccessibleName(tr("Filter runs"));
    m_words->setToolTip(tr("Words that a run's name, recipe, data, state or model must contain (Ctrl+F)"));
    m_words->setClearButtonEnabled(true);
    m_words->addAction(theme::icon(u"search"_s, theme::Color::Muted), QLineEdit::LeadingPosition);
    connect(m_words, &QLineEdit::textChanged, this, [this](const QString &text) {
        m_filter->setWords(text);
        m_tree->expandAll();
        updatePage();
    });
    m_empty->setAction(tr("New run…"));
    connect(m_empty, &EmptyState::actionTriggered, this, &RunsPanel::newRunRequested);
    buildTree();

    m_pages->addWidget(m_tree);
    m_pages->addWidget(m_empty);
    m_pages->addWidget(m_noMatch);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(theme::gap, theme::gap, 0, 0);
    layout->setSpacing(theme::gap);
    auto *top = new QHBoxLayout;
    top->setContentsMargins(0, 0, theme::gap, 0);
    top->addWidget(m_words);
    layout->addLayout(top);
    layout->addWidget(m_pages, 1);
    connect(m_model, &RunsModel::runsChanged, this, &RunsPanel::updatePage);
    updatePage();
}

void RunsPanel::buildTree()
{
    m_filter->setSourceModel(m_model);
    m_tree->setObjectName(u"runsTree"_s);
    m_tree->setAccessibleName(tr("Experiments and runs"));
    theme::setLook(m_tree, theme::Look::Plain);
    m_tree->setModel(m_filter);
    m_tree->setItemDelegate(new RunDelegate(m_tree));
    m_tree->setUniformRowHeights(true);
    m_tree->setAllColumnsShowFocus(true);
    m_tree->setSortingEnabled(true);
    m_tree->sortByColumn(RunsModel::Name, Qt::DescendingOrder);
    m_tree->setIndentation(theme::wide);
    m_tree->setContextMenuPolicy(Qt::CustomContextMenu);
    m_tree->setTextElideMode(Qt::ElideRight);
    m_tree->header()->setStretchLastSection(false);
    m_tree->header()->setMinimumSectionSize(48);
    m_tree->header()->setSectionResizeMode(RunsModel::Name, QHeaderView::Stretch);
    for (const auto &[column, width] : {std::pair{RunsModel::State, 120}, std::pair{RunsModel::Best, 72},
                                        std::pair{RunsModel::Time, 64}})
        m_tree->header()->resizeSection(column, width);
    auto *remove = new QShortcut(QKeySequence::Delete, m_tree);
    remove->setContext(Qt::WidgetShortcut);
    connect(remove, &QShortcut::activated, this, [this] {
        if (const QString id = selectedRun(); !id.isEmpty())
            Q_EMIT deleteRequested(id);
    });
    connect(m_tree, &QWidget::customContextMenuRequested, this, &RunsPanel::showMenu);
    connect(m_tree->selectionModel(), &QItemSelectionModel::currentChanged, this, &RunsPanel::currentChanged);
    connect(m_filter, &QAbstractItemModel::modelReset, this, [this] { m_tree->expandAll(); });
    connect(m_filter, &QAbstractItemModel::rowsInserted, this, &RunsPanel::expandNew);
}

void RunsPanel::select(const QString &runId)
{
    QModelIndex found = m_filter->mapFromSource(m_model->indexOf(runId));
    if (!found.isValid() && m_model->record(runId)) {
        m_words->clear(); // what is opened must be seen, whatever the filter says
        found = m_filter->mapFromSource(m_model->indexOf(runId));
    }
    if (!found.isValid())
        return;
    m_tree->expand(found.parent());
    // Who asked for it opens it; a list that loads late must not open it again over a newer choice.
    m_isSelecting = true;
    m_tree->setCurrentIndex(found);
    m_isSelecting = false;
    m_tree->scrollTo(found);
}

QString RunsPanel::selectedRun() const
{
    return m_tree->currentIndex().data(RunsModel::RunIdRole).toString();
}

void RunsPanel::focusFilter()
{
    m_words->setFocus(Qt::ShortcutFocusReason);
    m_words->selectAll();
}

void RunsPanel::focusList()
{
    m_tree->setFocus(Qt::OtherFocusReason);
}

QString RunsPanel::headerState() const
{
    return QString::fromLatin1(m_tree->header()->saveState().toBase64());
}

void RunsPanel::restoreHeaderState(const QString &state)
{
    m_tree->header()->restoreState(QByteArray::fromBase64(state.toLatin1()));
}

void RunsPanel::currentChanged(const QModelIndex &current)
{
    const QString id = current.data(RunsModel::RunIdRole).toString();
    if (!id.isEmpty() && !m_isSelecting)
        Q_EMIT runSelected(id);
}

void RunsPanel::showMenu(const QPoint &position)
{
    const QString id = m_tree->indexAt(position).data(RunsModel::RunIdRole).toString();
    if (!id.isEmpty())
        Q_EMIT menuRequested(id, m_tree->viewport()->mapToGlobal(position));
}

void RunsPanel::updatePage()
{
    if (m_model->runCount() == 0)
        m_pages->setCurrentWidget(m_empty);
    else
        m_pages->setCurrentWidget(m_filter->rowCount() == 0 ? m_noMatch : m_tree);
    m_words->setEnabled(m_model->runCount() > 0);
}

void RunsPanel::expandNew(const QModelIndex &parent)
{
    if (!parent.isValid())
        m_tree->expandAll();
}

} // namespace bottega
