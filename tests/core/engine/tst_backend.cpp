// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cpu/cpubackend.h"
#include "core/engine/backend/reference/referencebackend.h"
#include "core/engine/network.h"
#include "core/engine/selftest.h"
#include "tests/core/engine/tensors.h"
#include "tests/support/testcase.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>

using namespace bottega;
using namespace bottega::engine;
using bottega::test::activations;
using bottega::test::filled;
using namespace Qt::StringLiterals;

/// What every backend must keep to, tried on each that runs here.
class BackendTest : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void passesTheSelftest_data();
    void passesTheSelftest();
    void unknownInstructionSetListsThoseHere();
    void resultsDoNotDependOnTheBatch_data();
    void resultsDoNotDependOnTheBatch();
    void sameBitsForAnyNumberOfThreads_data();
    void sameBitsForAnyNumberOfThreads();
    void sameBitsInOneCallAndInMany_data();
    void sameBitsInOneCallAndInMany();
    void nanPassesThroughEveryLayer_data();
    void nanPassesThroughEveryLayer();
    void nanReachesTheLoss_data();
    void nanReachesTheLoss();
    void hugeLogitsStayFinite_data();
    void hugeLogitsStayFinite();
    void stepsAreToldAndStopped_data();
    void stepsAreToldAndStopped();
    void stepsAreCheckedFirst_data();
    void stepsAreCheckedFirst();
    void shapesAreCheckedFirst_data();
    void shapesAreCheckedFirst();
    void valuesComeBackAsTheyWent_data();
    void valuesComeBackAsTheyWent();
    void samplesMustBeWhole_data();
    void samplesMustBeWhole();
    void tensorsAreAlignedAndZero();
    void impossibleShapesThrow();
};

namespace {

constexpr float notANumber = std::numeric_limits<float>::quiet_NaN();

/// "reference", "avx2", "avx2 on 3 threads"
std::unique_ptr<Backend> backendNamed(const QString &name)
{
    if (name == u"reference"_s)
        return std::make_unique<ReferenceBackend>();
    const QStringList words = name.split(u' ');
    const int threads = words.size() > 1 ? words[2].toInt() : 1;
    return std::make_unique<CpuBackend>(cpu::findInstructionSet(words[0].toStdString()).value(), threads);
}

QString nameOf(const cpu::InstructionSet &set)
{
    return QString::fromLatin1(set.name.data(), static_cast<qsizetype>(set.name.size()));
}

void addRow(const QString &name)
{
    QTest::newRow(qPrintable(name)) << name;
}

/// The reference, each instruction set, and more threads with the first of them.
void addBackendRows()
{
    QTest::addColumn<QString>("name");
    addRow(u"reference"_s);
    for (const cpu::InstructionSet &set : cpu::instructionSets())
        addRow(nameOf(set));
    for (const int threads : {2, 3})
        addRow(u"%1 on %2 threads"_s.arg(nameOf(cpu::instructionSets().front())).arg(threads));
}

void addInstructionSetRows()
{
    QTest::addColumn<QString>("name");
    for (const cpu::InstructionSet &set : cpu::instructionSets())
        addRow(nameOf(set));
}

LayerSpec layer(LayerType type, std::int64_t units = 0, std::int64_t kernel = 0, std::int64_t padding = 0)
{
    LayerSpec spec;
    spec.type = type;
    spec.units = units;
    spec.kernel = kernel;
    spec.padding = padding;
    if (type == LayerType::MaxPool || type == LayerType::AveragePool)
        spec.stride = kernel;
    return spec;
}

/// Every kind of layer.
NetworkSpec mixedNetwork()
{
    NetworkSpec spec = {{layer(LayerType::Conv2d, 7, 3, 1), layer(LayerType::BatchNorm),
                         layer(LayerType::Relu), layer(LayerType::Conv2d, 7, 3, 1), layer(LayerType::Gelu),
                         layer(LayerType::Add), layer(LayerType::MaxPool, 0, 2),
                         layer(LayerType::AveragePool, 0, 2), layer(LayerType::Flatten),
                         layer(LayerType::Dropout), layer(LayerType::Linear, 19), layer(LayerType::Tanh),
                         layer(LayerType::Linear, 13), layer(LayerType::Relu), layer(LayerType::Linear)}};
    spec.layers[2].name = "first";
    spec.layers[5].with = "first";
    return spec;
}

constexpr std::int64_t classes = 10;

Samples somePictures(Backend &backend, const Shape &picture, std::int64_t count)
{
    std::vector<std::uint8_t> pixels, labels;
    for (std::int64_t i = 0; i < count * elementCount(picture); ++i)
        pixels.push_back(static_cast<std::uint8_t>(i * i % 251));
    for (std::int64_t i = 0; i < count; ++i)
        labels.push_back(static_cast<std::uint8_t>(i * 7 % classes));
    return backend.hold(pixels, labels, picture);
}

std::vector<std::int32_t> firstIndices(std::int64_t count)
{
    std::vector<std::int32_t> indices;
    for (std::int32_t i = 0; i < count; ++i)
        indices.push_back(i);
    return indices;
}

/// What a short training leaves: every value that it changed, and the losses.
struct Outcome
{
    std::vector<float> values;
    std::vector<double> losses;

