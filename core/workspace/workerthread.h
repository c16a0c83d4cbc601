// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QObject>

class QThread;

namespace bottega {

/// A thread for one worker object, whose owner never waits for it: destroyed, the thread ends with what the worker has
/// just begun, the worker is deleted there, and nothing of it is heard any more by receivers that are gone. What has not
/// ended by then is awaited at the end of the application. Used from the application's thread only.
class WorkerThread
{
    Q_DISABLE_COPY_MOVE(WorkerThread)
public:
    /// Takes `worker`, which has no parent. Connect to it before start(), whose first call of it is `begin`.
    explicit WorkerThread(QObject *worker);
    ~WorkerThread();

    template <class Worker>
    void start(Worker *worker, void (Worker::*begin)())
    {
        QMetaObject::invokeMethod(worker, begin, Qt::QueuedConnection);
        start();
    }

private:
    void start();
    QThread *m_thread;
};

} // namespace bottega
