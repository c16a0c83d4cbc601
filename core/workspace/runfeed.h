// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/workspace/runrecord.h"

#include <QByteArray>
#include <QList>
#include <QObject>

#include <memory>

namespace bottega {

/// Follows one open run for a view: new points, new log bytes, status, artifacts, by byte offset, about 20 times a second
/// while it lives and once a second after. Works in a thread of its own; signals arrive in the thread of this object,
/// batched; the next portion of points or log is read when the last was taken. Made with the run's folder; the first
/// signals carry everything there is so far.
class RunFeed : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(RunFeed)
public:
    explicit RunFeed(const RunFolder &folder, QObject *parent = nullptr);
    ~RunFeed() override; // does not wait for its thread

Q_SIGNALS:
    void pointsArrived(const QList<bottega::MetricBatch> &batches);
    void logArrived(const QByteArray &bytes);          // of system-logs/70_driver_log.txt, in order
    void recordChanged(const bottega::RunRecord &record); // status, metrics in short, artifacts
    void folderGone();                                 // deleted or unmounted; what was shown stays
    void problem(const QString &text);                 // damaged records counted, unreadable files: shown, not fatal

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace bottega