    bool operator==(const Outcome &) const = default;
};

Outcome trained(Backend &backend, const NetworkSpec &spec, const Shape &picture, std::int64_t batch,
                bool isOneCall)
{
    TrainingOptions options;
    options.rule.averageDecay = 0.9f;
    options.labelSmoothing = 0.1f;
    Network network(backend, planNetwork(spec, picture, classes).value(), options);
    Random random(3);
    network.initialize(random);
    const Samples samples = somePictures(backend, picture, batch);
    const Pass pass = network.makeTraining(samples, batch);
    const std::vector<std::int32_t> indices = firstIndices(batch);
    std::vector<std::int32_t> backwards(indices.rbegin(), indices.rend());
    const std::array<StepInputs, 3> steps = {StepInputs{indices, 1, 0.1f}, StepInputs{backwards, 2, 0.1f},
                                             StepInputs{indices, 3, 0.05f}};
    Outcome outcome;
    const auto note = [&](std::size_t, double loss) {
        outcome.losses.push_back(loss);
        return true;
    };
    if (isOneCall) {
        pass.plan->run(steps, note);
    } else {
        for (const StepInputs &step : steps)
            pass.plan->run({&step, 1}, note);
    }
    for (const auto &parameter : network.parameters()) {
        for (const Tensor *tensor : {&parameter->value, &parameter->first, &parameter->average}) {
            if (!*tensor)
                continue;
            const std::vector<float> values = test::valuesOf(backend, *tensor);
            outcome.values.insert(outcome.values.end(), values.begin(), values.end());
        }
    }
    return outcome;
}

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
    QVERIFY(checks.size() > 1000);
    for (const SelfCheck &check : checks)
        QVERIFY2(check.isPassed(), selftestTable({check}).c_str());
}

void BackendTest::unknownInstructionSetListsThoseHere()
{
    const auto set = cpu::findInstructionSet("mmx");
    QVERIFY(!set);
    QVERIFY(set.error().code == ErrorCode::Unsupported);
    QVERIFY(QString::fromStdString(set.error().remedy).contains(u"baseline"_s));
}

void BackendTest::resultsDoNotDependOnTheBatch_data()
{
    addBackendRows();
}

void BackendTest::resultsDoNotDependOnTheBatch()
{
    // A sample's probabilities are the same bits alone, among 3, in a whole block, beyond one and among 100.
    QFETCH(QString, name);
    const auto backend = backendNamed(name);
    const Shape picture = {2, 9, 8};
    Network network(*backend, planNetwork(mixedNetwork(), picture, classes).value());
    Random random(3);
    network.initialize(random);
    const Samples samples = somePictures(*backend, picture, 100);
    std::vector<float> first;
    for (const std::int64_t batch : {100, 33, 32, 3, 1}) {
        const Pass pass = network.makePrediction(samples, batch);
        const std::vector<std::int32_t> indices = firstIndices(batch);
        pass.plan->run({indices, 1, 0});
        const std::vector<float> all = test::valuesOf(*backend, *pass.probabilities);
        std::vector<float> column;
        for (std::int64_t c = 0; c < classes; ++c)
            column.push_back(all[static_cast<std::size_t>(c * batch)]);
        if (first.empty())
            first = column;
        QVERIFY2(column == first, qPrintable(QString::number(batch)));
    }
}

void BackendTest::sameBitsForAnyNumberOfThreads_data()
{
    addInstructionSetRows();
}

