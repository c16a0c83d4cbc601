// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/chartsview.h"

#include "ui/charts/chartpanel.h"
#include "ui/widgets/emptystate.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/format.h"
#include "ui/widgets/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QScrollArea>
#include <QStackedWidget>
#include <QToolButton>

#include <algorithm>
#include <cmath>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

constexpr int drawIntervalMs = 50;
constexpr int widthForTwoColumns = 960;
constexpr int panelHeight = 280;
constexpr int widestMenuText = 320;

const QString loss = u"loss"_s;
const QString accuracy = u"accuracy"_s;

bool isKnown(const QString &family)
{
    return family == loss || family == accuracy;
}

} // namespace

ChartsView::ChartsView(QWidget *parent)
    : QWidget(parent)
    , m_families{loss, accuracy}
    , m_stack(new QStackedWidget(this))
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(theme::gap);
    buildToolBar();
    column->addWidget(m_toolBar);
    column->addWidget(m_stack, 1);

    auto *scroll = new QScrollArea(m_stack);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    auto *sheet = new QWidget(scroll);
    m_grid = new QGridLayout(sheet);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setSpacing(theme::wide);
    scroll->setWidget(sheet);
    m_stack->addWidget(scroll);
    buildEmpty();

    m_refresh.setSingleShot(true);
    m_refresh.setInterval(drawIntervalMs);
    connect(&m_refresh, &QTimer::timeout, this, &ChartsView::refresh);
    clear();
}

ChartsView::~ChartsView()
{
    // Panels look at the series, which go first otherwise.
    for (const auto &[family, panel] : m_panels)
        delete panel;
}

void ChartsView::buildToolBar()
{
    m_toolBar = new QWidget(this);
    auto *row = new QHBoxLayout(m_toolBar);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(theme::gap);

    m_axis = new QComboBox(m_toolBar);
    m_axis->setAccessibleName(tr("Horizontal axis"));
    m_axis->setToolTip(tr("What the horizontal axis shows"));
    m_axis->addItem(tr("Step", "axis"), int(XAxis::Step));
    m_axis->addItem(tr("Epoch", "axis"), int(XAxis::Epoch));
    m_axis->addItem(tr("Time since start", "axis"), int(XAxis::RelativeTime));
    connect(m_axis, &QComboBox::currentIndexChanged, this, [this] {
        setVisibleRange({}); // a range in steps means nothing in seconds
        refresh();
    });

    m_smooth = new QComboBox(m_toolBar);
    m_smooth->setAccessibleName(tr("Smoothing"));
    m_smooth->setToolTip(tr("Draw train curves as a moving average, with the raw curve faint behind"));
    m_smooth->addItem(tr("No smoothing"), 0.0);
    m_smooth->addItem(tr("Light smoothing"), 0.9);
    m_smooth->addItem(tr("Medium smoothing"), 0.97);
    m_smooth->addItem(tr("Strong smoothing"), 0.99);
    connect(m_smooth, &QComboBox::currentIndexChanged, this,
            [this] { setSmoothing(m_smooth->currentData().toDouble()); });

    m_follow = new QCheckBox(tr("Follow", "live data"), m_toolBar);
    m_follow->setToolTip(tr("Show everything and follow new points (double click in a chart, or 0)"));
    m_follow->setChecked(true);
    connect(m_follow, &QCheckBox::clicked, this, [this](bool follow) {
        setVisibleRange(follow ? std::nullopt : std::optional(extent()));
    });

    m_more = new QToolButton(m_toolBar);
    m_more->setText(tr("More metrics"));
    m_more->setIcon(theme::icon(u"plus"_s));
    m_more->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_more->setPopupMode(QToolButton::InstantPopup);
    m_more->setMenu(new QMenu(m_more));

    row->addWidget(m_axis);
    row->addWidget(m_smooth);
    row->addWidget(m_follow);
    row->addStretch(1);
    row->addWidget(m_more);
}

void ChartsView::buildEmpty()
{
    m_empty = new EmptyState(u"chart"_s, tr("Waiting for the first point…"), emptyHint(), m_stack);
    m_stack->addWidget(m_empty);
}

QString ChartsView::emptyHint() const
{
    return m_ended ? tr("This run ended without logging a metric.")
                   : tr("Curves appear here as soon as the run logs its first metric.");
}

void ChartsView::clear()
{
    for (const auto &[family, panel] : m_panels)
        delete panel;
    m_panels.clear();
    m_series.clear();
    setPagePool({});
    m_families = {loss, accuracy};
    m_runId.clear();
    m_ended = false;
    m_stepsPerEpochOfJob = 0;
    m_zoomed.reset();
    m_columns = 0;
    for (const QString &family : {loss, accuracy})
        addPanel(family);
    updateMenu();
    refresh();
}

