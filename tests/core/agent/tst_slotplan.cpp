// SPDX-License-Identifier: Apache-2.0
#include "core/agent/gpus.h"
#include "core/agent/slotplan.h"
#include "tests/support/testcase.h"

#include <algorithm>
#include <optional>
#include <random>

using namespace bottega;
using namespace Qt::StringLiterals;

namespace {

const std::vector<std::string> bothGpus = {"GPU-a", "GPU-b"};

SlotNeeds cpus(int count)
{
    return {count, {}};
}

SlotNeeds gpu(std::vector<std::string> gpus = bothGpus)
{
    return {1, std::move(gpus)};
}

FreeSlots machine(int all, int free, std::set<std::string> busy = {})
{
    return {all, free, std::move(busy)};
}

SlotDecision last(const FreeSlots &free, const std::vector<SlotNeeds> &queue)
{
    return decideSlots(free, queue).back();
}

} // namespace

/// Who of a queue may start: single decisions, and whole days of random runs.
class TestSlotPlan : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void processors()
    {
        QCOMPARE(last(machine(4, 4), {cpus(3)}).share, (SlotShare{3, {}}));
        QVERIFY(last(machine(4, 2), {cpus(3)}).lacksCpus);
        QCOMPARE(last(machine(4, 4), {cpus(99)}).share, (SlotShare{4, {}}));
        QCOMPARE(last(machine(4, 4), {cpus(0)}).share, (SlotShare{4, {}}));
        QCOMPARE(last(machine(4, 1), {cpus(0)}).share, (SlotShare{1, {}}));
        QVERIFY(last(machine(4, 0), {cpus(0)}).lacksCpus);
        QVERIFY(last(machine(1, -3), {cpus(1)}).lacksCpus); // more given away than there are now
    }

    void nobodyOvertakesForWhatTheHeadLacks()
    {
        QVERIFY(last(machine(4, 2), {cpus(3), cpus(1)}).lacksCpus);
        QVERIFY(last(machine(4, 2), {cpus(3), cpus(0)}).lacksCpus);
        QVERIFY(last(machine(4, 2), {cpus(3), gpu()}).lacksCpus);
        QVERIFY(last(machine(4, 3), {cpus(1), cpus(2)}).mayStart());
    }

    void whoLacksNothingOfTheHeadsMayStart()
    {
        const FreeSlots free = machine(4, 3, {"GPU-a"});
        QVERIFY(last(free, {gpu({"GPU-a"})}).lacksGpu);
        QCOMPARE(last(free, {gpu({"GPU-a"}), gpu()}).share, (SlotShare{1, "GPU-b"}));
        QCOMPARE(last(free, {gpu({"GPU-a"}), cpus(0)}).share, (SlotShare{2, {}})); // the head's one is kept
        QVERIFY(last(free, {gpu({"GPU-a"}), cpus(3)}).lacksCpus);
    }

    void onlyTheNextForAGpuKeepsAProcessor()
    {
        const FreeSlots free = machine(4, 3, {"GPU-a", "GPU-b"});
        QCOMPARE(last(free, {gpu(), gpu(), gpu(), cpus(2)}).share, (SlotShare{2, {}}));
        QVERIFY(last(free, {gpu(), gpu(), gpu(), cpus(3)}).lacksCpus);
        QCOMPARE(last(free, {gpu({"GPU-a"}), gpu({"GPU-b"}), cpus(0)}).share, (SlotShare{1, {}}));
    }

    /// Random runs on a random machine: never more than there is; nobody that lacks a thing is passed for it; all are
    /// served; and the machine is never idle.
    void randomDays()
    {
        std::mt19937 random(20'261'123);
        for (int day = 0; day < 100; ++day)
            simulate(random);
    }

    void gpusAreThoseThatMayBeUsed_data()
    {
        QTest::addColumn<QByteArray>("visible");
        QTest::addColumn<QString>("gpus");
        QTest::newRow("by index") << QByteArray("1") << u"GPU-bb"_s;
        QTest::newRow("by UUID") << QByteArray("GPU-aa") << u"GPU-aa"_s;
        QTest::newRow("by its beginning") << QByteArray("GPU-b") << u"GPU-bb"_s;
        QTest::newRow("several") << QByteArray("1, 0") << u"GPU-aa GPU-bb"_s;
        QTest::newRow("none") << QByteArray("") << QString();
        QTest::newRow("none, as some say it") << QByteArray("-1") << QString();
    }
    void gpusAreThoseThatMayBeUsed()
    {
        QFETCH(QByteArray, visible);
        QFETCH(QString, gpus);
        constexpr const char *lines = "0, GPU-aa, NVIDIA H100, 81559\n1, GPU-bb\n2, GPU-../x\nno sense\n3\n";
        QStringList named;
        for (const std::string &one : gpusNamed(lines, visible.constData()))
            named << QString::fromStdString(one);
        QCOMPARE(named.join(u' '), gpus);
        QCOMPARE(gpusNamed(lines, nullptr), (std::vector<std::string>{"GPU-aa", "GPU-bb"}));
    }