void BackendTest::sameBitsForAnyNumberOfThreads()
{
    QFETCH(QString, name);
    const cpu::InstructionSet set = cpu::findInstructionSet(name.toStdString()).value();
    CpuBackend alone(set, 1);
    const Outcome mixed = trained(alone, mixedNetwork(), {2, 9, 8}, 100, true);
    const Outcome wide = trained(alone, mlpNetwork({100, 100}), {1, 28, 28}, 33, true);
    QVERIFY(std::isfinite(mixed.losses.back()) && std::isfinite(wide.losses.back()));
    for (const int threads : {2, 3, 5}) {
        CpuBackend backend(set, threads);
        QCOMPARE(backend.threads(), threads);
        QVERIFY(trained(backend, mixedNetwork(), {2, 9, 8}, 100, true) == mixed);
        QVERIFY(trained(backend, mlpNetwork({100, 100}), {1, 28, 28}, 33, true) == wide);
    }
}

void BackendTest::sameBitsInOneCallAndInMany_data()
{
    addBackendRows();
}

void BackendTest::sameBitsInOneCallAndInMany()
{
    QFETCH(QString, name);
    const auto backend = backendNamed(name);
    const Outcome one = trained(*backend, mixedNetwork(), {2, 9, 8}, 40, true);
    QCOMPARE(one.losses.size(), std::size_t(3));
    QVERIFY(one == trained(*backend, mixedNetwork(), {2, 9, 8}, 40, false));
}

void BackendTest::nanPassesThroughEveryLayer_data()
{
    addBackendRows();
}

