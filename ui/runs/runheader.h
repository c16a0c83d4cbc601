// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workspace/runrecord.h"

#include <QTimer>
#include <QWidget>

#include <optional>

class QAction;
class QHBoxLayout;
class QLabel;
class QProgressBar;

namespace bottega {

class StateBadge;

/// The head of a run's page: name, state with evidence and its age, the facts in one line, accuracy as a figure, and the
/// progress of a live run. Ages and times move on once a second while it is shown.
class RunHeader : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(RunHeader)
public:
    /// The actions appear as buttons at the right; borrowed.
    explicit RunHeader(const QList<QAction *> &actions, QWidget *parent = nullptr);

    void clear();
    void setRecord(const RunRecord &record);
    void noteSeen(); // there was news of the run just now
    [[nodiscard]] QString progressText() const;

private:
    QLabel *addFact(QHBoxLayout *row, const QString &name, const QString &objectName);
    void buildTop(const QList<QAction *> &actions, QHBoxLayout *row);
    void buildFacts(QHBoxLayout *row);
    void showTimes();
    void showProgress(double now);

    std::optional<RunRecord> m_record;
    double m_seenAt = 0;
    QTimer m_clock;
    QLabel *m_name = nullptr;
    StateBadge *m_badge = nullptr;
    QLabel *m_evidence = nullptr;
    QLabel *m_experiment = nullptr;
    QLabel *m_recipe = nullptr;
    QLabel *m_data = nullptr;
    QLabel *m_started = nullptr;
    QLabel *m_duration = nullptr;
    QLabel *m_model = nullptr;
    QLabel *m_accuracy = nullptr;
    QWidget *m_live = nullptr;
    QProgressBar *m_progress = nullptr;
    QLabel *m_progressText = nullptr;
};

} // namespace bottega
