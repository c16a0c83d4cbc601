// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/evaluate.h"
#include "core/workspace/datasets.h"
#include "core/workspace/models.h"
#include "core/workspace/workspace.h"

#include <QWidget>

#include <atomic>
#include <memory>
#include <vector>

class QComboBox;
class QLabel;
class QProgressBar;
class QPushButton;
class QTableView;

namespace bottega {

class ClassReportModel;
class Notice;

/// Evaluates one registered model on a data set of the workspace that is ready, in the background, and shows accuracy,
/// loss and a line per class. The files are proved by their hashes first.
class EvaluationPanel : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(EvaluationPanel)
public:
    EvaluationPanel(const Workspace &workspace, const Model &model, QWidget *parent = nullptr);
    ~EvaluationPanel() override; // gives up what is under way

protected:
    void showEvent(QShowEvent *event) override; // data sets may have come since

private:
    void loadDatasets();
    void showDatasets(const std::vector<Dataset> &datasets);
    void start();
    void cancel();
    void finish(const Result<engine::Evaluation> &result, const Dataset &dataset);
    void setBusy(bool busy);

    Workspace m_workspace;
    Model m_model;
    std::vector<Dataset> m_datasets; // ready ones
    std::shared_ptr<std::atomic<bool>> m_canceled;
    bool m_isBusy = false;
    QComboBox *m_data = nullptr;
    QPushButton *m_evaluate = nullptr;
    QProgressBar *m_progress = nullptr;
    Notice *m_notice = nullptr;
    QLabel *m_result = nullptr;
    QTableView *m_table = nullptr;
    ClassReportModel *m_reports = nullptr;
};

} // namespace bottega