void ChartsView::setPagePool(std::shared_ptr<PagePool> pool)
{
    m_pool = std::move(pool);
    m_hasToldLoss = false;
}

void ChartsView::tellLostPoints()
{
    const auto error = m_pool && !m_hasToldLoss ? m_pool->error() : std::nullopt;
    m_hasToldLoss = m_hasToldLoss || error;
    if (error)
        Q_EMIT pointsLost(*error);
}

void ChartsView::addPoints(const QList<MetricBatch> &batches)
{
    bool anyNew = false;
    for (const MetricBatch &batch : batches) {
        if (batch.points.empty())
            continue;
        auto &series = m_series[batch.name];
        if (!series) {
            series = std::make_unique<MetricSeries>(batch.name, m_pool);
            anyNew = true;
        }
        series->append(batch.points);
    }
    if (anyNew)
        assignSeries();
    if (!m_refresh.isActive())
        m_refresh.start();
}

void ChartsView::setRecord(const RunRecord &record)
{
    const bool ended = isTerminal(record.status.state);
    bool numeric = false;
    const double batch = QString::fromUtf8(record.job.param("batchsize")).toDouble(&numeric);
    const double steps = numeric && batch > 0 ? double(record.job.data.trainCount) / batch : 0;
    if (ended == m_ended && steps == m_stepsPerEpochOfJob && record.id == m_runId)
        return;
    m_runId = record.id;
    m_ended = ended;
    m_stepsPerEpochOfJob = steps;
    refresh();
}

const MetricSeries *ChartsView::series(const std::string &metricName) const
{
    const auto found = m_series.find(metricName);
    return found == m_series.end() ? nullptr : found->second.get();
}

ChartPanel *ChartsView::panel(const QString &family) const
{
    const auto found = m_panels.find(family);
    return found == m_panels.end() ? nullptr : found->second;
}

QStringList ChartsView::shownFamilies() const
{
    QStringList families;
    for (const QString &known : {loss, accuracy})
        if (panel(known))
            families.append(known);
    for (const auto &[family, panel] : m_panels)
        if (!isKnown(family))
            families.append(family);
    return families;
}

QString ChartsView::familyOfSeries(const MetricSeries &series) const
{
    const auto [family, role] = familyOf(series.name());
    if (role != CurveRole::Plain || !isKnown(family))
        return family;
    // The tutorial logs "Accuracy" beside val/accuracy, which is the same curve: it stands alone only where it is alone.
    for (const auto &[name, other] : m_series) {
        const MetricFamily its = familyOf(name);
        if (its.family == family && its.role != CurveRole::Plain)
            return QString::fromUtf8(series.name());
    }
    return family;
}

void ChartsView::assignSeries()
{
    m_families = {loss, accuracy};
    std::map<QString, QList<ChartPanel::Member>> members;
    for (const auto &[name, series] : m_series) {
        const QString family = familyOfSeries(*series);
        m_families.insert(family);
        members[family].append({series.get(), familyOf(name).role});
    }
    for (const auto &[family, panel] : m_panels)
        panel->setMembers(members[family]);
    updateMenu();
}

ChartPanel *ChartsView::addPanel(const QString &family)
{
    const QString title = family == loss ? tr("Loss") : family == accuracy ? tr("Accuracy") : family;
    const QString axis = family == loss ? tr("loss") : family == accuracy ? tr("accuracy") : family;
    auto *added = new ChartPanel(title, axis, m_grid->parentWidget());
    added->setMinimumHeight(panelHeight);
    m_panels[family] = added;
    MetricChart *chart = added->chart();
    chart->setSmoothing(m_smoothing);
    connect(chart, &MetricChart::zoomed, this,
            [this](double from, double to) { setVisibleRange(MetricChart::Range{from, to}); });
    connect(chart, &MetricChart::followed, this, [this] { setVisibleRange({}); });
    connect(chart, &MetricChart::cursorMoved, this, [this](double x) { moveCursor(x); });
    connect(chart, &MetricChart::cursorLeft, this, [this] { moveCursor({}); });
    connect(chart, &MetricChart::curvesRebuilt, this, &ChartsView::tellLostPoints);
    arrange();
    return added;
}

void ChartsView::showFamily(const QString &family, bool shown)
{
    if (shown == (panel(family) != nullptr))
        return;
    if (shown) {
        addPanel(family);
        assignSeries();
    } else {
        delete m_panels[family];
        m_panels.erase(family);
        arrange();
    }
    updateMenu();
    refresh();
    if (shown)
        panel(family)->chart()->setVisibleRange(m_zoomed);
}