private:
    struct Run
    {
        SlotNeeds needs;
        int arrival = 0;
        int length = 0;
        SlotShare share;
        std::optional<int> start;
        bool isOver = false;
    };

    static SlotNeeds randomNeeds(std::mt19937 &random, int processors)
    {
        switch (random() % 6) {
        case 0: return gpu();
        case 1: return gpu({bothGpus[random() % 2]});
        case 2: return cpus(0);
        default: return cpus(1 + static_cast<int>(random() % static_cast<unsigned>(processors)));
        }
    }

    static void simulate(std::mt19937 &random)
    {
        const int processors = 1 + static_cast<int>(random() % 6);
        std::vector<Run> runs(30);
        int arrival = 0;
        for (Run &run : runs) {
            run.needs = randomNeeds(random, processors);
            run.arrival = arrival += static_cast<int>(random() % 4);
            run.length = 1 + static_cast<int>(random() % 20);
        }
        FreeSlots free = machine(processors, processors);
        for (int time = 0; std::any_of(runs.begin(), runs.end(), [](const Run &run) { return !run.isOver; }); ++time) {
            QVERIFY2(time < 10'000, "somebody starves");
            for (Run &run : runs)
                end(run, free, time);
            startAll(runs, free, time);
            QVERIFY(free.cpus >= 0);
        }
    }

    static void end(Run &run, FreeSlots &free, int time)
    {
        if (!run.start || run.isOver || *run.start + run.length > time)
            return;
        run.isOver = true;
        free.cpus += run.share.cpus;
        free.busyGpus.erase(run.share.gpu);
    }

    static void startAll(std::vector<Run> &runs, FreeSlots &free, int time)
    {
        std::vector<Run *> waiting;
        std::vector<SlotNeeds> needs;
        for (Run &run : runs) {
            if (run.start || run.arrival > time)
                continue;
            waiting.push_back(&run);
            needs.push_back(run.needs);
        }
        const auto decisions = decideSlots(free, needs);
        checkOrder(waiting, decisions, free);
        for (std::size_t i = 0; i < waiting.size(); ++i) {
            if (!decisions[i].mayStart())
                continue;
            Run &run = *waiting[i];
            run.start = time;
            run.share = decisions[i].share;
            free.cpus -= run.share.cpus;
            QVERIFY(run.share.cpus >= 1 && run.share.gpu.empty() == run.needs.gpus.empty());
            QVERIFY(run.share.gpu.empty() || free.busyGpus.insert(run.share.gpu).second);
        }
    }

    /// Said without the plan's own words: whoever starts leaves everybody before him able to start as soon as the others
    /// that run now have ended their use of what he lacks.
    static void checkOrder(const std::vector<Run *> &waiting, const std::vector<SlotDecision> &decisions, const FreeSlots &free)
    {
        bool cpusLacked = false;
        std::set<std::string> gpusLacked;
        for (std::size_t i = 0; i < waiting.size(); ++i) {
            const SlotDecision &decision = decisions[i];
            if (decision.mayStart()) {
                QVERIFY2(!cpusLacked, "a run that lacks processors was overtaken");
                QVERIFY2(!gpusLacked.contains(decision.share.gpu), "a run that lacks this GPU was overtaken");
            }
            cpusLacked = cpusLacked || decision.lacksCpus;
            if (decision.lacksGpu)
                gpusLacked.insert(waiting[i]->needs.gpus.begin(), waiting[i]->needs.gpus.end());
        }
        const bool isIdle = free.busyGpus.empty() && free.cpus == free.allCpus;
        QVERIFY2(waiting.empty() || !isIdle || decisions.front().mayStart(), "an idle machine makes the head wait");
    }
};

BOTTEGA_TEST_MAIN(TestSlotPlan)
#include "tst_slotplan.moc"
