// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobform/jobform.h"

#include "core/base/safename.h"
#include "core/compute/target.h"
#include "ui/jobform/durationinput.h"
#include "ui/jobform/formfield.h"
#include "ui/jobform/recipetexts.h"
#include "ui/widgets/backgroundtask.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/format.h"
#include "ui/widgets/notice.h"
#include "ui/widgets/theme.h"

#include <QComboBox>
#include <QFrame>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <QScreen>
#include <QScrollArea>
#include <QShortcut>
#include <QStandardItemModel>

#include <algorithm>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

constexpr int resumableShown = 200;

QLabel *sectionTitle(const QString &text, QWidget *parent)
{
    auto *label = new QLabel(text, parent);
    label->setTextFormat(Qt::PlainText);
    label->setFont(theme::font(1, true));
    return label;
}

QComboBox *comboBox(const QString &objectName, QWidget *parent)
{
    auto *combo = new QComboBox(parent);
    combo->setObjectName(objectName);
    combo->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    return combo;
}

QString datasetNote(const Dataset &dataset)
{
    switch (dataset.state) {
    case DatasetState::Ready:
        return JobForm::tr("%1: ready, %2 images to train").arg(toQString(dataset.name), QLocale().toString(qint64{dataset.trainCount}));
    case DatasetState::Offered:
        return JobForm::tr("%1: at hand, no download needed").arg(toQString(dataset.name));
    case DatasetState::Download:
        return JobForm::tr("%1: to be downloaded on the Data page first").arg(toQString(dataset.name));
    }
    Q_UNREACHABLE();
}

QString targetCard(const Json &card)
{
    const auto memory = static_cast<qint64>(numberMember(card, "memoryBytes"));
    return JobForm::tr("%n processor(s), %1 of memory", nullptr, static_cast<int>(integerMember(card, "cpus")))
        .arg(QLocale().formattedDataSize(memory, 1, QLocale::DataSizeIecFormat));
}

QGridLayout *twoColumns()
{
    auto *grid = new QGridLayout;
    grid->setHorizontalSpacing(theme::page);
    grid->setVerticalSpacing(theme::wide - theme::tight);
    grid->setColumnStretch(0, 1);
    grid->setColumnStretch(1, 1);
    grid->setColumnMinimumWidth(0, 280);
    grid->setColumnMinimumWidth(1, 280);
    return grid;
}

} // namespace

JobForm::JobForm(const Workspace &workspace, const QStringList &experiments, const QList<RunRecord> &runs, QWidget *parent)
    : QDialog(parent)
    , m_workspace(workspace)
    , m_runs(runs)
{
    setObjectName(u"jobForm"_s);
    setWindowTitle(tr("New run"));
    setModal(true);
    resize(760, qMin(860, screen()->availableSize().height() * 9 / 10));
    auto *scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto *content = new QWidget(scroll);
    content->setObjectName(u"scrollContent"_s);
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(theme::page, theme::page, theme::page, theme::wide);
    column->setSpacing(theme::wide);
    QGridLayout *job = twoColumns();
    buildJobFields(job, experiments);
    m_paramGrid = twoColumns();
    QGridLayout *place = twoColumns();
    buildPlaceFields(place);
    column->addWidget(sectionTitle(tr("Job"), content));
    column->addLayout(job);
    column->addWidget(sectionTitle(tr("Script parameters"), content));
    column->addLayout(m_paramGrid);
    column->addWidget(sectionTitle(tr("Compute"), content));
    column->addLayout(place);
    column->addStretch(1);
    scroll->setWidget(content);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(scroll, 1);
    layout->addWidget(buildFooter());

    m_pause.setSingleShot(true);
    m_pause.setInterval(150);
    connect(&m_pause, &QTimer::timeout, this, &JobForm::tryRequest);
    fillRecipes();
    fillResume();
    loadChoices();
    m_experiment->setFocus();
}

