// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/runpage.h"

#include "core/base/clock.h"
#include "core/compute/submit.h"
#include "core/workspace/backgroundtask.h"
#include "core/workspace/runfeed.h"
#include "core/workspace/runmetrics.h"
#include "ui/artifacts/artifactsview.h"
#include "ui/charts/chartsview.h"
#include "ui/inspector/predictionsview.h"
#include "ui/logs/logview.h"
#include "ui/models/downloaddialog.h"
#include "ui/models/registermodeldialog.h"
#include "ui/runs/rundetails.h"
#include "ui/runs/runheader.h"
#include "ui/runs/runstyle.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/format.h"
#include "ui/widgets/notice.h"

#include <QAction>
#include <QClipboard>
#include <QDesktopServices>
#include <QGuiApplication>
#include <QLocale>
#include <QTabBar>
#include <QTabWidget>
#include <QUrl>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace bottega {

using namespace Qt::StringLiterals;

RunPage::RunPage(QWidget *parent)
    : QWidget(parent)
{
    buildActions();
    m_header = new RunHeader({m_cancel, m_register, m_download}, this);
    m_notice = new Notice(this);
    m_notice->setObjectName(u"runNotice"_s);
    buildTabs();
    auto *notice = new QVBoxLayout;
    notice->setContentsMargins(theme::page, 0, theme::page, 0);
    notice->addWidget(m_notice);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::gap);
    layout->addWidget(m_header);
    layout->addLayout(notice);
    layout->addWidget(m_tabs, 1);

    m_quiet.setSingleShot(true);
    m_quiet.setInterval(600);
    connect(&m_quiet, &QTimer::timeout, this, [this] {
        if (m_record && !isLive(*m_record))
            Q_EMIT settled();
    });
    updateActions();
}

RunPage::~RunPage() = default;

void RunPage::buildActions()
{
    m_cancel = addAction(u"cancelRun"_s, u"stop"_s, tr("&Cancel run"), tr("Stop this run; what it has made is kept"),
                         Qt::CTRL | Qt::Key_Period);
    m_resume = addAction(u"resumeRun"_s, u"run"_s, tr("Re&sume run"),
                         tr("Go on with this run from its last checkpoint, as its next attempt"));
    m_register = addAction(u"registerModel"_s, u"register"_s, tr("&Register model…"),
                           tr("Keep this run's model under a name and version"), Qt::CTRL | Qt::Key_R);
    m_download = addAction(u"downloadFiles"_s, u"download"_s, tr("&Download…"),
                           tr("Copy this run's files to a folder of yours"), Qt::CTRL | Qt::Key_D);
    m_clone = addAction(u"cloneRun"_s, u"clone"_s, tr("C&lone…"), tr("A new run with the same settings"),
                        Qt::CTRL | Qt::SHIFT | Qt::Key_N);
    m_delete = addAction(u"deleteRun"_s, u"delete"_s, tr("D&elete run"), tr("Move this ended run to the trash"));
    m_openFolder = addAction(u"openFolder"_s, u"open"_s, tr("&Open folder"), tr("Show the run's folder in the file manager"));
    m_copyId = addAction(u"copyRunId"_s, u"copy"_s, tr("Copy run &id"), tr("Put the run's id on the clipboard"));

    connect(m_cancel, &QAction::triggered, this, &RunPage::cancelRun);
    connect(m_resume, &QAction::triggered, this, &RunPage::resumeRunAsked);
    connect(m_register, &QAction::triggered, this, [this] { registerModel(artifactToRegister()); });
    connect(m_download, &QAction::triggered, this, [this] {
        const QStringList selected = tab() == Tab::Artifacts ? m_artifacts->selectedPaths() : QStringList();
        download(selected.isEmpty() ? allArtifacts() : selected);
    });
    connect(m_clone, &QAction::triggered, this, [this] { Q_EMIT cloneRequested(*m_record); });
    connect(m_delete, &QAction::triggered, this, &RunPage::deleteRunAsked);
    connect(m_openFolder, &QAction::triggered, this, [this] {
        QDesktopServices::openUrl(QUrl::fromLocalFile(QString::fromStdString(m_folder->root().string())));
    });
    connect(m_copyId, &QAction::triggered, this, [this] {
        QGuiApplication::clipboard()->setText(runId());
        Q_EMIT statusMessage(tr("The run's id is on the clipboard."));
    });
}

