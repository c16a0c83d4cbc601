// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workspace/runrecord.h"

#include <QAbstractItemModel>
#include <QHash>
#include <QList>
#include <QStringList>
#include <QTimer>

#include <memory>
#include <vector>

namespace bottega {

/// A workspace's experiments and, below each, its runs. Fed with the batches of a WorkspaceWatcher; emits ranged changes
/// only. The time of live runs moves on by itself once a second.
class RunsModel : public QAbstractItemModel
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(RunsModel)
public:
    enum Column {
        Name,
        State,
        Best,
        Time,
        ColumnCount,
    };
    enum Role {
        RunIdRole = Qt::UserRole + 1, // QString, empty for an experiment
        RunStateRole,                 // int of RunState, runs only
        ProgressRole,                 // double 0–1, live runs only
        MomentRole,                   // QString: when it was made
        SortRole,
        SearchRole,                   // QString with everything that a filter looks at
    };

    explicit RunsModel(QObject *parent = nullptr);
    ~RunsModel() override;

    void setRecords(const QList<RunRecord> &records); // all of a workspace; resets the model
    void updateRecords(const QList<RunRecord> &records);
    void removeRuns(const QStringList &ids);

    [[nodiscard]] const RunRecord *record(const QModelIndex &index) const; // nullptr for an experiment
    [[nodiscard]] const RunRecord *record(const QString &runId) const;
    [[nodiscard]] QModelIndex indexOf(const QString &runId) const;
    [[nodiscard]] QStringList experiments() const; // sorted
    [[nodiscard]] QList<RunRecord> newestRecords(int limit) const; // newest first
    [[nodiscard]] int runCount() const { return static_cast<int>(m_owners.size()); }
    [[nodiscard]] int liveCount() const;

    QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    QModelIndex parent(const QModelIndex &index) const override;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

Q_SIGNALS:
    void runsChanged(); // after any of the three functions above

private:
    struct Experiment;
    struct Place
    {
        Experiment *experiment = nullptr;
        qsizetype place = 0;
    };

    void addRuns(const QString &experiment, const std::vector<const RunRecord *> &runs);
    void emitChanged(const Experiment &experiment, std::vector<int> rows, int firstColumn, int lastColumn);
    void removeRun(const QString &id);
    void tick();
    Experiment *find(const QString &name) const;
    int rowOf(const Experiment *experiment) const;
    QModelIndex experimentIndex(const Experiment *experiment, int column = 0) const;
    QVariant experimentData(const Experiment &experiment, int column, int role) const;
    static QVariant runData(const RunRecord &record, int column, int role);

    QList<RunRecord> m_records; // shared with who gave them: ten thousand aren't copied. Removed ones stay unused
    std::vector<std::unique_ptr<Experiment>> m_experiments; // in order of arrival: a proxy sorts
    QHash<QString, Place> m_owners;                         // by run id
    QTimer m_clock;
};

} // namespace bottega
