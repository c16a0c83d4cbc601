// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cpu/cpubackend.h"
#include "core/engine/backend/cuda/momentum.h"
#include "core/engine/backend/reference/referencebackend.h"
#include "core/engine/selftest.h"
#include "tests/support/testcase.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <stdexcept>
#include <string>

using namespace bottega;
using namespace bottega::engine;
using namespace Qt::StringLiterals;

/// Every backend that runs here goes through the same suite.
class BackendTest : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void passesTheSelftest_data();
    void passesTheSelftest();
    void selftestFindsAWrongOperation();
    void unknownInstructionSetListsThoseHere();
    void resultsDoNotDependOnTheBatch();
    void nanReachesTheLoss_data();
    void nanReachesTheLoss();
    void hugeLogitsStayFinite();
    void shapesAreCheckedFirst();
    void tensorsAreAlignedAndZero();
    void impossibleShapesThrow();
    void cudaArithmeticEqualsTheReference();
};

namespace {

Tensor filled(Backend &backend, const Shape &shape, std::vector<float> values)
{
    Tensor tensor = backend.allocate(shape);
    backend.upload(values, tensor);
    return tensor;
}

std::vector<float> valuesOf(Backend &backend, const Tensor &tensor)
{
    std::vector<float> values(static_cast<std::size_t>(elementCount(tensor.shape())));
    backend.download(tensor, values);
    return values;
}

std::unique_ptr<Backend> backendNamed(const QString &name)
{
    if (name == u"reference"_s)
        return std::make_unique<ReferenceBackend>();
    return std::make_unique<CpuBackend>(cpu::findInstructionSet(name.toStdString()).value());
}

void addBackendRows()
{
    QTest::addColumn<QString>("name");
    QTest::newRow("reference") << u"reference"_s;
    for (const cpu::InstructionSet &set : cpu::instructionSets()) {
        const QString name = QString::fromLatin1(set.name.data(), static_cast<qsizetype>(set.name.size()));
        QTest::newRow(qPrintable(name)) << name;
    }
}

/// Forgets the ReLU's mask on the way back: the kind of mistake that still trains, only worse.
class ForgetfulBackend : public HostBackend
{
public:
    std::string name() const override { return "forgetful"; }
    std::string description() const override { return {}; }
    void gather(const Batch &batch, float scale, Tensor &input) override { m_right.gather(batch, scale, input); }
    void linearForward(const LinearForward &op) override { m_right.linearForward(op); }
    void linearInputGradient(const LinearInputGradient &op) override
    {
        m_right.linearInputGradient({op.weights, op.outputGradient, nullptr, op.inputGradient});
    }
    void linearWeightGradient(const LinearWeightGradient &op) override { m_right.linearWeightGradient(op); }
    void linearMomentumStep(const LinearMomentumStep &op) override { m_right.linearMomentumStep(op); }
    void momentumStep(const Tensor &g, const MomentumRule &rule, Tensor &w, Tensor &v) override
    {
        m_right.momentumStep(g, rule, w, v);
    }
    void softmaxCrossEntropy(const SoftmaxCrossEntropy &op) override { m_right.softmaxCrossEntropy(op); }
    void softmaxPrediction(const SoftmaxPrediction &op) override { m_right.softmaxPrediction(op); }

private:
    ReferenceBackend m_right;
};

} // namespace

void BackendTest::passesTheSelftest_data()
{
    addBackendRows();
}

void BackendTest::passesTheSelftest()
{
    QFETCH(QString, name);
    const auto backend = backendNamed(name);
    const auto checks = selftest(*backend);
    QVERIFY(checks.size() > 50);
    for (const SelfCheck &check : checks)
        QVERIFY2(check.isPassed(), selftestTable({check}).c_str());
}

void BackendTest::selftestFindsAWrongOperation()
{
    ForgetfulBackend backend;
    const auto checks = selftest(backend);
    bool byReference = false, byDifferences = false;
    for (const SelfCheck &check : checks) {
        if (check.isPassed())
            continue;
        byReference |= check.against == "reference" && check.operation == "linearInputGradient, ReLU";
        byDifferences |= check.against == "differences";
    }
    QVERIFY(byReference);
    QVERIFY(byDifferences);
    QVERIFY(QString::fromStdString(selftestTable(checks)).contains(u"FAILED"_s));
}

void BackendTest::unknownInstructionSetListsThoseHere()
{
    const auto set = cpu::findInstructionSet("mmx");
    QVERIFY(!set);
    QVERIFY(set.error().code == ErrorCode::Unsupported);
    QVERIFY(QString::fromStdString(set.error().remedy).contains(u"baseline"_s));
}

