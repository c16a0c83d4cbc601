// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/mutants.h"
#include "tests/crash/powerloss.h"
#include "tests/support/testcase.h"

using namespace Qt::StringLiterals;
using namespace bottega::crash;

namespace {

/// What the long run raises, by environment: BOTTEGA_CRASH_KILLS, _SHARE, _REPLAYS, _SEED.
double setting(const char *name, double fallback)
{
    bool isNumber = false;
    const double value = qEnvironmentVariable(name).toDouble(&isNumber);
    return isNumber ? value : fallback;
}

Effort effortOf()
{
    Effort effort;
    effort.seed = static_cast<std::uint64_t>(setting("BOTTEGA_CRASH_SEED", 1));
    effort.share = setting("BOTTEGA_CRASH_SHARE", 0.1);
    effort.kills = static_cast<std::int64_t>(setting("BOTTEGA_CRASH_KILLS", 30));
    effort.replays = static_cast<std::int64_t>(setting("BOTTEGA_CRASH_REPLAYS", 500));
    return effort;
}

void compareWithNone(const Tally &tally)
{
    qInfo("%lld kills, %lld injections, %lld replays, %lld acknowledged", static_cast<long long>(tally.kills),
          static_cast<long long>(tally.injections), static_cast<long long>(tally.replays),
          static_cast<long long>(tally.acknowledged));
    QStringList findings;
    for (const std::string &finding : tally.findings)
        findings.append(QString::fromStdString(finding));
    QVERIFY2(findings.isEmpty(), qPrintable(findings.join(u'\n')));
    QVERIFY(tally.kills + tally.injections + tally.replays > 0);
    QVERIFY(tally.acknowledged > 0);
    QVERIFY(10 * tally.missed <= tally.kills + tally.injections + 10);
}

} // namespace

/// What the product's own code stores, against deaths, errors and loss of power. Each row is an operation.
class TestCrash : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_stage = std::make_unique<Stage>(CRASH_OPERATIONS, Stage::freshScratch()); }
    void cleanupTestCase() { m_stage.reset(); }

    void case03_operationsKilledAtRandom_data() { addOperations(); }
    void case03_operationsKilledAtRandom()
    {
        QFETCH(QString, operation);
        compareWithNone(killAtRandom(*m_stage, operation.toStdString(), effortOf()));
    }

    void case03_operationsKilledAtEveryCall_data() { addOperations(); }
    void case03_operationsKilledAtEveryCall()
    {
        if (!canTrace())
            QSKIP("strace cannot trace here");
        QFETCH(QString, operation);
        compareWithNone(killAtEveryCall(*m_stage, operation.toStdString(), effortOf()));
    }

    void case05_powerLoss_data() { addOperations(); }
    void case05_powerLoss()
    {
        if (!canTrace())
            QSKIP("strace cannot trace here");
        QFETCH(QString, operation);
        Effort effort = effortOf();
        effort.replays /= static_cast<std::int64_t>(operationNames().size());
        compareWithNone(losePower(*m_stage, operation.toStdString(), effort));
    }

    void case08_everyCallFails_data() { addOperations(); }
    void case08_everyCallFails()
    {
        if (!canTrace())
            QSKIP("strace cannot trace here");
        QFETCH(QString, operation);
        Effort effort = effortOf();
        effort.share /= 4; // four or five errors a call
        compareWithNone(failEveryCall(*m_stage, operation.toStdString(), effort));
    }

    void case11_everyAllocationFails_data() { addOperations(); }
    void case11_everyAllocationFails()
    {
        QFETCH(QString, operation);
        Effort effort = effortOf();
        effort.share /= 20; // thousands an operation
        compareWithNone(failEveryAllocation(*m_stage, operation.toStdString(), effort));
    }

    /// A bench that cannot fail proves nothing.
    void mutantsAreCaught()
    {
        if (!canTrace())
            QSKIP("strace cannot trace here");
        for (const MutantVerdict &verdict : catchMutants(*m_stage, effortOf())) {
            qInfo("%-46s → %s", verdict.mutant.c_str(), verdict.caughtBy.c_str());
            QVERIFY2(!verdict.caughtBy.empty(), verdict.mutant.c_str());
        }
    }

private:
    static void addOperations()
    {
        QTest::addColumn<QString>("operation");
        for (const std::string &name : operationNames())
            QTest::newRow(name.c_str()) << QString::fromStdString(name);
    }

    std::unique_ptr<Stage> m_stage;
};

BOTTEGA_TEST_MAIN(TestCrash)
#include "tst_crash.moc"
