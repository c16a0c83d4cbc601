// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobform/jobform.h"

#include "core/base/safename.h"
#include "core/compute/logout.h"
#include "core/compute/target.h"
#include "core/workspace/backgroundtask.h"
#include "ui/jobform/devicefields.h"
#include "ui/jobform/estimatetext.h"
#include "ui/jobform/formfield.h"
#include "ui/jobform/formgrid.h"
#include "ui/jobform/jobfooter.h"
#include "ui/jobform/limitfields.h"
#include "ui/jobform/planpanel.h"
#include "ui/jobform/recipeparams.h"
#include "ui/jobform/recipetexts.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/format.h"
#include "ui/widgets/notice.h"
#include "ui/widgets/theme.h"

#include <QComboBox>
#include <QFrame>
#include <QGridLayout>
#include <QLabel>
#include <QLocale>
#include <QScreen>
#include <QScrollArea>
#include <QStandardItemModel>
#include <QVBoxLayout>

#include <algorithm>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

constexpr qsizetype longestName = 64; // of an experiment
constexpr int resumableShown = 200;
constexpr int panelWidth = 470;
constexpr int widthWithPanel = 760 + panelWidth - 120; // the fields may be a little narrower for the panel's sake

QLabel *sectionTitle(const QString &text, QWidget *parent)
{
    auto *label = new QLabel(text, parent);
    label->setTextFormat(Qt::PlainText);
    label->setFont(theme::font(1, true));
    return label;
}

QScrollArea *scrollArea(QWidget *parent)
{
    auto *scroll = new QScrollArea(parent);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    return scroll;
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

} // namespace

JobForm::JobForm(const Workspace &workspace, const QStringList &experiments, const QList<RunRecord> &runs, QWidget *parent)
    : QDialog(parent)
    , m_workspace(workspace)
    , m_runs(runs)
{
    setObjectName(u"jobForm"_s);
    setWindowTitle(tr("New run"));
    setModal(true);
    const QSize room = screen()->availableSize() * 9 / 10;
    resize(qMin(760 + panelWidth, room.width()), qMin(880, room.height()));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *row = new QHBoxLayout;
    row->setSpacing(0);
    row->addWidget(buildFields(experiments), 1);
    row->addWidget(buildPanel());
    layout->addLayout(row, 1);
    m_footer = new JobFooter(this);
    connect(m_footer, &JobFooter::runRequested, this, &JobForm::submit);
    connect(m_footer, &JobFooter::cancelRequested, this, &QDialog::reject);
    layout->addWidget(m_footer);
    placePanel();

    m_pause.setSingleShot(true);
    m_pause.setInterval(150);
    connect(&m_pause, &QTimer::timeout, this, &JobForm::tryRequest);
    fillRecipes();
    fillResume();
    loadChoices();
    m_experiment->setFocus();
}

QWidget *JobForm::buildFields(const QStringList &experiments)
{
    auto *scroll = scrollArea(this);
    auto *content = new QWidget(scroll);
    content->setObjectName(u"scrollContent"_s);
    m_column = new QVBoxLayout(content);
    m_column->setContentsMargins(theme::page, theme::page, theme::page, theme::wide);
    m_column->setSpacing(theme::wide);
    QGridLayout *job = twoColumns();
    buildJobFields(job, experiments);
    m_params = new RecipeParams(content);
    QGridLayout *place = twoColumns();
    buildPlaceFields(place);
    m_column->addWidget(sectionTitle(tr("Job"), content));
    m_column->addLayout(job);
    m_column->addWidget(m_params);
    m_column->addWidget(sectionTitle(tr("Compute"), content));
    m_column->addLayout(place);
    m_column->addStretch(1);
    scroll->setWidget(content);
    connect(m_params, &RecipeParams::changed, this, &JobForm::changed);
    return scroll;
}

QWidget *JobForm::buildPanel()
{
    m_side = scrollArea(this);
    m_side->setObjectName(u"planSide"_s);
    m_side->setProperty("side", true);
    m_side->setFixedWidth(panelWidth);
    m_sideContent = new QWidget(m_side);
    m_sideContent->setObjectName(u"scrollContent"_s);
    auto *layout = new QVBoxLayout(m_sideContent);
    layout->setContentsMargins(theme::wide, theme::page, theme::page, theme::wide);
    m_side->setWidget(m_sideContent);
    m_plan = new PlanPanel(this);
    return m_side;
}

/// Beside the fields where there is room, else below them.
void JobForm::placePanel()
{
    const bool isBeside = width() >= widthWithPanel;
    if (m_side->isHidden() == !isBeside && m_plan->parentWidget() != this)
        return;
    if (isBeside)
        m_sideContent->layout()->addWidget(m_plan);
    else
        m_column->insertWidget(m_column->count() - 1, m_plan);
    m_side->setVisible(isBeside);
}

