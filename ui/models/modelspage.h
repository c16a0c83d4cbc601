// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workspace/models.h"
#include "core/workspace/workspace.h"

#include <QTimer>
#include <QWidget>

#include <optional>
#include <vector>

class QScrollArea;
class QStackedWidget;
class QTreeView;

namespace bottega {

class ModelDetails;
class ModelsModel;
class Notice;

/// The registered models of a workspace: names and versions on the left, the chosen version on the right. Reads in the
/// background, by itself while it is visible; what others register (the command line, another window) appears.
class ModelsPage : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ModelsPage)
public:
    explicit ModelsPage(QWidget *parent = nullptr);

    void setWorkspace(const Workspace &workspace);
    void refresh();
    /// Chooses "name:version", also one that the next refresh() brings.
    void select(const QString &modelId);

Q_SIGNALS:
    void runRequested(const QString &runId);
    void deleted(const bottega::TrashItem &item);

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void showModels(const Result<std::vector<Model>> &models);
    void chooseWanted();
    void showCurrent();
    void deleteCurrent();

    std::optional<Workspace> m_workspace;
    QString m_wanted; // model id to choose as soon as it is there
    bool m_isReading = false;
    bool m_readAgain = false;
    QTimer m_timer;
    ModelsModel *m_model = nullptr;
    QStackedWidget *m_pages = nullptr;
    QTreeView *m_tree = nullptr;
    QScrollArea *m_scroll = nullptr;
    Notice *m_notice = nullptr;
    ModelDetails *m_details = nullptr;
};

} // namespace bottega