void ChartsView::updateMenu()
{
    QMenu *menu = m_more->menu();
    menu->clear();
    for (const QString &family : m_families) {
        if (isKnown(family))
            continue;
        QString text = fontMetrics().elidedText(shownText(family.simplified(), 200), Qt::ElideMiddle, widestMenuText);
        QAction *action = menu->addAction(text.replace(u"&"_s, u"&&"_s));
        action->setCheckable(true);
        action->setChecked(panel(family) != nullptr);
        connect(action, &QAction::triggered, this, [this, family](bool checked) { showFamily(family, checked); });
    }
    m_more->setEnabled(!menu->isEmpty());
}

void ChartsView::arrange()
{
    m_columns = width() >= widthForTwoColumns ? 2 : 1;
    while (QLayoutItem *item = m_grid->takeAt(0))
        delete item;
    const QStringList families = shownFamilies();
    for (int i = 0; i < families.size(); ++i)
        m_grid->addWidget(panel(families[i]), i / m_columns, i % m_columns);
    for (int column = 0; column < 2; ++column)
        m_grid->setColumnStretch(column, column < m_columns ? 1 : 0);
}

void ChartsView::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    if (m_columns != (width() >= widthForTwoColumns ? 2 : 1))
        arrange();
}

double ChartsView::stepsPerEpoch() const
{
    if (m_stepsPerEpochOfJob > 0)
        return m_stepsPerEpochOfJob;
    const MetricSeries *epochs = series("epoch");
    if (!epochs || epochs->isEmpty() || !(epochs->points().back().value > 0))
        return 0;
    return double(epochs->points().back().step) / epochs->points().back().value;
}

void ChartsView::updateScale()
{
    m_scale.stepsPerEpoch = stepsPerEpoch();
    m_scale.axis = XAxis(m_axis->currentData().toInt());
    if (m_scale.axis == XAxis::Epoch && m_scale.stepsPerEpoch <= 0)
        m_scale.axis = XAxis::Step;
    double start = HUGE_VAL, end = -HUGE_VAL;
    for (const auto &[name, series] : m_series) {
        start = std::min(start, series->points().front().wallTime);
        end = std::max(end, series->points().back().wallTime);
    }
    m_scale.startTime = m_series.empty() ? 0 : start;
    const double seconds = m_series.empty() ? 0 : end - start;
    const double unit = seconds > 3 * 3600 ? 3600 : seconds > 180 ? 60 : 1;
    if (!m_zoomed) // what is zoomed keeps its unit
        m_scale.secondsPerUnit = unit;
    QString title = tr("step");
    if (m_scale.axis == XAxis::Epoch)
        title = tr("epoch");
    else if (m_scale.axis == XAxis::RelativeTime)
        title = m_scale.secondsPerUnit == 1 ? tr("time (s)") : m_scale.secondsPerUnit == 60 ? tr("time (min)")
                                                                                            : tr("time (h)");
    for (const auto &[family, panel] : m_panels)
        panel->chart()->setScale(m_scale, title);
}

MetricChart::Range ChartsView::extent() const
{
    double first = HUGE_VAL, last = -HUGE_VAL;
    for (const auto &[name, series] : m_series) {
        const MetricPoint front = series->points().front(), back = series->points().back();
        first = std::min(first, m_scale.at(front.step, front.wallTime));
        last = std::max(last, m_scale.at(back.step, back.wallTime));
    }
    if (first > last)
        return {0, 1};
    // From zero, unless the run took up where another one ended.
    return {first >= 0 && first < 0.1 * last ? 0 : first, last};
}

void ChartsView::refresh()
{
    updateScale();
    const MetricChart::Range whole = extent();
    for (const auto &[family, panel] : m_panels) {
        panel->chart()->setExtent(whole);
        const QString name = panel->title();
        panel->chart()->setPlaceholder(m_ended ? tr("This run logged no %1").arg(name.toLower())
                                               : tr("No %1 yet").arg(name.toLower()));
        panel->refresh();
    }
    m_empty->setHint(emptyHint());
    const bool empty = m_series.empty();
    m_stack->setCurrentIndex(empty ? 1 : 0);
    m_toolBar->setVisible(!empty);
}

void ChartsView::setSmoothing(double weight)
{
    m_smoothing = weight;
    for (const auto &[family, panel] : m_panels)
        panel->setSmoothing(weight);
}

void ChartsView::moveCursor(std::optional<double> x)
{
    for (const auto &[family, panel] : m_panels)
        panel->chart()->setCursor(x);
}

void ChartsView::setVisibleRange(std::optional<MetricChart::Range> range)
{
    m_zoomed = range;
    for (const auto &[family, panel] : m_panels)
        panel->chart()->setVisibleRange(range);
    m_follow->setChecked(!range);
    if (!range)
        refresh();
}

} // namespace bottega
