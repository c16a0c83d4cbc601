// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/workerthread.h"

#include <QCoreApplication>
#include <QSet>
#include <QThread>

namespace bottega {

namespace {

QSet<QThread *> &retiring()
{
    static QSet<QThread *> threads;
    return threads;
}

void awaitRetiring()
{
    const QSet<QThread *> threads = std::exchange(retiring(), {});
    for (QThread *thread : threads) {
        thread->wait();
        delete thread;
    }
}

} // namespace

WorkerThread::WorkerThread(QObject *worker)
    : m_thread(new QThread)
{
    worker->moveToThread(m_thread);
    QObject::connect(m_thread, &QThread::finished, worker, &QObject::deleteLater);
    // Not the thread's own end: that comes before the worker's, which may take its time, and who deletes the thread waits.
    QObject::connect(worker, &QObject::destroyed, m_thread, [thread = m_thread] {
        if (retiring().remove(thread))
            thread->deleteLater();
    });
}

WorkerThread::~WorkerThread()
{
    if (retiring().isEmpty())
        qAddPostRoutine(awaitRetiring);
    retiring().insert(m_thread);
    m_thread->quit();
}

void WorkerThread::start()
{
    m_thread->start();
}

} // namespace bottega
