// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/evaluationpanel.h"

#include "core/engine/exchange.h"
#include "core/workspace/backgroundtask.h"
#include "core/workspace/trust.h"
#include "ui/models/classreportmodel.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/format.h"
#include "ui/widgets/notice.h"
#include "ui/widgets/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

QTableView *reportTable(ClassReportModel *model, QWidget *parent)
{
    auto *table = new QTableView(parent);
    table->setObjectName(u"classReports"_s);
    table->setModel(model);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setShowGrid(false);
    table->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff); // as tall as its rows; the page scrolls
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(26);
    table->horizontalHeader()->setHighlightSections(false);
    table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    table->setTabKeyNavigation(false);
    theme::setLook(table, theme::Look::Plain);
    table->hide();
    return table;
}

Result<engine::Evaluation> evaluateModel(const Workspace &workspace, const Model &model, const Dataset &dataset,
                                         const std::function<bool()> &canceled)
{
    if (auto trusted = requireTrust(workspace, "Evaluating a model"); !trusted)
        return fail(trusted.error());
    const Models models(workspace);
    if (auto proved = models.verify(model); !proved)
        return fail(proved.error());
    const auto file = std::find_if(model.files.begin(), model.files.end(),
                                   [](const ModelFile &one) { return engine::isWeightsFile(one.path); });
    if (file == model.files.end())
        return fail(ErrorCode::Unsupported, "The model has no file with weights (.npz, .safetensors or .onnx)", model.id(), {},
                    "Register outputs/model.npz of a run of a built-in recipe");
    const auto weights = engine::readWeights(models.filesFolder(model) / file->path);
    if (!weights)
        return fail(weights.error());
    return engine::evaluate(*weights, Datasets(workspace).folder(dataset.name), canceled);
}

} // namespace

EvaluationPanel::EvaluationPanel(const Workspace &workspace, const Model &model, QWidget *parent)
    : QWidget(parent)
    , m_workspace(workspace)
    , m_model(model)
    , m_data(new QComboBox(this))
    , m_evaluate(new QPushButton(tr("Evaluate"), this))
    , m_progress(new QProgressBar(this))
    , m_notice(new Notice(this))
    , m_result(new QLabel(this))
    , m_reports(new ClassReportModel(this))
{
    m_table = reportTable(m_reports, this);
    m_data->setObjectName(u"evaluationData"_s);
    m_data->setAccessibleName(tr("Data set to evaluate on"));
    m_data->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_data->setMinimumWidth(220);
    m_evaluate->setObjectName(u"evaluateModel"_s);
    m_evaluate->setEnabled(false);
    m_progress->setRange(0, 0);
    m_progress->setTextVisible(false);
    m_progress->hide();
    m_result->setObjectName(u"evaluationResult"_s);
    m_result->setTextFormat(Qt::PlainText);
    m_result->setFont(theme::font(1, true));
    m_result->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_result->hide();

    auto *row = new QHBoxLayout;
    row->setSpacing(theme::gap);
    row->addWidget(m_data);
    row->addWidget(m_evaluate);
    row->addStretch();
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::gap);
    layout->addLayout(row);
    layout->addWidget(m_progress);
    layout->addWidget(m_notice);
    layout->addWidget(m_result);
    layout->addWidget(m_table);
    connect(m_evaluate, &QPushButton::clicked, this, [this] { m_isBusy ? cancel() : start(); });
}

EvaluationPanel::~EvaluationPanel()
{
    cancel();
}

void EvaluationPanel::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    loadDatasets();
}

void EvaluationPanel::loadDatasets()
{
    runInBackground(
        this, [workspace = m_workspace] { return Datasets(workspace).list(); },
        [this](const Result<std::vector<Dataset>> &datasets) {
            if (datasets)
                showDatasets(*datasets);
            else
                m_notice->showError(datasets.error());
        });
}

void EvaluationPanel::showDatasets(const std::vector<Dataset> &datasets)
{
    if (m_isBusy)
        return;
    const int chosen = m_data->currentIndex();
    const std::string wanted = chosen < 0 ? m_model.dataName : m_datasets[static_cast<std::size_t>(chosen)].name;
    m_data->clear();
    m_datasets.clear();
    for (const Dataset &dataset : datasets) {
        if (dataset.state != DatasetState::Ready)
            continue;
        m_data->addItem(tr("%1 (%L2 test images)").arg(toQString(dataset.name)).arg(dataset.testCount));
        m_datasets.push_back(dataset);
        if (dataset.name == wanted)
            m_data->setCurrentIndex(m_data->count() - 1);
    }
    m_evaluate->setEnabled(!m_datasets.empty());
    m_data->setEnabled(!m_datasets.empty());
    if (m_datasets.empty())
        m_notice->showHint(tr("No data set is ready in this workspace. Get one on the Data page."));
    else
        m_notice->clear();
}

void EvaluationPanel::start()
{
    const Dataset dataset = m_datasets[static_cast<std::size_t>(m_data->currentIndex())];
    m_canceled = std::make_shared<std::atomic<bool>>(false);
    setBusy(true);
    runInBackground(
        this,
        [workspace = m_workspace, model = m_model, dataset, canceled = m_canceled] {
            return evaluateModel(workspace, model, dataset, [&canceled] { return canceled->load(); });
        },
        [this, dataset](const Result<engine::Evaluation> &result) { finish(result, dataset); });
}

void EvaluationPanel::cancel()
{
    if (m_canceled)
        *m_canceled = true;
}

void EvaluationPanel::finish(const Result<engine::Evaluation> &result, const Dataset &dataset)
{
    setBusy(false);
    m_result->setVisible(result.has_value());
    m_table->setVisible(result.has_value());
    if (!result) {
        if (result.error().code != ErrorCode::Canceled)
            m_notice->showError(result.error());
        return;
    }
    m_result->setText(tr("%1 accuracy, loss %2 on %L3 images of %4")
                          .arg(percentText(result->accuracy), QLocale().toString(result->loss, 'f', 4))
                          .arg(result->count)
                          .arg(toQString(dataset.name)));
    QStringList names;
    for (const std::string &name : dataset.classNames)
        names += toQString(name);
    m_reports->setReports(engine::classReports(*result), names);
    m_table->setFixedHeight(m_table->horizontalHeader()->sizeHint().height() + m_table->verticalHeader()->length() +
                            2 * m_table->frameWidth());
}

void EvaluationPanel::setBusy(bool busy)
{
    m_isBusy = busy;
    m_data->setEnabled(!busy);
    m_progress->setVisible(busy);
    m_evaluate->setText(busy ? tr("Cancel") : tr("Evaluate"));
    if (busy)
        m_notice->clear();
}

} // namespace bottega
