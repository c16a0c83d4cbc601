// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/runsmodel.h"

#include "core/base/clock.h"
#include "ui/runs/runstyle.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/format.h"

#include <QThreadPool>

#include <algorithm>
#include <map>
#include <utility>

namespace bottega {

using namespace Qt::StringLiterals;

struct RunsModel::Experiment
{
    const QList<RunRecord> &all;
    QString name;
    std::vector<qsizetype> places; // of its runs in `all`

    const RunRecord &run(std::size_t row) const { return all[places[row]]; }
    int rowOf(qsizetype place) const
    {
        return static_cast<int>(std::find(places.begin(), places.end(), place) - places.begin());
    }
    int liveCount() const
    {
        return static_cast<int>(std::count_if(places.begin(), places.end(), [this](qsizetype place) { return isLive(all[place]); }));
    }
    double newest() const
    {
        double moment = 0;
        for (const qsizetype place : places)
            moment = std::max(moment, all[place].job.createdAt);
        return moment;
    }
    std::optional<double> best() const
    {
        std::optional<double> result;
        for (const qsizetype place : places)
            result = std::max(result, bestAccuracy(all[place]));
        return result;
    }
};

RunsModel::RunsModel(QObject *parent)
    : QAbstractItemModel(parent)
{
    m_clock.setInterval(1000);
    connect(&m_clock, &QTimer::timeout, this, &RunsModel::tick);
    connect(this, &RunsModel::runsChanged, this, [this] {
        if ((liveCount() > 0) != m_clock.isActive())
            m_clock.isActive() ? m_clock.stop() : m_clock.start();
    });
}

RunsModel::~RunsModel() = default;

void RunsModel::setRecords(const QList<RunRecord> &records)
{
    beginResetModel();
    m_experiments.clear();
    m_owners.clear();
    // Freeing ten thousand records takes a while.
    QThreadPool::globalInstance()->start([old = std::exchange(m_records, records)]() mutable { old.clear(); });
    QHash<QString, Experiment *> byName;
    for (qsizetype place = 0; place < records.size(); ++place) {
        const QString name = toQString(records[place].job.experiment);
        Experiment *&experiment = byName[name];
        if (!experiment) {
            m_experiments.push_back(std::make_unique<Experiment>(Experiment{m_records, name, {}}));
            experiment = m_experiments.back().get();
        }
        m_owners.insert(toQString(records[place].id), {experiment, place});
        experiment->places.push_back(place);
    }
    endResetModel();
    Q_EMIT runsChanged();
}

void RunsModel::updateRecords(const QList<RunRecord> &records)
{
    std::map<Experiment *, std::vector<int>> changed;
    std::map<QString, std::vector<const RunRecord *>> added;
    for (const RunRecord &record : records) {
        if (const auto owner = m_owners.constFind(toQString(record.id)); owner != m_owners.cend()) {
            m_records[owner->place] = record;
            changed[owner->experiment].push_back(owner->experiment->rowOf(owner->place));
        } else {
            added[toQString(record.job.experiment)].push_back(&record);
        }
    }
    for (auto &[experiment, rows] : changed) {
        emitChanged(*experiment, std::move(rows), 0, ColumnCount - 1);
        Q_EMIT dataChanged(experimentIndex(experiment), experimentIndex(experiment, ColumnCount - 1));
    }
    for (const auto &[name, runs] : added)
        addRuns(name, runs);
    Q_EMIT runsChanged();
}

void RunsModel::removeRuns(const QStringList &ids)
{
    for (const QString &id : ids)
        removeRun(id);
    Q_EMIT runsChanged();
}

void RunsModel::addRuns(const QString &name, const std::vector<const RunRecord *> &runs)
{
    Experiment *experiment = find(name);
    const bool isNew = !experiment;
    if (isNew) {
        const int row = static_cast<int>(m_experiments.size());
        beginInsertRows({}, row, row);
        m_experiments.push_back(std::make_unique<Experiment>(Experiment{m_records, name, {}}));
        experiment = m_experiments.back().get();
    } else {
        beginInsertRows(experimentIndex(experiment), 0, static_cast<int>(runs.size()) - 1);
    }
    std::vector<qsizetype> places;
    for (const RunRecord *run : runs) {
        places.push_back(m_records.size());
        m_owners.insert(toQString(run->id), {experiment, m_records.size()});
        m_records.append(*run);
    }
    experiment->places.insert(experiment->places.begin(), places.begin(), places.end());
    endInsertRows();
    if (!isNew)
        Q_EMIT dataChanged(experimentIndex(experiment), experimentIndex(experiment, ColumnCount - 1));
}

void RunsModel::emitChanged(const Experiment &experiment, std::vector<int> rows, int firstColumn, int lastColumn)
{
    std::sort(rows.begin(), rows.end());
    const QModelIndex above = experimentIndex(&experiment);
    for (std::size_t first = 0; first < rows.size();) {
        std::size_t last = first;
        while (last + 1 < rows.size() && rows[last + 1] <= rows[last] + 1)
            ++last;
        Q_EMIT dataChanged(index(rows[first], firstColumn, above), index(rows[last], lastColumn, above));
        first = last + 1;
    }
}

void RunsModel::removeRun(const QString &id)
{
    const auto [experiment, place] = m_owners.take(id);
    if (!experiment)
        return;
    if (experiment->places.size() == 1) {
        const int row = rowOf(experiment);
        beginRemoveRows({}, row, row);
        m_experiments.erase(m_experiments.begin() + row);
        endRemoveRows();
        return;
    }
    const int row = experiment->rowOf(place);
    beginRemoveRows(experimentIndex(experiment), row, row);
    experiment->places.erase(experiment->places.begin() + row);
    endRemoveRows();
    Q_EMIT dataChanged(experimentIndex(experiment), experimentIndex(experiment, ColumnCount - 1));
}

void RunsModel::tick()
{
    for (const auto &experiment : m_experiments) {
        std::vector<int> rows;
        for (std::size_t row = 0; row < experiment->places.size(); ++row) {
            if (isLive(experiment->run(row)))
                rows.push_back(static_cast<int>(row));
        }
        emitChanged(*experiment, std::move(rows), Time, Time);
    }
}

const RunRecord *RunsModel::record(const QModelIndex &index) const
{
    const auto *experiment = static_cast<const Experiment *>(index.internalPointer());
    return experiment ? &experiment->run(static_cast<std::size_t>(index.row())) : nullptr;
}

const RunRecord *RunsModel::record(const QString &runId) const
{
    const QModelIndex found = indexOf(runId);
    return found.isValid() ? record(found) : nullptr;
}

QModelIndex RunsModel::indexOf(const QString &runId) const
{
    const auto [experiment, place] = m_owners.value(runId);
    return experiment ? index(experiment->rowOf(place), 0, experimentIndex(experiment)) : QModelIndex();
}

QStringList RunsModel::experiments() const
{
    QStringList names;
    for (const auto &experiment : m_experiments)
        names += experiment->name;
    names.sort();
    return names;
}

QList<RunRecord> RunsModel::newestRecords(int limit) const
{
    std::vector<const RunRecord *> all;
    all.reserve(static_cast<std::size_t>(m_owners.size()));
    for (const auto &experiment : m_experiments) {
        for (const qsizetype place : experiment->places)
            all.push_back(&m_records.at(place));
    }
    const auto end = all.begin() + std::min<std::ptrdiff_t>(limit, std::ssize(all));
    std::partial_sort(all.begin(), end, all.end(),
                      [](const RunRecord *a, const RunRecord *b) { return a->job.createdAt > b->job.createdAt; });
    QList<RunRecord> newest;
    for (auto run = all.begin(); run != end; ++run)
        newest.append(**run);
    return newest;
}

int RunsModel::liveCount() const
{
    int live = 0;
    for (const auto &experiment : m_experiments)
        live += experiment->liveCount();
    return live;
}

QModelIndex RunsModel::index(int row, int column, const QModelIndex &parent) const
{
    if (!hasIndex(row, column, parent))
        return {};
    return createIndex(row, column, parent.isValid() ? m_experiments[static_cast<std::size_t>(parent.row())].get() : nullptr);
}

QModelIndex RunsModel::parent(const QModelIndex &index) const
{
    return experimentIndex(static_cast<const Experiment *>(index.internalPointer()));
}

int RunsModel::rowCount(const QModelIndex &parent) const
{
    if (!parent.isValid())
        return static_cast<int>(m_experiments.size());
    if (parent.internalPointer() || parent.column() > 0)
        return 0;
    return static_cast<int>(m_experiments[static_cast<std::size_t>(parent.row())]->places.size());
}

int RunsModel::columnCount(const QModelIndex &) const
{
    return ColumnCount;
}

QVariant RunsModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::AlignVCenter | (index.column() >= Best ? Qt::AlignRight : Qt::AlignLeft));
    if (const RunRecord *run = record(index))
        return runData(*run, index.column(), role);
    return experimentData(*m_experiments[static_cast<std::size_t>(index.row())], index.column(), role);
}

