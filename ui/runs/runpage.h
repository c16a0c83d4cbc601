// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workspace/models.h"
#include "core/workspace/runrecord.h"
#include "core/workspace/workspace.h"

#include <QKeySequence>
#include <QTimer>
#include <QWidget>

#include <memory>
#include <optional>

class QAction;
class QTabWidget;

namespace bottega {

class ArtifactsView;
class ChartsView;
class LogView;
class Notice;
class PredictionsView;
class RunDetails;
class RunFeed;
class RunHeader;

/// Everything about one run, live. Owns the feed and hands its news to the views; its actions are what can be done with
/// the run, for header, toolbar and menus alike: enabled exactly while they make sense.
class RunPage : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(RunPage)
public:
    enum class Tab { Charts, Log, Artifacts, Predictions, Details };

    explicit RunPage(QWidget *parent = nullptr);
    ~RunPage() override;

    void setRun(const Workspace &workspace, const RunFolder &folder);
    void clear();
    [[nodiscard]] QString runId() const;
    [[nodiscard]] const std::optional<RunRecord> &record() const { return m_record; }
    void setTab(Tab tab);
    [[nodiscard]] Tab tab() const;

    [[nodiscard]] QAction *cancelAction() const { return m_cancel; }
    [[nodiscard]] QAction *resumeAction() const { return m_resume; }
    [[nodiscard]] QAction *registerAction() const { return m_register; }
    [[nodiscard]] QAction *downloadAction() const { return m_download; }
    [[nodiscard]] QAction *cloneAction() const { return m_clone; }
    [[nodiscard]] QAction *deleteAction() const { return m_delete; }
    [[nodiscard]] QAction *openFolderAction() const { return m_openFolder; }
    [[nodiscard]] QAction *copyIdAction() const { return m_copyId; }

Q_SIGNALS:
    void cloneRequested(const bottega::RunRecord &record);
    void modelRegistered(const bottega::Model &model);
    void runDeleted(const bottega::TrashItem &item);
    void statusMessage(const QString &text);
    void settled(); // the run has ended and nothing new came for a while: what is shown is all there is

private:
    QAction *addAction(const QString &objectName, const QString &icon, const QString &text, const QString &toolTip,
                       const QKeySequence &shortcut = {});
    void buildActions();
    void buildTabs();
    void follow(const RunFolder &folder);
    void takePoints(const QList<MetricBatch> &batches);
    void takeRecord(const RunRecord &record);
    void measure();
    void folderGone();
    void news();
    void updateActions();

    void cancelRun();
    void resumeRunAsked();
    void registerModel(const QString &artifactPath);
    void download(QStringList paths);
    void deleteRunAsked();
    QString artifactToRegister() const;
    QStringList allArtifacts() const;

    std::optional<Workspace> m_workspace;
    std::optional<RunFolder> m_folder;
    std::optional<RunRecord> m_record;
    std::unique_ptr<RunFeed> m_feed;
    qsizetype m_points = 0;
    std::uint64_t m_diskBytes = 0; // of an ended run; 0: not measured
    bool m_gone = false;
    QTimer m_quiet;

    QAction *m_cancel = nullptr;
    QAction *m_resume = nullptr;
    QAction *m_register = nullptr;
    QAction *m_download = nullptr;
    QAction *m_clone = nullptr;
    QAction *m_delete = nullptr;
    QAction *m_openFolder = nullptr;
    QAction *m_copyId = nullptr;
    RunHeader *m_header = nullptr;
    Notice *m_notice = nullptr;
    QTabWidget *m_tabs = nullptr;
    ChartsView *m_charts = nullptr;
    LogView *m_log = nullptr;
    ArtifactsView *m_artifacts = nullptr;
    PredictionsView *m_predictions = nullptr;
    RunDetails *m_details = nullptr;
};

} // namespace bottega