void BackendTest::nanPassesThroughEveryLayer()
{
    QFETCH(QString, name);
    const auto backend = backendNamed(name);
    const Window window = {1, 2, 2, 2, 2, 0}, padded = {1, 2, 2, 2, 2, 1};
    const Tensor w = filled(*backend, {1, 4}, {1, -1, 1, -1}),
                 kernel = filled(*backend, {1, 1, 2, 2}, {1, -1, 1, -1});
    const Tensor none = filled(*backend, {1}, {0}), one = filled(*backend, {1}, {1});
    for (const std::size_t place : {0, 1, 2, 3}) {
        // Beside values that are larger and smaller, in each place of a window
        std::vector<float> values = {-3, 9, -5, 7};
        values[place] = notANumber;
        const Tensor x = activations(*backend, {1, 2, 2, 1}, values);
        Tensor y = activations(*backend, {4, 1}), single = activations(*backend, {1, 1});
        Tensor four = activations(*backend, {1, 2, 2, 1});
        const auto reaches = [&](const Op &op, Tensor &output, std::size_t index) {
            test::run(*backend, {op});
            return std::isnan(test::valuesOf(*backend, output)[index]);
        };
        QVERIFY(reaches(ops::LinearForward{&w, &none, &x, &single}, single, 0));
        QVERIFY(reaches(ops::LinearForward{&w, &none, &x, &single, Activation::Relu}, single, 0));
        QVERIFY(reaches(ops::ConvForward{window, &kernel, &none, &x, &single}, single, 0));
        QVERIFY(reaches(ops::ConvForward{window, &kernel, &none, &x, &single, Activation::Relu}, single, 0));
        QVERIFY2(reaches(ops::MaxPool{window, &x, &single}, single, 0), qPrintable(QString::number(place)));
        QVERIFY(reaches(ops::MaxPool{padded, &x, &four}, four, place));
        QVERIFY(reaches(ops::AveragePool{window, &x, &single}, single, 0));
        for (const Activation activation :
             {Activation::None, Activation::Relu, Activation::Gelu, Activation::Tanh})
            QVERIFY2(reaches(ops::Activate{activation, &x, &y}, y, place),
                     qPrintable(QString::number(static_cast<int>(activation))));
        QVERIFY(reaches(ops::Dropout{0, 1, &x, &y}, y, place));
        QVERIFY(reaches(ops::Add{&x, &x, &y}, y, place));
        QVERIFY(reaches(ops::BatchNormFixed{1, &one, &none, &none, &one, &x, &y}, y, place));
        Tensor mean = backend->allocate({1}), inverse = backend->allocate({1});
        Tensor runningMean = backend->allocate({1}), runningVariance = backend->allocate({1});
        const ops::BatchNorm norm = {1, &one, &none, &x, &y, &mean, &inverse, &runningMean, &runningVariance};
        QVERIFY(reaches(norm, y, (place + 1) % 4)); // all are of one batch
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
    const Samples samples = somePictures(*backend, {2, 9, 8}, 5);
    const std::vector<std::int32_t> indices = firstIndices(5);
    Network network(*backend, planNetwork(mixedNetwork(), {2, 9, 8}, classes).value());
    for (std::size_t broken = 0; broken < network.parameters().size(); ++broken) {
        Random random(3);
        network.initialize(random);
        Parameter &parameter = *network.parameters()[broken];
        if (parameter.name.ends_with("/avg_mean") || parameter.name.ends_with("/avg_var"))
            continue; // a training does not look at them
        std::vector<float> values = test::valuesOf(*backend, parameter.value);
        values.front() = notANumber;
        backend->upload(values, parameter.value);
        const Pass pass = network.makeTraining(samples, 5);
        double loss = 0;
        const StepInputs step = {indices, 1, 0.1f};
        pass.plan->run({&step, 1}, [&](std::size_t, double told) {
            loss = told;
            return true;
        });
        QVERIFY2(std::isnan(loss), parameter.name.c_str());
        for (const auto &other : network.parameters()) // as they were, for the next one
            backend->upload(std::vector<float>(static_cast<std::size_t>(other->value.count()), 0.5f),
                            other->value);
    }
}

void BackendTest::hugeLogitsStayFinite_data()
{
    addBackendRows();
}

void BackendTest::hugeLogitsStayFinite()
{
    QFETCH(QString, name);
    const auto backend = backendNamed(name);
    const Tensor logits = activations(*backend, {2, 1}, {3e38f, -3e38f});
    Tensor losses = activations(*backend, {1, 1}), gradient = activations(*backend, {2, 1});
    Tensor probabilities = activations(*backend, {2, 1});
    const Samples samples = backend->hold({0}, {0}, {1, 1, 1});
    const std::vector<std::int32_t> indices = {0};
    test::run(*backend, {ops::SoftmaxCrossEntropy{&samples, &logits, &losses, &gradient}}, {indices, 1, 0});
    QCOMPARE(test::valuesOf(*backend, losses)[0], 0.0f);
    QVERIFY(std::abs(test::valuesOf(*backend, gradient)[0]) < 1e-6f);
    test::run(*backend, {ops::SoftmaxPrediction{&samples, &logits, &losses, &probabilities}},
              {indices, 1, 0});
    QVERIFY(test::difference(test::valuesOf(*backend, probabilities), {1, 0}, 1e-30).empty());
    QCOMPARE(test::valuesOf(*backend, losses)[0], 0.0f);
}

void BackendTest::stepsAreToldAndStopped_data()
{
    addBackendRows();
}

void BackendTest::stepsAreToldAndStopped()
{
    QFETCH(QString, name);
    const auto backend = backendNamed(name);
    const Samples samples = somePictures(*backend, {1, 4, 4}, 6);
    Network network(*backend, planNetwork(mlpNetwork({5}), {1, 4, 4}, classes).value());
    Random random(3);
    network.initialize(random);
    const Pass pass = network.makeTraining(samples, 6);
    const std::vector<std::int32_t> indices = firstIndices(6);
    std::vector<StepInputs> steps;
    for (std::int64_t number = 1; number <= 40; ++number)
        steps.push_back({indices, number, 0.1f});
    std::vector<std::size_t> told;
    double last = 0;
    pass.plan->run(steps, [&](std::size_t index, double loss) {
        told.push_back(index);
        last = loss;
        return index < 2;
    });
    QVERIFY(told.size() >= 3); // a device may have been given more, and tells those too
    for (std::size_t i = 0; i < told.size(); ++i)
        QCOMPARE(told[i], i);
    const std::vector<float> losses = test::valuesOf(*backend, *pass.losses);
    double mean = 0;
    for (const float loss : losses)
        mean += double(loss) / 6;
    QVERIFY(std::abs(last - mean) < 1e-6);
    pass.plan->run({}, nullptr);
}

void BackendTest::stepsAreCheckedFirst_data()
{
    addBackendRows();
}

void BackendTest::stepsAreCheckedFirst()
{
    QFETCH(QString, name);
    const auto backend = backendNamed(name);
    const Samples samples = somePictures(*backend, {1, 2, 2}, 3);
    Tensor input = activations(*backend, {1, 2, 2, 2}, std::vector<float>(8, 5.0f));
    const auto plan = backend->compile({ops::Gather{&samples, &input, {}}});
    for (const std::vector<std::int32_t> &wrong :
         {std::vector<std::int32_t>{0}, {0, 1, 2}, {}, {0, 3}, {-1, 0}})
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, plan->run({wrong, 1, 0}));
    QVERIFY(test::valuesOf(*backend, input) == std::vector<float>(8, 5.0f));
}

