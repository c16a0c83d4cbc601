// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compute/estimate.h"
#include "core/compute/submit.h"
#include "core/workspace/datasets.h"
#include "core/workspace/runrecord.h"

#include <QDialog>
#include <QList>
#include <QStringList>
#include <QTimer>

#include <optional>
#include <vector>

class QComboBox;
class QGridLayout;
class QScrollArea;
class QVBoxLayout;

namespace bottega {

class DeviceFields;
class FormField;
class JobFooter;
class LimitFields;
class PlanPanel;
class RecipeParams;

/// The form for a new run. Every value is checked as it is typed; the whole request is tried in the background after each
/// pause, so that the form says what would run, or why it can't, before Run is pressed. Open it with open().
class JobForm : public QDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(JobForm)
public:
    /// `experiments` and `runs` (newest first) are what the user can choose from.
    JobForm(const Workspace &workspace, const QStringList &experiments, const QList<RunRecord> &runs,
            QWidget *parent = nullptr);

    void prefill(const RunRecord &record); // the same job again
    [[nodiscard]] JobRequest request() const;
    [[nodiscard]] bool isAcceptable() const; // no field complains

Q_SIGNALS:
    void submitted(const QString &runId);

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    QWidget *buildFields(const QStringList &experiments);
    QWidget *buildPanel();
    void buildJobFields(QGridLayout *grid, const QStringList &experiments);
    void buildPlaceFields(QGridLayout *grid);
    void fillRecipes();
    void fillResume();
    void loadChoices();
    void takeDatasets(const std::vector<Dataset> &datasets);
    void chooseRecipe();
    void chooseResume();
    void readPast();
    void placePanel();
    void showPlan();
    void showEstimate();
    [[nodiscard]] const Dataset *dataset(const std::string &name) const;
    [[nodiscard]] Dataset chosenDataset() const;
    void changed();
    void tryRequest();
    void submit();
    void setBusy(bool busy);
    void selectData(const QString &name);

    Workspace m_workspace;
    QList<RunRecord> m_runs;
    std::vector<Dataset> m_datasets; // empty until they are read
    std::vector<PastSpeed> m_past;
    std::optional<Job> m_job;        // what would run, once the request was tried
    QString m_wantedData; // chosen before the list was there
    QTimer m_pause;
    int m_generation = 0;
    bool m_busy = false;

    QComboBox *m_experiment = nullptr;
    FormField *m_experimentField = nullptr;
    QComboBox *m_recipe = nullptr;
    FormField *m_recipeField = nullptr;
    QComboBox *m_data = nullptr;
    FormField *m_dataField = nullptr;
    QComboBox *m_resume = nullptr;
    RecipeParams *m_params = nullptr;
    QComboBox *m_target = nullptr;
    FormField *m_targetField = nullptr;
    DeviceFields *m_device = nullptr;
    LimitFields *m_limits = nullptr;
    QVBoxLayout *m_column = nullptr;
    QScrollArea *m_side = nullptr;
    QWidget *m_sideContent = nullptr;
    PlanPanel *m_plan = nullptr;
    JobFooter *m_footer = nullptr;
};

} // namespace bottega
