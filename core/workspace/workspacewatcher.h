// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/workspace/runrecord.h"

#include <QList>
#include <QObject>
#include <QStringList>

#include <memory>

namespace bottega {

/// Follows all runs of a workspace for lists: owns the Index in a thread of its own and refreshes it a few times a second
/// while runs live, once in two seconds otherwise; ended runs are looked at every five seconds. Signals arrive in the thread of this object, batched.
class WorkspaceWatcher : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(WorkspaceWatcher)
public:
    explicit WorkspaceWatcher(const Workspace &workspace, QObject *parent = nullptr);
    ~WorkspaceWatcher() override;

    void refreshNow(); // does not wait

Q_SIGNALS:
    void runsLoaded(const QList<bottega::RunRecord> &records);  // once, newest first
    void runsChanged(const QList<bottega::RunRecord> &records); // new and changed ones
    void runsRemoved(const QStringList &ids);
    /// Runs of this machine that have lost their agents, at each refresh for as long as they have none.
    void runsOrphaned(const QList<bottega::RunFolder> &folders);
    void problem(const QString &text); // the workspace can't be read: gone, unmounted, …; once for each reason
    void recovered();                  // it can be again

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace bottega