void JobForm::buildJobFields(QGridLayout *grid, const QStringList &experiments)
{
    m_experiment = comboBox(u"experimentField"_s, this);
    m_experiment->setEditable(true);
    m_experiment->setInsertPolicy(QComboBox::NoInsert);
    m_experiment->addItems(experiments);
    if (!m_runs.isEmpty())
        m_experiment->setCurrentText(toQString(m_runs.first().job.experiment));
    else if (experiments.isEmpty())
        m_experiment->setEditText(u"chainer-mnist"_s);
    m_experimentField = new FormField(tr("&Experiment"), m_experiment, tr("Runs of one experiment are compared with each other."), {}, this);
    m_recipe = comboBox(u"recipeField"_s, this);
    m_recipeField = new FormField(tr("Re&cipe"), m_recipe, {}, {}, this);
    m_data = comboBox(u"dataField"_s, this);
    m_data->addItem(tr("Automatic"), QString());
    m_dataField = new FormField(tr("&Data set"), m_data, tr("MNIST where it is ready, else the small MNIST that comes with Bottega."), {}, this);
    m_resume = comboBox(u"resumeField"_s, this);
    auto *resumeField = new FormField(tr("Resume &from"), m_resume, tr("Goes on from that run's newest checkpoint."), {}, this);
    grid->addWidget(m_experimentField, 0, 0);
    grid->addWidget(m_recipeField, 0, 1);
    grid->addWidget(m_dataField, 1, 0);
    grid->addWidget(resumeField, 1, 1);
    connect(m_experiment, &QComboBox::currentTextChanged, this, &JobForm::changed);
    connect(m_recipe, &QComboBox::currentIndexChanged, this, &JobForm::chooseRecipe);
    connect(m_data, &QComboBox::currentIndexChanged, this, &JobForm::changed);
    connect(m_resume, &QComboBox::currentIndexChanged, this, &JobForm::chooseResume);
}

void JobForm::buildPlaceFields(QGridLayout *grid)
{
    m_target = comboBox(u"targetField"_s, this);
    for (const std::string &name : targetNames())
        m_target->addItem(name == "local" ? tr("This computer") : toQString(name), toQString(name));
    m_targetField = new FormField(tr("Compute &target"), m_target, {}, {}, this);
    m_gpu = comboBox(u"gpuField"_s, this);
    m_gpu->addItem(tr("Automatic"), u"auto"_s);
    m_gpu->addItem(tr("Never"), u"never"_s);
    auto *gpuField = new FormField(tr("&GPU"), m_gpu, tr("Automatic takes a GPU where the trainer can use one."), {}, this);
    m_maxDuration = new QLineEdit(this);
    m_maxDuration->setObjectName(u"maxDurationField"_s);
    m_maxDuration->setPlaceholderText(tr("no limit"));
    m_maxDurationField = new FormField(tr("&Longest duration"), m_maxDuration,
                                       tr("Such as 90 s, 10 min or 1:30:00. The run is stopped when it is over."), {}, this);
    grid->addWidget(m_targetField, 0, 0);
    grid->addWidget(gpuField, 0, 1);
    grid->addWidget(m_maxDurationField, 1, 0);
    connect(m_target, &QComboBox::currentIndexChanged, this, &JobForm::changed);
    connect(m_gpu, &QComboBox::currentIndexChanged, this, &JobForm::changed);
    connect(m_maxDuration, &QLineEdit::textChanged, this, &JobForm::changed);
}

QWidget *JobForm::buildFooter()
{
    auto *footer = new QFrame(this);
    footer->setProperty("footer", true);
    m_notice = new Notice(footer);
    m_notice->setObjectName(u"jobFormNotice"_s);
    m_summary = new QLabel(footer);
    m_summary->setObjectName(u"jobFormSummary"_s);
    m_summary->setTextFormat(Qt::PlainText);
    m_summary->setWordWrap(true);
    theme::setLook(m_summary, theme::Look::Muted);
    auto *cancel = new QPushButton(tr("Cancel"), footer);
    cancel->setObjectName(u"jobFormCancel"_s);
    cancel->setAutoDefault(false);
    cancel->setToolTip(tr("Close the form without a run (Esc)"));
    m_run = new QPushButton(tr("&Run"), footer);
    m_run->setObjectName(u"jobFormRun"_s);
    m_run->setDefault(true);
    m_run->setToolTip(tr("Start this run (Ctrl+Return)"));
    theme::setLook(m_run, theme::Look::Primary);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_run, &QPushButton::clicked, this, &JobForm::submit);
    auto *shortcut = new QShortcut(Qt::CTRL | Qt::Key_Return, this);
    connect(shortcut, &QShortcut::activated, m_run, &QPushButton::click);
    auto *row = new QHBoxLayout;
    row->addWidget(m_summary, 1);
    row->addWidget(cancel);
    row->addWidget(m_run);
    auto *layout = new QVBoxLayout(footer);
    layout->setContentsMargins(theme::page, theme::wide - theme::tight, theme::page, theme::wide - theme::tight);
    layout->addWidget(m_notice);
    layout->addLayout(row);
    return footer;
}