QVariant RunsModel::experimentData(const Experiment &experiment, int column, int role) const
{
    if (role == SearchRole)
        return experiment.name;
    if (role == Qt::FontRole)
        return column == Name ? theme::font(0, true) : QVariant();
    if (role == Qt::DecorationRole)
        return column == Name ? theme::icon(u"experiment"_s, theme::Color::Muted) : QVariant();
    if (role == SortRole)
        return column == Best ? QVariant(experiment.best().value_or(-1)) : QVariant(experiment.newest());
    if (role == Qt::ToolTipRole)
        return plainToolTip(experiment.name);
    if (role != Qt::DisplayRole)
        return {};
    switch (column) {
    case Name:
        return shownText(experiment.name, 200);
    case State:
        if (const int live = experiment.liveCount())
            return tr("%n live", "runs of an experiment", live);
        return tr("%n run(s)", "of an experiment", static_cast<int>(experiment.places.size()));
    case Best:
        return experiment.best() ? percentText(*experiment.best()) : QString();
    default:
        return {};
    }
}

QVariant RunsModel::runData(const RunRecord &record, int column, int role)
{
    switch (role) {
    case Qt::DisplayRole:
        switch (column) {
        case Name:
            return shortRunName(record);
        case State:
            return stateText(record.status.state);
        case Best:
            return bestAccuracy(record) ? percentText(*bestAccuracy(record)) : QString();
        default:
            return record.status.started > 0 ? durationText(record.durationSeconds(wallTime())) : QString();
        }
    case Qt::DecorationRole:
        return column == State ? stateIcon(record.status.state) : QVariant();
    case Qt::ToolTipRole:
        return plainToolTip(tr("%1\n%2: %3").arg(toQString(record.id), stateText(record.status.state),
                                                 toQString(record.status.evidence)));
    case RunIdRole:
        return toQString(record.id);
    case RunStateRole:
        return static_cast<int>(record.status.state);
    case ProgressRole:
        return isLive(record) ? QVariant(record.progress()) : QVariant();
    case MomentRole:
        return momentText(record.job.createdAt);
    case SortRole:
        switch (column) {
        case Name:
            return record.job.createdAt;
        case State:
            return static_cast<int>(record.status.state);
        case Best:
            return bestAccuracy(record).value_or(-1);
        default:
            return record.durationSeconds(wallTime());
        }
    case SearchRole:
        return QStringList{toQString(record.id), toQString(record.job.recipe), toQString(record.job.data.name),
                           toQString(record.model), stateText(record.status.state)}
            .join(u' ');
    default:
        return {};
    }
}

QVariant RunsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::AlignVCenter | (section >= Best ? Qt::AlignRight : Qt::AlignLeft));
    if (role == Qt::ToolTipRole && section == Best)
        return tr("Best validation accuracy");
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Name:
        return tr("Run", "column");
    case State:
        return tr("State", "column");
    case Best:
        return tr("Best", "column: best accuracy");
    default:
        return tr("Time", "column: duration");
    }
}

RunsModel::Experiment *RunsModel::find(const QString &name) const
{
    const auto found = std::find_if(m_experiments.begin(), m_experiments.end(),
                                    [&](const auto &experiment) { return experiment->name == name; });
    return found == m_experiments.end() ? nullptr : found->get();
}

int RunsModel::rowOf(const Experiment *experiment) const
{
    const auto found = std::find_if(m_experiments.begin(), m_experiments.end(),
                                    [&](const auto &other) { return other.get() == experiment; });
    return static_cast<int>(found - m_experiments.begin());
}

QModelIndex RunsModel::experimentIndex(const Experiment *experiment, int column) const
{
    return experiment ? createIndex(rowOf(experiment), column, nullptr) : QModelIndex();
}

} // namespace bottega