QAction *RunPage::addAction(const QString &objectName, const QString &icon, const QString &text, const QString &toolTip,
                            const QKeySequence &shortcut)
{
    auto *action = new QAction(theme::icon(icon), text, this);
    action->setObjectName(objectName);
    action->setShortcut(shortcut);
    const QString keys = shortcut.toString(QKeySequence::NativeText);
    action->setToolTip(keys.isEmpty() ? toolTip : tr("%1 (%2)", "tooltip, shortcut").arg(toolTip, keys));
    return action;
}

void RunPage::buildTabs()
{
    m_tabs = new QTabWidget(this);
    m_tabs->setObjectName(u"runTabs"_s);
    m_tabs->setDocumentMode(true);
    m_tabs->tabBar()->setDrawBase(false);
    m_tabs->tabBar()->setAccessibleName(tr("Views of the run"));
    m_charts = new ChartsView(m_tabs);
    m_log = new LogView(m_tabs);
    m_artifacts = new ArtifactsView(m_tabs);
    m_predictions = new PredictionsView(m_tabs);
    m_details = new RunDetails(m_tabs);
    const std::tuple<QWidget *, QString, QString> pages[] = {{m_charts, u"chart"_s, tr("Charts")},
                                                             {m_log, u"log"_s, tr("Log")},
                                                             {m_artifacts, u"artifacts"_s, tr("Artifacts")},
                                                             {m_predictions, u"grid"_s, tr("Predictions")},
                                                             {m_details, u"details"_s, tr("Details")}};
    for (const auto &[page, icon, title] : pages) {
        const int index = m_tabs->addTab(page, theme::icon(icon), title);
        m_tabs->setTabToolTip(index, tr("%1 (Alt+%2)").arg(title).arg(index + 1));
    }
    connect(m_charts, &ChartsView::pointsLost, m_notice, &Notice::showError);
    connect(m_artifacts, &ArtifactsView::registerRequested, this, &RunPage::registerModel);
    connect(m_artifacts, &ArtifactsView::downloadRequested, this, &RunPage::download);
    connect(m_details, &RunDetails::openFolderRequested, m_openFolder, &QAction::trigger);
}

void RunPage::setRun(const Workspace &workspace, const RunFolder &folder)
{
    if (m_folder && m_folder->root() == folder.root() && !m_gone)
        return;
    clear();
    m_workspace = workspace;
    m_folder = folder;
    m_artifacts->setRun(folder);
    m_predictions->setRun(folder);
    follow(folder);
}

void RunPage::clear()
{
    m_feed.reset();
    m_folder.reset();
    m_record.reset();
    m_points = 0;
    m_diskBytes = 0;
    m_gone = false;
    m_quiet.stop();
    m_header->clear();
    m_notice->clear();
    m_charts->clear();
    m_log->clear();
    m_artifacts->setArtifacts({});
    m_details->clear();
    updateActions();
}

QString RunPage::runId() const
{
    return m_folder ? toQString(m_folder->id()) : QString();
}

void RunPage::setTab(Tab tab)
{
    m_tabs->setCurrentIndex(static_cast<int>(tab));
    m_tabs->currentWidget()->setFocus(Qt::ShortcutFocusReason);
}

RunPage::Tab RunPage::tab() const
{
    return static_cast<Tab>(m_tabs->currentIndex());
}

void RunPage::follow(const RunFolder &folder)
{
    m_charts->setPagePool(makePagePool(*m_workspace));
    m_feed = std::make_unique<RunFeed>(folder);
    connect(m_feed.get(), &RunFeed::pointsArrived, this, &RunPage::takePoints);
    connect(m_feed.get(), &RunFeed::logArrived, this, [this](const QByteArray &bytes) {
        m_log->append(bytes);
        news();
    });
    connect(m_feed.get(), &RunFeed::recordChanged, this, &RunPage::takeRecord);
    connect(m_feed.get(), &RunFeed::folderGone, this, &RunPage::folderGone);
    connect(m_feed.get(), &RunFeed::problem, this, [this](const QString &text) { m_notice->showHint(text); });
}

void RunPage::takePoints(const QList<MetricBatch> &batches)
{
    for (const MetricBatch &batch : batches)
        m_points += static_cast<qsizetype>(batch.points.size());
    m_charts->addPoints(batches);
    news();
}

