// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cuda/cudabackend.h"
#include "core/engine/backend/cuda/cudaerror.h"
#include "core/engine/backend/cuda/module.h"
#include "core/engine/selftest.h"
#include "tests/core/engine/cuda/emulatedqueue.h"
#include "tests/core/engine/cuda/fakemodule.h"
#include "tests/support/testcase.h"

#include <QTest>
#include <algorithm>

using namespace bottega::engine;
using namespace bottega::engine::cuda;

/// What the backend gives to vendor libraries, and what it makes of their results: with libraries that are plain loops.
class TestCudaLibraries : public bottega::test::TestCase
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void everyOperationAgreesWithTheReference();
    void smallProductsStayOurs();
    void productsWithoutAPlanStayOurs();
    void aLibraryThatFailsIsNamed();
    void precisionReachesTheLibraries();
    void otherPrecisionsNeedALibrary();

private:
    struct Rig
    {
        explicit Rig(double worthwhile)
            : backend(queue, makeLibraries(fakeModule(), queue, Precision::Float32, worthwhile))
        {
        }
        std::shared_ptr<EmulatedDevice> device = std::make_shared<EmulatedDevice>();
        std::shared_ptr<Queue> queue = std::make_shared<EmulatedQueue>(device);
        CudaBackend backend;
    };
};

void TestCudaLibraries::init()
{
    TestCase::init();
    fakeModuleLog() = {};
}

void TestCudaLibraries::everyOperationAgreesWithTheReference()
{
    Rig rig(0);
    const auto checks = selftest(rig.backend);
    for (const SelfCheck &check : checks)
        QVERIFY2(check.isPassed(), (check.operation + " " + check.shape + " " + std::to_string(check.error)).c_str());
    for (const BottegaProduct product : {bottegaForward, bottegaInputGradient, bottegaWeightGradient}) {
        const auto isOfIt = [product](const auto &work) { return work.product == product; };
        QVERIFY(std::any_of(fakeModuleLog().linear.begin(), fakeModuleLog().linear.end(), isOfIt));
        QVERIFY(std::any_of(fakeModuleLog().convolutions.begin(), fakeModuleLog().convolutions.end(), isOfIt));
    }
}

void TestCudaLibraries::smallProductsStayOurs()
{
    Rig rig(8 * 4 * 2 + 1);
    const Tensor weights = rig.backend.allocate({8, 4}), bias = rig.backend.allocate({8});
    const Tensor small = rig.backend.allocate({4, 2}, Layout::Samples), large = rig.backend.allocate({4, 3}, Layout::Samples);
    Tensor one = rig.backend.allocate({8, 2}, Layout::Samples), other = rig.backend.allocate({8, 3}, Layout::Samples);
    rig.backend.compile({ops::LinearForward{&weights, &bias, &small, &one}})->run(StepInputs{});
    QVERIFY(fakeModuleLog().linear.empty());
    rig.backend.compile({ops::LinearForward{&weights, &bias, &large, &other}})->run(StepInputs{});
    QCOMPARE(fakeModuleLog().linear.size(), std::size_t{1});
}

void TestCudaLibraries::productsWithoutAPlanStayOurs()
{
    fakeModuleLog().outcome = bottegaNotMine;
    Rig rig(0);
    const Tensor weights = rig.backend.allocate({8, 4}), bias = rig.backend.allocate({8});
    const Tensor input = rig.backend.allocate({4, 2}, Layout::Samples);
    Tensor output = rig.backend.allocate({8, 2}, Layout::Samples);
    rig.backend.compile({ops::LinearForward{&weights, &bias, &input, &output}})->run(StepInputs{});
    QVERIFY(fakeModuleLog().linear.empty());
    QCOMPARE(rig.device->runs.front(), std::string("queue 0: linearForward 1x1x1 of 256"));
}

void TestCudaLibraries::aLibraryThatFailsIsNamed()
{
    fakeModuleLog().outcome = bottegaFailed;
    Rig rig(0);
    const Tensor weights = rig.backend.allocate({8, 4}), bias = rig.backend.allocate({8});
    const Tensor input = rig.backend.allocate({4, 2}, Layout::Samples);
    Tensor output = rig.backend.allocate({8, 2}, Layout::Samples);
    try {
        const auto plan = rig.backend.compile({ops::LinearForward{&weights, &bias, &input, &output}});
        QFAIL("compiled");
    } catch (const CudaError &error) {
        QCOMPARE(std::string(error.what()), std::string("planning a product failed on cuda:0 (Emulated GPU): no engine"));
    }
}

void TestCudaLibraries::precisionReachesTheLibraries()
{
    const auto queue = std::make_shared<EmulatedQueue>(std::make_shared<EmulatedDevice>());
    for (const auto &[name, number, said] : {std::tuple{"fp32", bottegaFloat32, "cuBLASLt 0.0, cuDNN 0.0"},
                                             {"tf32", bottegaTf32, "cuBLASLt 0.0, cuDNN 0.0, tf32"},
                                             {"bf16", bottegaBfloat16, "cuBLASLt 0.0, cuDNN 0.0, bf16"}}) {
        const auto precision = precisionNamed(name);
        QVERIFY(precision);
        QCOMPARE(makeLibraries(fakeModule(), queue, *precision)->description(), std::string(said));
        QCOMPARE(fakeModuleLog().precision, static_cast<int>(number));
    }
    QVERIFY(!precisionNamed("fp16"));
}

void TestCudaLibraries::otherPrecisionsNeedALibrary()
{
    const auto queue = std::make_shared<EmulatedQueue>(std::make_shared<EmulatedDevice>());
    QVERIFY(!loadLibraries(queue, {Precision::Float32, false}));
    try {
        const auto libraries = loadLibraries(queue, {Precision::Tf32, false});
        QFAIL("computes in float32 where tf32 was asked for");
    } catch (const CudaError &error) {
        QCOMPARE(std::string(error.what()), std::string("The precision tf32 needs cuBLASLt or cuDNN"));
        QVERIFY(!error.remedy().empty());
    }
}

BOTTEGA_TEST_MAIN(TestCudaLibraries)
#include "tst_cudalibraries.moc"
