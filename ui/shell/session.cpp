// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/session.h"

#include "core/compute/adoption.h"
#include "core/compute/submit.h"
#include "core/workspace/backgroundtask.h"
#include "core/workspace/workspacewatcher.h"
#include "ui/runs/runsmodel.h"
#include "ui/widgets/errortext.h"

#include <filesystem>
#include <utility>

namespace bottega {

using namespace Qt::StringLiterals;

namespace fs = std::filesystem;

namespace {

constexpr const char *firstWorkspaceName = "my-workspace";

struct Submitted
{
    Workspace workspace;
    RunFolder run;
};

Result<Workspace> openOrFind(const fs::path &folder)
{
    auto opened = Workspace::open(folder);
    if (opened || opened.error().code != ErrorCode::NotFound)
        return opened;
    const auto found = Workspace::find(folder);
    return found ? found : opened;
}

Result<Workspace> firstWorkspace()
{
    const fs::path folder = defaultWorkspacesFolder() / firstWorkspaceName;
    auto opened = Workspace::open(folder);
    return opened ? opened : Workspace::init(folder);
}

Result<Submitted> submitTutorial(const std::optional<Workspace> &open)
{
    auto workspace = open ? Result<Workspace>(*open) : firstWorkspace();
    if (!workspace)
        return fail(workspace.error());
    JobRequest request;
    request.experiment = "chainer-mnist";
    request.recipe = "mnist-mlp";
    request.params = {{"epochs", "10"}, {"batchsize", "128"}};
    const auto run = submitRun(*workspace, request);
    if (!run)
        return fail(run.error());
    return Submitted{*workspace, *run};
}

} // namespace

Session::Session(QObject *parent)
    : QObject(parent)
    , m_runs(new RunsModel(this))
{
}

Session::~Session() = default;

void Session::openWorkspace(const QString &folder)
{
    runInBackground(
        this, [path = fs::path(toStdString(folder))] { return openOrFind(path); },
        [this](const Result<Workspace> &workspace) { take(workspace); });
}

void Session::createWorkspace(const QString &folder, const QString &name)
{
    runInBackground(
        this,
        [path = fs::path(toStdString(folder)), name = toStdString(name)] { return Workspace::init(path, name); },
        [this](const Result<Workspace> &workspace) { take(workspace); });
}

void Session::trainMnistNow()
{
    runInBackground(
        this, [open = m_workspace] { return submitTutorial(open); },
        [this](const Result<Submitted> &submitted) {
            if (!submitted) {
                Q_EMIT failed(submitted.error());
                return;
            }
            if (!m_workspace || m_workspace->root() != submitted->workspace.root())
                take(submitted->workspace);
            else
                m_watcher->refreshNow();
            Q_EMIT runSubmitted(toQString(submitted->run.id()));
        });
}

void Session::openRun(const QString &runId)
{
    if (!m_workspace)
        return;
    runInBackground(
        this, [workspace = *m_workspace, id = toStdString(runId)] { return workspace.run(id); },
        [this, request = ++m_openRequest](const Result<RunFolder> &run) {
            if (request != m_openRequest)
                return;
            if (run)
                Q_EMIT runFound(*run);
            else
                Q_EMIT failed(run.error());
        });
}

void Session::adopt(const QList<RunFolder> &orphans)
{
    runInBackground(
        this, [runs = std::vector<RunFolder>(orphans.begin(), orphans.end())] { return adoptOrphans(runs); },
        [this](const Result<void> &adopted) {
            if (!adopted)
                Q_EMIT problem(toQString(describe(adopted.error())));
        });
}

void Session::restore(const TrashItem &item)
{
    if (!m_workspace)
        return;
    runInBackground(
        this, [trash = Trash(*m_workspace), item] { return trash.restore(item); },
        [this, item](const Result<void> &result) {
            if (!result) {
                Q_EMIT failed(result.error());
                return;
            }
            refreshRuns();
            Q_EMIT restored(item);
        });
}

void Session::refreshRuns()
{
    if (m_watcher)
        m_watcher->refreshNow();
}

void Session::take(const Result<Workspace> &workspace)
{
    if (!workspace) {
        Q_EMIT failed(workspace.error());
        return;
    }
    m_workspace = *workspace;
    ++m_openRequest;
    m_runs->setRecords({});
    m_watcher = std::make_unique<WorkspaceWatcher>(*m_workspace);
    connect(m_watcher.get(), &WorkspaceWatcher::runsLoaded, this, [this](const QList<RunRecord> &records) {
        m_runs->setRecords(records);
        Q_EMIT runsLoaded();
    });
    connect(m_watcher.get(), &WorkspaceWatcher::runsChanged, m_runs, &RunsModel::updateRecords);
    connect(m_watcher.get(), &WorkspaceWatcher::runsRemoved, m_runs, &RunsModel::removeRuns);
    connect(m_watcher.get(), &WorkspaceWatcher::runsOrphaned, this, &Session::adopt);
    connect(m_watcher.get(), &WorkspaceWatcher::problem, this, &Session::unreadable);
    connect(m_watcher.get(), &WorkspaceWatcher::recovered, this, &Session::recovered);
    Q_EMIT workspaceOpened(*m_workspace);
}

} // namespace bottega
