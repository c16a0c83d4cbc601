// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/runspage.h"

#include "ui/runs/runpage.h"
#include "ui/runs/runspanel.h"
#include "ui/widgets/emptystate.h"

#include <QAction>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace bottega {

using namespace Qt::StringLiterals;

RunsPage::RunsPage(RunsModel *model, QWidget *parent)
    : QWidget(parent)
    , m_splitter(new QSplitter(this))
    , m_panel(new RunsPanel(model, this))
    , m_stack(new QStackedWidget(this))
    , m_page(new RunPage(this))
    , m_empty(new EmptyState(u"chart"_s, tr("No run is open"),
                             tr("Choose a run on the left to see its curves, log, files and what its model gets wrong."),
                             this))
{
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_page);
    m_splitter->setObjectName(u"runsSplitter"_s);
    m_splitter->addWidget(m_panel);
    m_splitter->addWidget(m_stack);
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setSizes({380, 1000});
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_splitter);
    connect(m_panel, &RunsPanel::deleteRequested, this, [this](const QString &runId) {
        if (m_page->runId() == runId) // else it is about to be opened, and the action is still that of another
            m_page->deleteAction()->trigger();
    });
    connect(m_panel, &RunsPanel::newRunRequested, this, &RunsPage::newRunRequested);
}

void RunsPage::openRun(const Workspace &workspace, const RunFolder &folder)
{
    m_page->setRun(workspace, folder);
    m_stack->setCurrentWidget(m_page);
}

void RunsPage::closeRun()
{
    m_page->clear();
    m_stack->setCurrentWidget(m_empty);
}

} // namespace bottega
