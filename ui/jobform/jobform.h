// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compute/submit.h"
#include "core/workspace/datasets.h"
#include "core/workspace/runrecord.h"

#include <QDialog>
#include <QList>
#include <QStringList>
#include <QTimer>

#include <vector>

class QComboBox;
class QGridLayout;
class QLabel;
class QLineEdit;
class QPushButton;

namespace bottega {

class FormField;
class Notice;

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

private:
    struct ParamRow
    {
        engine::ParamSpec spec;
        QLineEdit *edit = nullptr;
        FormField *field = nullptr;
    };

    void buildJobFields(QGridLayout *grid, const QStringList &experiments);
    void buildPlaceFields(QGridLayout *grid);
    QWidget *buildFooter();
    void fillRecipes();
    void fillResume();
    void loadChoices();
    void takeDatasets(const std::vector<Dataset> &datasets);
    void chooseRecipe();
    void chooseResume();
    void setParams(const std::vector<std::pair<std::string, std::string>> &params);
    void changed();
    void tryRequest();
    void submit();
    void setBusy(bool busy);
    void selectData(const QString &name);

    Workspace m_workspace;
    QList<RunRecord> m_runs;
    std::vector<ParamRow> m_params;
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
    QGridLayout *m_paramGrid = nullptr;
    QComboBox *m_target = nullptr;
    FormField *m_targetField = nullptr;
    QComboBox *m_gpu = nullptr;
    QLineEdit *m_maxDuration = nullptr;
    FormField *m_maxDurationField = nullptr;
    Notice *m_notice = nullptr;
    QLabel *m_summary = nullptr;
    QPushButton *m_run = nullptr;
};

} // namespace bottega