void JobForm::resizeEvent(QResizeEvent *event)
{
    QDialog::resizeEvent(event);
    placePanel();
}

void JobForm::buildJobFields(QGridLayout *grid, const QStringList &experiments)
{
    m_experiment = comboBox(u"experimentField"_s, this);
    m_experiment->setEditable(true);
    m_experiment->setInsertPolicy(QComboBox::NoInsert);
    for (const QString &name : experiments)
        if (shownText(name, longestName) == name) // any other is not a name that could be given
            m_experiment->addItem(name);
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
        m_target->addItem(name == "local" ? tr("This computer") : shownText(name, 60), toQString(name));
    m_targetField = new FormField(tr("Compute &target"), m_target, {}, {}, this);
    m_device = new DeviceFields(this);
    m_limits = new LimitFields(this);
    grid->addWidget(m_targetField, 0, 0);
    grid->addWidget(m_limits->durationField(), 1, 0);
    grid->addWidget(m_limits->memoryField(), 2, 0);
    grid->addWidget(m_limits->diskField(), 3, 0);
    grid->addWidget(m_device->deviceField(), 0, 1);
    grid->addWidget(m_device->threadsField(), 1, 1);
    grid->addWidget(m_device->precisionField(), 2, 1);
    connect(m_target, &QComboBox::currentIndexChanged, this, &JobForm::changed);
    connect(m_device, &DeviceFields::changed, this, &JobForm::changed);
    connect(m_limits, &LimitFields::changed, this, &JobForm::changed);
    connect(m_device, &DeviceFields::devicesChanged, this, &JobForm::readPast);
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
                                  .arg(toQString(run.id).section(u'_', -1), shownText(run.job.experiment, 40),
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
                m_footer->notice()->showError(datasets.error());
        });
    runInBackground(
        this,
        [name = toStdString(m_target->currentData().toString())] {
            const auto target = findTarget(name);
            return target ? std::pair((*target)->describe(), endOfLogin()) : std::pair(Json::object(), std::string());
        },
        [this](const std::pair<Json, std::string> &found) {
            const auto &[card, cause] = found;
            const QString warning = tr("Logging out may end the run (%1); “loginctl enable-linger” prevents that.");
            m_targetField->setHelp(targetCard(card) + (cause.empty() ? QString() : u'\n' + warning.arg(toQString(cause))));
        });
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
    m_datasets = datasets;
    selectData(chosen);
    readPast();
    changed();
}

/// The speeds of past runs depend on the data sets and the devices, which come one after the other.
void JobForm::readPast()
{
    if (m_datasets.empty())
        return;
    runInBackground(
        this,
        [workspace = m_workspace, runs = m_runs, datasets = m_datasets, devices = m_device->devices()] {
            return pastSpeeds(workspace, {runs.constData(), static_cast<std::size_t>(runs.size())}, datasets, devices);
        },
        [this](const std::vector<PastSpeed> &past) {
            m_past = past;
            if (m_job)
                showEstimate();
        });
}

const Dataset *JobForm::dataset(const std::string &name) const
{
    const auto found = std::find_if(m_datasets.begin(), m_datasets.end(), [&name](const Dataset &one) { return one.name == name; });
    return found == m_datasets.end() ? nullptr : &*found;
}

/// As Datasets::plan() resolves it; where nothing is known yet, MNIST's shape will do for a drawing.
Dataset JobForm::chosenDataset() const
{
    const std::string name = toStdString(m_data->currentData().toString());
    const Dataset *full = dataset("mnist");
    const Dataset *chosen = dataset(!name.empty() ? name : full && full->state == DatasetState::Ready ? "mnist" : "mnist-small");
    if (chosen)
        return *chosen;
    Dataset usual;
    usual.trainCount = 60'000;
    usual.rows = usual.columns = 28;
    usual.classes = 10;
    return usual;
}

void JobForm::selectData(const QString &name)
{
    m_wantedData = name;
    m_data->setCurrentIndex(qMax(0, m_data->findData(name)));
}

void JobForm::chooseRecipe()
{
    const auto recipe = engine::findRecipe(toStdString(m_recipe->currentData().toString()));
    if (!recipe)
        return;
    m_recipeField->setHelp(recipeTitle(**recipe));
    m_recipe->setToolTip(recipeDescription(**recipe));
    m_plan->clear();
    m_params->setRecipe(**recipe);
    QWidget *previous = m_resume;
    for (QWidget *widget : m_params->focusChain()) {
        setTabOrder(previous, widget);
        previous = widget;
    }
    for (QWidget *widget : {static_cast<QWidget *>(m_target), m_device->deviceEditor(), m_limits->durationField()->editor(),
                            m_device->threadsEditor(), m_device->precisionEditor()}) {
        setTabOrder(previous, widget);
        previous = widget;
    }
    fillResume();
    changed();
}