void JobForm::fillRecipes()
{
    for (const engine::Recipe &recipe : engine::recipes())
        m_recipe->addItem(toQString(recipe.name), toQString(recipe.name));
}

void JobForm::fillResume()
{
    const QSignalBlocker quiet(m_resume);
    m_resume->clear();
    m_resume->addItem(tr("Nothing: start afresh"), QString());
    const std::string recipe = toStdString(m_recipe->currentData().toString());
    for (const RunRecord &run : std::as_const(m_runs)) {
        if (m_resume->count() > resumableShown)
            break;
        if (run.job.recipe == recipe && isTerminal(run.status.state))
            m_resume->addItem(tr("%1 of %2, %3", "run, experiment, time")
                                  .arg(toQString(run.id).section(u'_', -1), toQString(run.job.experiment),
                                       momentText(run.job.createdAt)),
                              toQString(run.id));
    }
}

void JobForm::loadChoices()
{
    runInBackground(
        this, [workspace = m_workspace] { return Datasets(workspace).list(); },
        [this](const Result<std::vector<Dataset>> &datasets) {
            if (datasets)
                takeDatasets(*datasets);
            else
                m_notice->showError(datasets.error());
        });
    runInBackground(
        this,
        [name = toStdString(m_target->currentData().toString())] {
            const auto target = findTarget(name);
            return target ? (*target)->describe() : Json::object();
        },
        [this](const Json &card) { m_targetField->setHelp(targetCard(card)); });
}

void JobForm::takeDatasets(const std::vector<Dataset> &datasets)
{
    const QString chosen = m_wantedData.isEmpty() ? m_data->currentData().toString() : m_wantedData;
    {
        const QSignalBlocker quiet(m_data);
        for (const Dataset &dataset : datasets) {
            m_data->addItem(datasetNote(dataset), toQString(dataset.name));
            if (dataset.state == DatasetState::Download)
                qobject_cast<QStandardItemModel *>(m_data->model())->item(m_data->count() - 1)->setEnabled(false);
        }
    }
    selectData(chosen);
    changed();
}

void JobForm::selectData(const QString &name)
{
    m_wantedData = name;
    m_data->setCurrentIndex(qMax(0, m_data->findData(name)));
}

void JobForm::chooseRecipe()
{
    const auto recipe = engine::findRecipe(toStdString(m_recipe->currentData().toString()));
    for (const ParamRow &row : m_params)
        delete row.field;
    m_params.clear();
    if (!recipe)
        return;
    m_recipeField->setHelp(recipeTitle(**recipe));
    m_recipe->setToolTip(recipeDescription(**recipe));
    QWidget *previous = m_resume;
    for (const engine::ParamSpec &spec : (*recipe)->params) {
        auto *edit = new QLineEdit(toQString(spec.defaultValue), this);
        edit->setObjectName(u"param_"_s + toQString(spec.name));
        edit->setPlaceholderText(toQString(spec.defaultValue));
        auto *field = new FormField(toQString(spec.name), edit, paramHelp(spec), paramLimits(spec), this);
        const int position = static_cast<int>(m_params.size());
        m_paramGrid->addWidget(field, position / 2, position % 2);
        connect(edit, &QLineEdit::textChanged, this, &JobForm::changed);
        setTabOrder(previous, edit);
        previous = edit;
        m_params.push_back({spec, edit, field});
    }
    setTabOrder(previous, m_target);
    fillResume();
    changed();
}

void JobForm::chooseResume()
{
    const std::string id = toStdString(m_resume->currentData().toString());
    const auto run = std::find_if(m_runs.begin(), m_runs.end(), [&](const RunRecord &record) { return record.id == id; });
    if (run != m_runs.end()) {
        setParams(run->job.params);
        selectData(toQString(run->job.data.name));
    }
    changed();
}

