// SPDX-License-Identifier: Apache-2.0
#include "core/engine/comm/sharedcommunicator.h"
#include "tests/support/testcase.h"

#include <QElapsedTimer>

#include <cmath>
#include <functional>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace bottega::engine;
using namespace Qt::StringLiterals;

namespace {

using Ranks = std::unique_ptr<SharedCommunicator>;

/// Forks the other ranks; each does `work` and exits with 0 where that says true.
std::vector<pid_t> forkRanks(SharedCommunicator &comm, const std::function<bool(SharedCommunicator &)> &work)
{
    std::vector<pid_t> children;
    for (int rank = 1; rank < comm.ranks(); ++rank) {
        const pid_t pid = ::fork();
        if (pid == 0) {
            comm.becomeRank(rank);
            bool isDone = false;
            try {
                isDone = work(comm);
            } catch (const std::exception &) {
                ::_exit(7);
            }
            ::_exit(isDone ? 0 : 1);
        }
        comm.setProcess(rank, pid);
        children.push_back(pid);
    }
    return children;
}

int exitStatusOf(pid_t pid)
{
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/// Different on every rank; sums in float depend on their order.
float valueOf(int rank, std::size_t index)
{
    return std::sin(static_cast<float>(index) + 3.7f * static_cast<float>(rank)) * (rank == 1 ? 1e4f : 1.0f);
}

std::vector<float> valuesOf(int rank, std::size_t count)
{
    std::vector<float> values(count);
    for (std::size_t i = 0; i < count; ++i)
        values[i] = valueOf(rank, i);
    return values;
}

std::vector<float> expectedMean(int ranks, std::size_t count)
{
    std::vector<float> mean = valuesOf(0, count);
    for (std::size_t i = 0; i < count; ++i) {
        for (int rank = 1; rank < ranks; ++rank)
            mean[i] += valueOf(rank, i);
        mean[i] /= static_cast<float>(ranks);
    }
    return mean;
}

QString messageOf(const std::function<void()> &work)
{
    try {
        work();
    } catch (const std::exception &exception) {
        return QString::fromUtf8(exception.what());
    }
    return {};
}

} // namespace

class CommTest : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void aloneItChangesNothing();
    void meansAreTheSameBitsEverywhere_data();
    void meansAreTheSameBitsEverywhere();
    void aKilledRankIsNamed();
    void aLeavingRankTellsWhy();
    void aRankThatDiesBeforeItJoinsIsNoticed();
    void refusesTooMany();
};

void CommTest::aloneItChangesNothing()
{
    const auto comm = SharedCommunicator::create(1);
    QVERIFY_RESULT(comm);
    std::vector<float> values = valuesOf(0, 1000);
    (*comm)->allReduceMean(values);
    (*comm)->barrier();
    QVERIFY(values == valuesOf(0, 1000));
}

void CommTest::meansAreTheSameBitsEverywhere_data()
{
    QTest::addColumn<int>("ranks");
    QTest::newRow("2") << 2;
    QTest::newRow("3") << 3;
    QTest::newRow("5") << 5;
}

void CommTest::meansAreTheSameBitsEverywhere()
{
    QFETCH(int, ranks);
    const auto created = SharedCommunicator::create(ranks);
    QVERIFY_RESULT(created);
    SharedCommunicator &comm = **created;
    const auto reduceAll = [ranks](SharedCommunicator &own) {
        for (const std::size_t count : {1u, 2u, 7u, 1000u, 65'536u, 200'001u}) { // below, at and beyond what goes at once
            std::vector<float> values = valuesOf(own.rank(), count);
            own.allReduceMean(values);
            if (values != expectedMean(ranks, count))
                return false;
        }
        for (int i = 0; i < 500; ++i)
            own.barrier();
        return true;
    };
    const auto children = forkRanks(comm, reduceAll);
    QVERIFY(reduceAll(comm));
    for (const pid_t child : children)
        QCOMPARE(exitStatusOf(child), 0);
}

void CommTest::aKilledRankIsNamed()
{
    const auto created = SharedCommunicator::create(3);
    QVERIFY_RESULT(created);
    SharedCommunicator &comm = **created;
    const auto children = forkRanks(comm, [](SharedCommunicator &own) {
        for (;;)
            own.barrier();
        return true;
    });
    for (int i = 0; i < 10; ++i)
        comm.barrier();
    QElapsedTimer timer;
    timer.start();
    QCOMPARE(::kill(children[1], SIGKILL), 0);
    const QString message = messageOf([&comm] {
        for (;;)
            comm.barrier();
    });
    QVERIFY2(message.startsWith(u"Rank 2 of 3 (process %1) is gone"_s.arg(children[1])), qPrintable(message));
    QCOMPARE(exitStatusOf(children[0]), 7); // the third one noticed it too
    QVERIFY2(timer.elapsed() < 5'000, qPrintable(QString::number(timer.elapsed())));
    QCOMPARE(exitStatusOf(children[1]), -SIGKILL);
}

void CommTest::aLeavingRankTellsWhy()
{
    const auto created = SharedCommunicator::create(2);
    QVERIFY_RESULT(created);
    const auto children = forkRanks(**created, [](SharedCommunicator &own) {
        own.leave("There is not enough memory");
        return true;
    });
    const QString message = messageOf([&] { (*created)->barrier(); });
    QVERIFY2(message.endsWith(u"is gone: There is not enough memory"_s), qPrintable(message));
    QCOMPARE(exitStatusOf(children[0]), 0);
}

void CommTest::aRankThatDiesBeforeItJoinsIsNoticed()
{
    const auto created = SharedCommunicator::create(2);
    QVERIFY_RESULT(created);
    const pid_t pid = ::fork();
    if (pid == 0)
        ::_exit(3);
    (*created)->setProcess(1, pid);
    const QString message = messageOf([&] { (*created)->barrier(); });
    QVERIFY2(message.startsWith(u"Rank 1 of 2"_s), qPrintable(message));
    QCOMPARE(exitStatusOf(pid), 3);
}

void CommTest::refusesTooMany()
{
    QVERIFY(!SharedCommunicator::create(0));
    QVERIFY(!SharedCommunicator::create(65));
}

BOTTEGA_TEST_MAIN(CommTest)
#include "tst_comm.moc"