void RunPage::takeRecord(const RunRecord &record)
{
    m_record = record;
    m_header->setRecord(record);
    m_charts->setRecord(record);
    m_artifacts->setArtifacts(record.artifacts);
    m_predictions->setRecord(record);
    m_details->setRecord(*m_folder, record, m_diskBytes);
    if (m_diskBytes == 0 && !isLive(record))
        measure();
    if (record.status.state == RunState::Failed)
        m_notice->showError({ErrorCode::Failed, record.status.error, {}, {}, {}});
    updateActions();
    news();
}

void RunPage::measure()
{
    runInBackground(
        this, [folder = *m_folder] { return std::pair(folder.root(), folder.diskUsage()); },
        [this](const std::pair<std::filesystem::path, std::uint64_t> &measured) {
            if (!m_folder || m_folder->root() != measured.first || !m_record)
                return;
            m_diskBytes = measured.second;
            m_details->setRecord(*m_folder, *m_record, m_diskBytes);
        });
}

void RunPage::folderGone()
{
    m_gone = true;
    m_notice->showError({ErrorCode::NotFound, toStdString(tr("This run's folder was deleted or its disk is gone.")),
                         m_folder->root().string(),
                         toStdString(tr("What had been read stays on screen: %1 points, the log and the details. "
                                        "Nothing more will arrive, and its files can't be opened.")
                                         .arg(QLocale().toString(qint64{m_points}))),
                         {}});
    if (m_record && isLive(*m_record)) {
        RunRecord unknown = *m_record; // the last word is no longer true, and nobody can tell what is
        unknown.status.state = RunState::NotResponding;
        unknown.status.evidence = toStdString(tr("run folder gone"));
        unknown.status.since = wallTime();
        m_header->setRecord(unknown);
    }
    updateActions();
}

void RunPage::news()
{
    m_header->noteSeen();
    m_quiet.start();
}

void RunPage::updateActions()
{
    const bool known = m_record.has_value();
    const bool live = known && isLive(*m_record);
    const bool hasFiles = known && !m_gone && !m_record->artifacts.empty();
    m_cancel->setEnabled(live && !m_gone && m_record->status.state != RunState::CancelRequested);
    m_resume->setEnabled(known && !live && !m_gone && m_record->status.state != RunState::Completed);
    m_register->setEnabled(hasFiles);
    m_download->setEnabled(hasFiles);
    m_clone->setEnabled(known);
    m_delete->setEnabled(known && !live && !m_gone);
    m_openFolder->setEnabled(m_folder && !m_gone);
    m_copyId->setEnabled(m_folder.has_value());
}

void RunPage::cancelRun()
{
    m_cancel->setEnabled(false);
    runInBackground(
        this, [folder = *m_folder] { return requestCancel(folder); },
        [this](const Result<void> &result) {
            if (!result)
                showError(this, result.error());
            else
                Q_EMIT statusMessage(tr("The run was asked to stop."));
            updateActions();
        });
}

void RunPage::resumeRunAsked()
{
    m_resume->setEnabled(false);
    runInBackground(
        this, [folder = *m_folder] { return resumeRun(folder); },
        [this](const Result<void> &result) {
            if (!result)
                showError(this, result.error());
            else
                Q_EMIT statusMessage(tr("The run goes on as its next attempt."));
            updateActions();
        });
}

void RunPage::registerModel(const QString &artifactPath)
{
    auto *dialog = new RegisterModelDialog(*m_workspace, *m_record, *m_folder, artifactPath, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &RegisterModelDialog::registered, this, &RunPage::modelRegistered);
    dialog->open();
}

void RunPage::download(QStringList paths)
{
    downloadArtifacts(this, *m_folder, paths);
}

/// Without a question: it can be undone.
void RunPage::deleteRunAsked()
{
    m_delete->setEnabled(false);
    runInBackground(
        this, [workspace = *m_workspace, folder = *m_folder] { return trashRun(workspace, folder); },
        [this](const Result<TrashItem> &item) {
            updateActions();
            if (item)
                Q_EMIT runDeleted(*item);
            else
                showError(this, item.error());
        });
}

QString RunPage::artifactToRegister() const
{
    const QStringList selected = m_artifacts->selectedPaths();
    if (!selected.isEmpty())
        return selected.first();
    const QStringList all = allArtifacts();
    const auto model = std::find_if(all.begin(), all.end(), [](const QString &path) { return path.endsWith(".npz"_L1); });
    return model == all.end() ? all.value(0) : *model;
}

QStringList RunPage::allArtifacts() const
{
    QStringList paths;
    for (const Artifact &artifact : m_record->artifacts)
        paths += toQString(artifact.path);
    return paths;
}

} // namespace bottega
