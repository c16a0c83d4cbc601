// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/workspace/runrecord.h"
#include "core/workspace/trash.h"
#include "core/workspace/workspace.h"

#include <QObject>

#include <memory>
#include <optional>

namespace bottega {

class RunsModel;
class WorkspaceWatcher;

/// What the window works on: the open workspace, the watcher of its runs and the model they arrive in. Opening and making
/// happens in the background; each request ends with exactly one of workspaceOpened() and failed().
class Session : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Session)
public:
    explicit Session(QObject *parent = nullptr);
    ~Session() override;

    [[nodiscard]] const std::optional<Workspace> &workspace() const { return m_workspace; }
    [[nodiscard]] RunsModel *runs() const { return m_runs; }

    void openWorkspace(const QString &folder);  // this folder, else as Workspace::find finds it
    void createWorkspace(const QString &folder, const QString &name);
    /// The tutorial's job in the open workspace, or in one made for it among the default ones: runSubmitted() follows.
    void trainMnistNow();
    void openRun(const QString &runId); // id or unique beginning: runFound() follows
    void restore(const TrashItem &item); // out of the trash: restored() or failed() follows
    void refreshRuns();                  // at once, not at the watcher's next turn

Q_SIGNALS:
    void workspaceOpened(const bottega::Workspace &workspace);
    void runFound(const bottega::RunFolder &folder);
    void runSubmitted(const QString &runId);
    void failed(const bottega::Error &error);
    void problem(const QString &text);    // shown, not fatal
    void unreadable(const QString &text); // the workspace is gone, unmounted, …: tried again all the time
    void recovered();                     // it can be read again
    void runsLoaded();
    void restored(const bottega::TrashItem &item);

private:
    void take(const Result<Workspace> &workspace);
    void adopt(const QList<RunFolder> &orphans);

    std::optional<Workspace> m_workspace;
    int m_openRequest = 0; // of openRun(): an answer to an older one is dropped
    RunsModel *m_runs = nullptr;
    std::unique_ptr<WorkspaceWatcher> m_watcher;
};

} // namespace bottega