void BackendTest::shapesAreCheckedFirst_data()
{
    addBackendRows();
}

void BackendTest::shapesAreCheckedFirst()
{
    QFETCH(QString, name);
    const auto backend = backendNamed(name);
    const Tensor w = backend->allocate({4, 3}), b = backend->allocate({4});
    const Tensor x = activations(*backend, {3, 8}), wrong = activations(*backend, {2, 8});
    Tensor y = activations(*backend, {4, 8});
    const ops::LinearForward right = {&w, &b, &x, &y};
    QVERIFY(backend->compile({right}));
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, static_cast<void>(backend->compile(
                                                        {right, ops::LinearForward{&w, &b, &wrong, &y}})));
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument,
                             static_cast<void>(backend->compile({ops::LinearForward{&w, nullptr, &x, &y}})));
}

void BackendTest::valuesComeBackAsTheyWent_data()
{
    addBackendRows();
}

void BackendTest::valuesComeBackAsTheyWent()
{
    QFETCH(QString, name);
    const auto backend = backendNamed(name);
    for (const std::int64_t samples : {1, 31, 32, 33, 100}) {
        std::vector<float> values;
        for (std::int64_t i = 0; i < 3 * 5 * samples; ++i)
            values.push_back(static_cast<float>(i));
        for (const Layout layout : {Layout::Rows, Layout::Samples}) {
            const Tensor tensor = filled(*backend, {3, 5, samples}, values, layout);
            QVERIFY(test::valuesOf(*backend, tensor) == values);
        }
    }
    Tensor tensor = activations(*backend, {4, 8});
    std::vector<float> few(31);
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, backend->upload(few, tensor));
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, backend->download(tensor, few));
    QVERIFY(test::valuesOf(*backend, tensor) == std::vector<float>(32));
}

void BackendTest::samplesMustBeWhole_data()
{
    addBackendRows();
}

void BackendTest::samplesMustBeWhole()
{
    QFETCH(QString, name);
    const auto backend = backendNamed(name);
    const auto hold = [&](std::vector<std::uint8_t> pixels, std::vector<std::uint8_t> labels,
                          const Shape &picture) {
        return backend->hold(std::move(pixels), std::move(labels), picture);
    };
    const Samples samples = hold(std::vector<std::uint8_t>(24), {0, 1}, {3, 2, 2});
    QCOMPARE(samples.count, 2);
    QCOMPARE(samples.features(), 12);
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, static_cast<void>(hold({1, 2, 3}, {0, 1}, {1, 1, 2})));
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, static_cast<void>(hold({1, 2, 3, 4}, {0, 1}, {1, 1, 1})));
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, static_cast<void>(hold({1, 2, 3, 4}, {0, 1}, {1, 2})));
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, static_cast<void>(hold({}, {}, {1, 1, 1})));
}

void BackendTest::tensorsAreAlignedAndZero()
{
    const Tensor rows = hostTensor({3, 5, 17});
    QCOMPARE(rows.rows(), 3);
    QCOMPARE(rows.columns(), 85);
    QCOMPARE(rows.stride(), 96);
    const auto isZero = [](const float *values, std::int64_t count) {
        return std::all_of(values, values + count, [](float v) { return v == 0; });
    };
    const auto isAligned = [](const float *values) {
        return reinterpret_cast<std::uintptr_t>(values) % 64 == 0;
    };
    for (std::int64_t r = 0; r < rows.rows(); ++r)
        QVERIFY(isAligned(rows.row(r)) && isZero(rows.row(r), rows.stride()));

    const Tensor samples = hostTensor({3, 5, 33}, Layout::Samples);
    QCOMPARE(samples.features(), 15);
    QCOMPARE(samples.samples(), 33);
    QCOMPARE(samples.blocks(), 2);
    for (std::int64_t b = 0; b < samples.blocks(); ++b)
        QVERIFY(isAligned(samples.block(b)) && isZero(samples.block(b), 15 * Tensor::blockSize));
}

void BackendTest::impossibleShapesThrow()
{
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, static_cast<void>(hostTensor({3, 0})));
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, static_cast<void>(hostTensor({-1})));
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, static_cast<void>(hostTensor({1LL << 40, 1LL << 40})));
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, static_cast<void>(hostTensor({0, 3}, Layout::Samples)));
}

BOTTEGA_TEST_MAIN(BackendTest)
#include "tst_backend.moc"