void JobForm::chooseResume()
{
    const std::string id = toStdString(m_resume->currentData().toString());
    const auto run = std::find_if(m_runs.begin(), m_runs.end(), [&](const RunRecord &record) { return record.id == id; });
    if (run != m_runs.end()) {
        m_params->setParams(run->job.params);
        selectData(toQString(run->job.data.name));
    }
    changed();
}

void JobForm::prefill(const RunRecord &record)
{
    const Job &job = record.job;
    m_experiment->setEditText(shownText(job.experiment, longestName));
    m_recipe->setCurrentIndex(qMax(0, m_recipe->findData(toQString(job.recipe))));
    m_params->setParams(job.params);
    selectData(toQString(job.data.name));
    m_target->setCurrentIndex(qMax(0, m_target->findData(toQString(job.target))));
    m_device->choose(job);
    m_limits->choose(job);
}

JobRequest JobForm::request() const
{
    JobRequest request;
    request.experiment = toStdString(m_experiment->currentText().trimmed());
    request.recipe = toStdString(m_recipe->currentData().toString());
    request.params = m_params->params();
    request.dataset = toStdString(m_data->currentData().toString());
    request.target = toStdString(m_target->currentData().toString());
    m_device->fill(request);
    request.resumeFrom = toStdString(m_resume->currentData().toString());
    m_limits->fill(request);
    return request;
}

bool JobForm::isAcceptable() const
{
    return m_experimentField->complaint().isEmpty() && m_limits->isAcceptable() && m_device->isAcceptable()
           && m_params->isAcceptable();
}

void JobForm::changed()
{
    const JobRequest asked = request();
    m_experimentField->setComplaint(
        checkName("an experiment", asked.experiment, 3, 36)
            ? QString()
            : tr("3 to 36 letters, digits, “-”, “_” or “.” are needed, a letter or digit first."));
    if (m_params->check())
        showPlan();
    m_device->check();
    m_limits->check();
    ++m_generation;
    setBusy(m_busy);
    if (isAcceptable()) {
        if (!m_job)
            m_footer->setSummary({}); // it complained
        m_pause.start();
        return;
    }
    m_job.reset();
    m_footer->setEstimate({});
    m_footer->setSummary(tr("Some fields need another value."));
}

/// Draws the network; one that does not fit the data is complained of where it is described.
void JobForm::showPlan()
{
    const auto recipe = engine::findRecipe(toStdString(m_recipe->currentData().toString()));
    if (!recipe)
        return;
    m_plan->setJob(**recipe, m_params->params(), chosenDataset());
    if (const auto error = m_plan->networkError())
        m_params->setNetworkError(&*error);
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
            m_job.reset();
            m_footer->setEstimate({});
            if (!job) {
                m_footer->notice()->showError(job.error());
                m_footer->setSummary({});
                return;
            }
            m_footer->notice()->clear();
            m_job = *job;
            RunRecord planned;
            planned.job = *job;
            m_footer->setSummary(tr("%n optimizer step(s) on %1 (%2 images)", nullptr, static_cast<int>(planned.totalSteps()))
                                   .arg(toQString(job->data.name), QLocale().toString(qint64{job->data.trainCount})));
            showEstimate();
        });
}

void JobForm::showEstimate()
{
    const Dataset *used = dataset(m_job->data.name);
    if (!used)
        return;
    const auto work = workloadOf(*m_job, *used, m_device->devices());
    if (!work) {
        m_footer->notice()->showError(work.error());
        return;
    }
    m_footer->setEstimate(estimateText(estimateRun(*work, m_past, m_device->devices().cpu), toQString(work->device).startsWith("cuda"_L1)));
}

void JobForm::submit()
{
    if (m_busy || !isAcceptable())
        return;
    ++m_generation;
    setBusy(true);
    m_footer->notice()->clear();
    m_footer->setSummary(tr("Starting the run…"));
    runInBackground(
        this, [workspace = m_workspace, asked = request()] { return submitRun(workspace, asked); },
        [this](const Result<RunFolder> &run) {
            setBusy(false);
            if (!run) {
                m_footer->setSummary({});
                m_footer->notice()->showError(run.error());
                return;
            }
            Q_EMIT submitted(toQString(run->id()));
            accept();
        });
}

void JobForm::setBusy(bool busy)
{
    m_busy = busy;
    m_footer->setRunnable(!busy && isAcceptable());
}

} // namespace bottega