void JobForm::prefill(const RunRecord &record)
{
    const Job &job = record.job;
    m_experiment->setEditText(toQString(job.experiment));
    m_recipe->setCurrentIndex(qMax(0, m_recipe->findData(toQString(job.recipe))));
    setParams(job.params);
    selectData(toQString(job.data.name));
    m_target->setCurrentIndex(qMax(0, m_target->findData(toQString(job.target))));
    m_gpu->setCurrentIndex(qMax(0, m_gpu->findData(toQString(job.gpu))));
    if (job.maxDurationSeconds > 0)
        m_maxDuration->setText(durationText(job.maxDurationSeconds));
}

void JobForm::setParams(const std::vector<std::pair<std::string, std::string>> &params)
{
    for (const auto &[name, value] : params) {
        for (const ParamRow &row : m_params) {
            if (row.spec.name == name)
                row.edit->setText(toQString(value));
        }
    }
}

JobRequest JobForm::request() const
{
    JobRequest request;
    request.experiment = toStdString(m_experiment->currentText().trimmed());
    request.recipe = toStdString(m_recipe->currentData().toString());
    for (const ParamRow &row : m_params) {
        const QString text = row.edit->text().trimmed();
        request.params.emplace_back(row.spec.name, text.isEmpty() ? row.spec.defaultValue : toStdString(text));
    }
    request.dataset = toStdString(m_data->currentData().toString());
    request.target = toStdString(m_target->currentData().toString());
    request.gpu = toStdString(m_gpu->currentData().toString());
    request.resumeFrom = toStdString(m_resume->currentData().toString());
    request.maxDurationSeconds = parseDuration(m_maxDuration->text()).value_or(0);
    return request;
}

bool JobForm::isAcceptable() const
{
    return m_experimentField->complaint().isEmpty() && m_maxDurationField->complaint().isEmpty()
           && std::all_of(m_params.begin(), m_params.end(),
                          [](const ParamRow &row) { return row.field->complaint().isEmpty(); });
}

void JobForm::changed()
{
    const JobRequest asked = request();
    m_experimentField->setComplaint(
        checkName("an experiment", asked.experiment, 3, 36)
            ? QString()
            : tr("3 to 36 letters, digits, “-”, “_” or “.” are needed, a letter or digit first."));
    for (std::size_t i = 0; i < m_params.size(); ++i) {
        const bool fits = engine::checkParam(m_params[i].spec, asked.params[i].second).has_value();
        m_params[i].field->setComplaint(fits ? QString() : paramNeeds(m_params[i].spec));
    }
    m_maxDurationField->setComplaint(parseDuration(m_maxDuration->text())
                                         ? QString()
                                         : tr("A time is needed, such as 90 s, 10 min or 1:30:00."));
    ++m_generation;
    setBusy(m_busy);
    if (isAcceptable())
        m_pause.start();
    else
        m_summary->setText(tr("Some fields need another value."));
}

void JobForm::tryRequest()
{
    if (!isAcceptable() || m_busy)
        return;
    runInBackground(
        this, [workspace = m_workspace, asked = request()] { return prepareJob(workspace, asked); },
        [this, generation = m_generation](const Result<Job> &job) {
            if (generation != m_generation)
                return; // answered for values that are gone
            if (!job) {
                m_notice->showError(job.error());
                m_summary->clear();
                return;
            }
            m_notice->clear();
            RunRecord planned;
            planned.job = *job;
            m_summary->setText(tr("%n optimizer step(s) on %1 (%2 images)", nullptr, static_cast<int>(planned.totalSteps()))
                                   .arg(toQString(job->data.name), QLocale().toString(qint64{job->data.trainCount})));
        });
}

void JobForm::submit()
{
    if (m_busy || !isAcceptable())
        return;
    ++m_generation;
    setBusy(true);
    m_notice->clear();
    m_summary->setText(tr("Starting the run…"));
    runInBackground(
        this, [workspace = m_workspace, asked = request()] { return submitRun(workspace, asked); },
        [this](const Result<RunFolder> &run) {
            setBusy(false);
            if (!run) {
                m_summary->clear();
                m_notice->showError(run.error());
                return;
            }
            Q_EMIT submitted(toQString(run->id()));
            accept();
        });
}

void JobForm::setBusy(bool busy)
{
    m_busy = busy;
    m_run->setEnabled(!busy && isAcceptable());
}

} // namespace bottega
