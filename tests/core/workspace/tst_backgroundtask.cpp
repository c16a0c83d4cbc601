// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/backgroundtask.h"
#include "tests/support/testcase.h"

#include <QSemaphore>
#include <QThread>
#include <QThreadPool>

#include <memory>

using namespace bottega;

class TestBackgroundTask : public test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void answersInTheCallersThread();
    void workWithoutAResult();
    void contextThatGoesMeanwhileIsNotCalled();
    void contextThatGoesBeforeTheAnswerIsTakenIsNotCalled();
};

void TestBackgroundTask::answersInTheCallersThread()
{
    QObject context;
    QThread *worked = nullptr, *answered = nullptr;
    int answer = 0;
    runInBackground(&context, [] { return std::pair(QThread::currentThread(), 42); },
                    [&](const std::pair<QThread *, int> &result) {
                        worked = result.first;
                        answer = result.second;
                        answered = QThread::currentThread();
                    });
    QCOMPARE(answer, 0); // never before the call has returned
    QTRY_COMPARE(answer, 42);
    QCOMPARE(answered, QThread::currentThread());
    QVERIFY(worked != answered);
}

void TestBackgroundTask::workWithoutAResult()
{
    QObject context;
    bool isDone = false;
    runInBackground(&context, [] {}, [&] { isDone = true; });
    QTRY_VERIFY(isDone);
}

void TestBackgroundTask::contextThatGoesMeanwhileIsNotCalled()
{
    auto context = std::make_unique<QObject>();
    QSemaphore begun, mayEnd;
    bool isCalled = false;
    runInBackground(
        context.get(),
        [&] {
            begun.release();
            mayEnd.acquire();
            return 1;
        },
        [&](int) { isCalled = true; });
    begun.acquire();
    context.reset();
    mayEnd.release();
    QVERIFY(QThreadPool::globalInstance()->waitForDone());
    QCoreApplication::processEvents();
    QVERIFY(!isCalled);
}

void TestBackgroundTask::contextThatGoesBeforeTheAnswerIsTakenIsNotCalled()
{
    auto context = std::make_unique<QObject>();
    bool isCalled = false;
    runInBackground(context.get(), [] { return 1; }, [&](int) { isCalled = true; });
    QVERIFY(QThreadPool::globalInstance()->waitForDone());
    context.reset();
    QCoreApplication::processEvents();
    QVERIFY(!isCalled);
}

BOTTEGA_TEST_MAIN(TestBackgroundTask)
#include "tst_backgroundtask.moc"
