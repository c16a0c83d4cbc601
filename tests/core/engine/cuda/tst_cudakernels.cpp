// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cuda/cudabackend.h"
#include "core/engine/backend/cuda/divider.h"
#include "core/engine/selftest.h"
#include "tests/core/engine/cuda/emulatedqueue.h"
#include "tests/support/testcase.h"

#include <QTest>

using namespace bottega::engine;
using namespace bottega::engine::cuda;

/// Every kernel of the CUDA backend, run on the host.
class TestCudaKernels : public bottega::test::TestCase
{
    Q_OBJECT

private Q_SLOTS:
    void dividerDivides();
    void everyOperationAgreesWithTheReference_data();
    void everyOperationAgreesWithTheReference();
};

void TestCudaKernels::dividerDivides()
{
    for (const std::int32_t by : {1, 2, 3, 5, 7, 24, 25, 100, 127, 128, 784, 65535, 65537, 1 << 20, (1 << 30) - 1, 1 << 30}) {
        const Divider divider(by);
        std::vector<std::int64_t> values = {0, 1, by - 1, by, by + 1, 2147483646, 2147483647};
        for (std::int64_t value = 1; value < 2147483647; value = value * 3 + 1)
            values.push_back(value);
        for (const std::int64_t value : values) {
            if (value > 2147483647)
                continue;
            std::int32_t rest = 0;
            QCOMPARE(divider.divide(static_cast<std::int32_t>(value), rest), static_cast<std::int32_t>(value / by));
            QCOMPARE(rest, static_cast<std::int32_t>(value % by));
        }
    }
}

void TestCudaKernels::everyOperationAgreesWithTheReference_data()
{
    QTest::addColumn<int>("multiprocessors"); // few: large tiles, undivided sums; many: small tiles, divided ones
    QTest::addColumn<bool>("isBackward");
    QTest::newRow("one multiprocessor") << 1 << false;
    QTest::newRow("132 multiprocessors, threads backwards") << 132 << true;
}

void TestCudaKernels::everyOperationAgreesWithTheReference()
{
    QFETCH(int, multiprocessors);
    QFETCH(bool, isBackward);
    const auto device = std::make_shared<EmulatedDevice>();
    device->facts.multiprocessors = multiprocessors;
    CudaBackend backend(
        std::make_shared<EmulatedQueue>(device, isBackward ? ThreadOrder::Backward : ThreadOrder::Forward));
    const auto checks = selftest(backend);
    for (const SelfCheck &check : checks)
        QVERIFY2(check.isPassed(), (check.operation + " " + check.shape + " " + std::to_string(check.error)).c_str());
    QVERIFY(checks.size() > 1000);
}

BOTTEGA_TEST_MAIN(TestCudaKernels)
#include "tst_cudakernels.moc"