void BackendTest::resultsDoNotDependOnTheBatch()
{
    // A sample's logits are the same bits alone, among 3 and among 100.
    for (const cpu::InstructionSet &set : cpu::instructionSets()) {
        CpuBackend backend(set);
        std::vector<float> weights(17 * 37), bias(17), all(37 * 100);
        for (std::vector<float> *values : {&weights, &bias, &all}) {
            for (std::size_t i = 0; i < values->size(); ++i)
                (*values)[i] = std::sin(static_cast<float>(i * i % 1013));
        }
        const Tensor w = filled(backend, {17, 37}, weights), b = filled(backend, {17}, bias);
        std::vector<float> first;
        for (const std::int64_t batch : {100, 3, 1}) {
            std::vector<float> part(static_cast<std::size_t>(37 * batch));
            for (std::size_t i = 0; i < 37; ++i)
                std::copy_n(all.begin() + static_cast<std::ptrdiff_t>(i) * 100, batch,
                            part.begin() + static_cast<std::ptrdiff_t>(i) * batch);
            const Tensor x = filled(backend, {37, batch}, part);
            Tensor y = backend.allocate({17, batch});
            backend.linearForward({w, b, x, y, Activation::Relu});
            std::vector<float> column;
            for (std::int64_t o = 0; o < 17; ++o)
                column.push_back(y.row(o)[0]);
            if (first.empty())
                first = column;
            QVERIFY2(column == first, set.name.data());
        }
    }
}

void BackendTest::nanReachesTheLoss_data()
{
    addBackendRows();
}

void BackendTest::nanReachesTheLoss()
{
    QFETCH(QString, name);
    const auto backend = backendNamed(name);
    const float nan = std::nanf("");
    const Tensor w = filled(*backend, {3, 1}, {nan, 1, 2}), b = filled(*backend, {3}, {0, 0, 0});
    const Tensor x = filled(*backend, {1, 2}, {1, 1});
    Tensor y = backend->allocate({3, 2}), losses = backend->allocate({2}), gradient = backend->allocate({3, 2});
    backend->linearForward({w, b, x, y, Activation::Relu});
    QVERIFY(std::isnan(valuesOf(*backend, y)[0]));
    const Samples samples = backend->hold({0, 0}, {0, 1});
    const std::vector<std::int32_t> indices = {0, 1};
    backend->softmaxCrossEntropy({y, {samples, indices}, losses, gradient});
    for (const float loss : valuesOf(*backend, losses))
        QVERIFY(std::isnan(loss));
}

void BackendTest::hugeLogitsStayFinite()
{
    for (const cpu::InstructionSet &set : cpu::instructionSets()) {
        CpuBackend backend(set);
        const Tensor logits = filled(backend, {2, 1}, {3e38f, -3e38f});
        Tensor losses = backend.allocate({1}), gradient = backend.allocate({2, 1});
        const Samples samples = backend.hold({0}, {0});
        const std::vector<std::int32_t> indices = {0};
        backend.softmaxCrossEntropy({logits, {samples, indices}, losses, gradient});
        QCOMPARE(valuesOf(backend, losses)[0], 0.0f);
        QVERIFY(std::abs(valuesOf(backend, gradient)[0]) < 1e-6f);
    }
}

void BackendTest::shapesAreCheckedFirst()
{
    ReferenceBackend reference;
    CpuBackend cpu;
    for (Backend *backend : std::initializer_list<Backend *>{&reference, &cpu}) {
        const Tensor w = backend->allocate({4, 3}), b = backend->allocate({4}), x = backend->allocate({2, 8});
        Tensor y = backend->allocate({4, 8});
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, backend->linearForward({w, b, x, y}));
        const Samples samples = backend->hold({1, 2, 3, 4}, {0, 1});
        const std::vector<std::int32_t> indices = {0};
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, backend->gather({samples, indices}, 1, y));
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, static_cast<void>(backend->hold({1, 2, 3}, {0, 1})));
        const std::vector<float> values(5);
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, backend->upload(values, y));
    }
}

void BackendTest::tensorsAreAlignedAndZero()
{
    const Tensor tensor = hostTensor({3, 5, 17});
    QCOMPARE(tensor.rows(), 15);
    QCOMPARE(tensor.columns(), 17);
    QCOMPARE(tensor.stride(), 32);
    for (std::int64_t r = 0; r < tensor.rows(); ++r) {
        QCOMPARE(reinterpret_cast<std::uintptr_t>(tensor.row(r)) % 64, std::uintptr_t{0});
        QVERIFY(std::all_of(tensor.row(r), tensor.row(r) + tensor.stride(), [](float v) { return v == 0; }));
    }
}

void BackendTest::impossibleShapesThrow()
{
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, static_cast<void>(hostTensor({3, 0})));
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, static_cast<void>(hostTensor({-1})));
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, static_cast<void>(hostTensor({1LL << 40, 1LL << 40})));
}

void BackendTest::cudaArithmeticEqualsTheReference()
{
    ReferenceBackend reference;
    std::vector<float> g(100), w(100), v(100);
    for (std::size_t i = 0; i < g.size(); ++i) {
        g[i] = std::sin(static_cast<float>(i));
        w[i] = std::cos(static_cast<float>(i));
        v[i] = std::sin(3 * static_cast<float>(i));
    }
    const Tensor gradient = filled(reference, {100}, g);
    Tensor weights = filled(reference, {100}, w), velocity = filled(reference, {100}, v);
    reference.momentumStep(gradient, {0.01f, 0.9f}, weights, velocity);
    const auto expectedW = valuesOf(reference, weights), expectedV = valuesOf(reference, velocity);
    for (std::size_t i = 0; i < g.size(); ++i) {
        cuda::momentumUpdate(g[i], {0.01f, 0.9f}, w[i], v[i]);
        QCOMPARE(v[i], expectedV[i]);
        QCOMPARE(w[i], expectedW[i]);
    }
}

BOTTEGA_TEST_MAIN(BackendTest)
#include "tst_backend.moc"
