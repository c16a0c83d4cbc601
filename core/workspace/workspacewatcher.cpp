// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/workspacewatcher.h"

#include "core/base/clock.h"
#include "core/workspace/index.h"
#include "core/workspace/workerthread.h"

#include <QTimer>

#include <optional>

namespace bottega {

namespace {

constexpr int liveInterval = 250; // milliseconds
constexpr int idleInterval = 2000;
constexpr double wholeInterval = 5; // seconds: what has ended changes seldom, and there may be ten thousand of it

QList<RunRecord> listOf(std::vector<RunRecord> records)
{
    return {std::make_move_iterator(records.begin()), std::make_move_iterator(records.end())};
}

/// Lives in the watcher's thread, as its index does.
class WatcherWorker : public QObject
{
    Q_OBJECT
public:
    explicit WatcherWorker(const Workspace &workspace) : m_workspace(workspace) {}

public Q_SLOTS:
    void begin()
    {
        m_timer = new QTimer(this);
        m_timer->setSingleShot(true);
        connect(m_timer, &QTimer::timeout, this, &WatcherWorker::refreshWhatIsDue);
        refresh();
    }
    void refresh(); // of all

Q_SIGNALS:
    void runsLoaded(const QList<bottega::RunRecord> &records);
    void runsChanged(const QList<bottega::RunRecord> &records);
    void runsRemoved(const QStringList &ids);
    void runsOrphaned(const QList<bottega::RunFolder> &folders);
    void problem(const QString &text);
    void recovered();

private:
    void refreshWhatIsDue();
    void finish(Result<Index::Changes> changes);
    [[nodiscard]] Result<void> openIndex();
    void deliver(Index::Changes changes);
    void tell(const Error &error);

    Workspace m_workspace;
    std::optional<Index> m_index;
    std::string m_lastProblem;
    bool m_isLoaded = false;
    double m_lastWhole = 0; // steady seconds
    QTimer *m_timer = nullptr;
};

Result<void> WatcherWorker::openIndex()
{
    if (m_index)
        return {};
    auto index = Index::open(m_workspace);
    if (!index)
        return fail(index.error());
    m_index.emplace(std::move(*index));
    return {};
}

void WatcherWorker::refresh()
{
    if (auto opened = openIndex(); !opened)
        return finish(fail(opened.error()));
    m_lastWhole = steadyTime();
    finish(m_index->refresh());
}

void WatcherWorker::refreshWhatIsDue()
{
    if (!m_index || steadyTime() - m_lastWhole >= wholeInterval)
        return refresh();
    finish(m_index->refreshLive());
}

void WatcherWorker::finish(Result<Index::Changes> changes)
{
    if (changes) {
        if (!m_lastProblem.empty())
            Q_EMIT recovered();
        m_lastProblem.clear();
        deliver(std::move(*changes));
        if (const auto orphans = m_index->orphans(); !orphans.empty())
            Q_EMIT runsOrphaned({orphans.begin(), orphans.end()});
    } else {
        tell(changes.error());
    }
    m_timer->start(m_index && m_index->hasLiveRuns() ? liveInterval : idleInterval);
}

void WatcherWorker::deliver(Index::Changes changes)
{
    if (!m_isLoaded) {
        m_isLoaded = true;
        Q_EMIT runsLoaded(listOf(std::move(changes.changed)));
        return;
    }
    if (!changes.changed.empty())
        Q_EMIT runsChanged(listOf(std::move(changes.changed)));
    QStringList removed;
    for (const std::string &id : changes.removed)
        removed.append(QString::fromStdString(id));
    if (!removed.isEmpty())
        Q_EMIT runsRemoved(removed);
}

void WatcherWorker::tell(const Error &error)
{
    const std::string text = describe(error);
    if (text == m_lastProblem)
        return;
    m_lastProblem = text;
    Q_EMIT problem(QString::fromStdString(text));
}

} // namespace

struct WorkspaceWatcher::State
{
    explicit State(const Workspace &workspace) : worker(new WatcherWorker(workspace)) {}

    WatcherWorker *worker; // the thread deletes it
    WorkerThread thread{worker};
};

WorkspaceWatcher::WorkspaceWatcher(const Workspace &workspace, QObject *parent)
    : QObject(parent)
    , m_state(std::make_unique<State>(workspace))
{
    WatcherWorker *worker = m_state->worker;
    connect(worker, &WatcherWorker::runsLoaded, this, &WorkspaceWatcher::runsLoaded);
    connect(worker, &WatcherWorker::runsChanged, this, &WorkspaceWatcher::runsChanged);
    connect(worker, &WatcherWorker::runsRemoved, this, &WorkspaceWatcher::runsRemoved);
    connect(worker, &WatcherWorker::runsOrphaned, this, &WorkspaceWatcher::runsOrphaned);
    connect(worker, &WatcherWorker::problem, this, &WorkspaceWatcher::problem);
    connect(worker, &WatcherWorker::recovered, this, &WorkspaceWatcher::recovered);
    m_state->thread.start(worker, &WatcherWorker::begin);
}

WorkspaceWatcher::~WorkspaceWatcher() = default;

void WorkspaceWatcher::refreshNow()
{
    QMetaObject::invokeMethod(m_state->worker, &WatcherWorker::refresh, Qt::QueuedConnection);
}

} // namespace bottega

#include "workspacewatcher.moc"
