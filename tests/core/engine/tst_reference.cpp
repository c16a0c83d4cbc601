// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/reference/referencebackend.h"
#include "core/engine/comm/communicator.h"
#include "tests/core/engine/tensors.h"
#include "tests/support/testcase.h"

#include <algorithm>
#include <cmath>

using namespace bottega;
using namespace bottega::engine;
using bottega::test::activations;
using bottega::test::difference;
using bottega::test::filled;

#define COMPARE_VALUES(tensor, tolerance, ...)                                                               \
    do {                                                                                                     \
        const std::string off = difference(test::valuesOf(m_backend, tensor), {__VA_ARGS__}, tolerance);     \
        QVERIFY2(off.empty(), off.c_str());                                                                  \
    } while (false)

/// The oracle against numbers computed elsewhere: by hand, or by PyTorch 1.13 in float64. Where inputs are
/// quarters and the operation only adds and multiplies, nothing is rounded and the numbers must be met
/// exactly.
class ReferenceTest : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void gather();
    void augmentationIsAFunctionOfStepAndPlace();
    void linear();
    void convolution();
    void maxPooling();
    void tiesGoToTheFirst();
    void averagePooling();
    void activationFunctions();
    void masksCutGradients();
    void dropout();
    void batchNorm();
    void batchNormOfOneValue();
    void crossEntropy();
    void labelsBeyondTheClasses();
    void optimizers_data();
    void optimizers();
    void movingAverage();
    void clipping();
    void reduction();

private:
    ReferenceBackend m_backend;
};

namespace {

constexpr double rounding = 1e-6;

/// Quarters around zero: ((i · factor) mod modulus − modulus / 2) / 4.
std::vector<float> quarters(int count, int factor, int modulus, float offset = 0)
{
    std::vector<float> values;
    for (int i = 0; i < count; ++i)
        values.push_back(static_cast<float>(i * factor % modulus - modulus / 2) / 4 + offset);
    return values;
}

} // namespace

void ReferenceTest::gather()
{
    const Samples samples = m_backend.hold({0, 51, 255, 102, 153, 204}, {1, 0, 1}, {1, 1, 2});
    QCOMPARE(samples.count, 3);
    Tensor input = activations(m_backend, {1, 1, 2, 2});
    const std::vector<std::int32_t> indices = {2, 0};
    test::run(m_backend, {ops::Gather{&samples, &input, {}}}, {indices, 1, 0});
    COMPARE_VALUES(input, 1e-7, 0.6, 0, 0.8, 0.2);
}

void ReferenceTest::augmentationIsAFunctionOfStepAndPlace()
{
    std::vector<std::uint8_t> pixels;
    for (int i = 0; i < 2 * 64; ++i)
        pixels.push_back(static_cast<std::uint8_t>(i % 64 * 4));
    const Samples samples = m_backend.hold(pixels, {0, 0}, {1, 8, 8});
    const std::vector<std::int32_t> indices = {0, 1}; // two equal pictures
    const auto gathered = [&](std::int64_t step, std::uint64_t seed) {
        Tensor input = activations(m_backend, {1, 8, 8, 2});
        test::run(m_backend, {ops::Gather{&samples, &input, {2, 10, 0.1f, 1}, seed}}, {indices, step, 0});
        return test::valuesOf(m_backend, input);
    };
    const std::vector<float> first = gathered(1, 1);
    QVERIFY(gathered(1, 1) == first);
    QVERIFY(gathered(2, 1) != first);
    QVERIFY(gathered(1, 2) != first);
    bool isSame = true;
    for (std::size_t i = 0; i < first.size(); i += 2)
        isSame &= first[i] == first[i + 1];
    QVERIFY(!isSame);
}

void ReferenceTest::linear()
{
    const UpdateRule rule;
    Parameter w, b;
    w.value = filled(m_backend, {2, 3}, {1, 2, 3, -1, 0, 0.5f});
    b.value = filled(m_backend, {2}, {0.5f, -4});
    w.gradient = m_backend.allocate({2, 3});
    b.gradient = m_backend.allocate({2});
    const Tensor x = activations(m_backend, {3, 2}, {1, -1, 2, 0, 3, 4});
    Tensor y = activations(m_backend, {2, 2}), dx = activations(m_backend, {3, 2});
    test::run(m_backend, {ops::LinearForward{&w.value, &b.value, &x, &y}});
    COMPARE_VALUES(y, 0, 14.5, 11.5, -3.5, -1);
    test::run(m_backend, {ops::LinearForward{&w.value, &b.value, &x, &y, Activation::Relu}});
    COMPARE_VALUES(y, 0, 14.5, 11.5, 0, 0);
    const Tensor dy = activations(m_backend, {2, 2}, {1, 2, -1, 4});
    test::run(m_backend, {ops::LinearInputGradient{&w.value, &dy, nullptr, &dx},
                          ops::LinearWeights{&x, &dy, &w, &b, rule}});
    COMPARE_VALUES(dx, 0, 2, -2, 2, 4, 2.5, 8);
    COMPARE_VALUES(w.gradient, 0, -1, 2, 11, -5, -2, 13);
    COMPARE_VALUES(b.gradient, 0, 3, 3);
}

void ReferenceTest::convolution()
{
    const Window window = {2, 4, 3, 3, 2, 1};
    Parameter w, b;
    w.value = filled(m_backend, {2, 2, 3, 3}, quarters(36, 5, 13));
    b.value = filled(m_backend, {2}, {0.5f, -1});
    w.gradient = m_backend.allocate({2, 2, 3, 3});
    b.gradient = m_backend.allocate({2});
    const Tensor x = activations(m_backend, {2, 4, 3, 2}, quarters(48, 7, 11));
    const Tensor dy = activations(m_backend, {2, 2, 2, 2}, quarters(16, 3, 7));
    Tensor y = activations(m_backend, {2, 2, 2, 2}), dx = activations(m_backend, {2, 4, 3, 2});
    test::run(m_backend, {ops::ConvForward{window, &w.value, &b.value, &x, &y},
                          ops::ConvInputGradient{window, &w.value, &dy, nullptr, &dx},
                          ops::ConvWeights{window, &x, &dy, &w, &b, {}}});
    COMPARE_VALUES(y, 0, 3.0625, -1.1875, -0.75, -3.375, -3.5, 2.6875, -1.1875, 0.8125, 0.75, 0.75, 1, -4.25,
                   -1.25, 1.9375, -5.0625, -1.75);
    COMPARE_VALUES(dx, 0, -0.1875, 0, -1.5625, 0.5625, 0.1875, -0.0625, -0.4375, 0.375, -0.625, -0.5625, 0.75,
                   0.25, 0.125, -0.125, 0.8125, 0.3125, 0.0625, -0.1875, 0.125, -0.25, 0.5625, 0.625, -0.1875,
                   -0.5625, 1.125, 1.125, 0.5, -0.375, -1.5, 1.125, 0.875, -1.3125, 0.6875, 0.25, -0.875,
                   -1.3125, -1.5, 1.125, 0.0625, -0.375, -1.5, 1.125, 0.125, 0.1875, -0.1875, -0.875, 0.6875,
                   0.75);
    COMPARE_VALUES(w.gradient, 0, -0.8125, 1.375, -0.875, -0.5625, 0.875, 0.875, -0.5625, -0.8125, 1.25,
                   0.875, -0.375, 0.5, -0.5625, 2.375, -1.0625, -0.5625, 0.6875, -0.6875, 0.75, -0.3125,
                   0.6875, -0.1875, 0.125, 0.375, 0.0625, 0.125, 0.125, 0.1875, 0.3125, -0.1875, 0.125, 0.125,
                   0.0625, 0.375, 0.125, -0.1875);
    COMPARE_VALUES(b.gradient, 0, -0.75, 0);
    test::run(m_backend, {ops::ConvForward{window, &w.value, &b.value, &x, &y, Activation::Relu}});
    COMPARE_VALUES(y, 0, 3.0625, 0, 0, 0, 0, 2.6875, 0, 0.8125, 0.75, 0.75, 1, 0, 0, 1.9375, 0, 0);
}

void ReferenceTest::maxPooling()
{
    const Window window = {1, 4, 3, 3, 2, 1}; // all values are negative: padding, were it zero, would win
    const Tensor x = activations(m_backend, {1, 4, 3, 2}, quarters(24, 7, 11, -2));
    const Tensor dy = activations(m_backend, {1, 2, 2, 2}, quarters(8, 3, 7));
    Tensor y = activations(m_backend, {1, 2, 2, 2}), dx = activations(m_backend, {1, 4, 3, 2});
    test::run(m_backend,
              {ops::MaxPool{window, &x, &y}, ops::MaxPoolGradient{window, &x, &y, &dy, nullptr, &dx}});
    COMPARE_VALUES(y, 0, -1, -0.75, -1.75, -0.75, -0.75, -1.25, -0.75, -1);
    COMPARE_VALUES(dx, 0, 0, 0, 0, -0.25, 0.75, 0, -0.75, 0, 0, -0.5, 0, 0, 0, 0, 0.75, 0, 0, -0.75, 0, 0, 0,
                   0, 0, 0);
}

void ReferenceTest::tiesGoToTheFirst()
{
    const Window window = {1, 2, 2, 2, 2, 0};
    const Tensor x = activations(m_backend, {1, 2, 2, 1}, {1, 3, 3, 3});
    const Tensor dy = activations(m_backend, {1, 1, 1, 1}, {5});
    Tensor y = activations(m_backend, {1, 1, 1, 1}), dx = activations(m_backend, {1, 2, 2, 1});
    test::run(m_backend,
              {ops::MaxPool{window, &x, &y}, ops::MaxPoolGradient{window, &x, &y, &dy, nullptr, &dx}});
    COMPARE_VALUES(dx, 0, 0, 5, 0, 0);
}

void ReferenceTest::averagePooling()
{
    const Window window = {1, 4, 3, 3, 2, 1};
    const Tensor x = activations(m_backend, {1, 4, 3, 2}, quarters(24, 7, 11, -2));
    const Tensor dy = activations(m_backend, {1, 2, 2, 2}, quarters(8, 3, 7));
    Tensor y = activations(m_backend, {1, 2, 2, 2}), dx = activations(m_backend, {1, 4, 3, 2});
    test::run(m_backend,
              {ops::AveragePool{window, &x, &y}, ops::AveragePoolGradient{window, &dy, nullptr, &dx}});
    COMPARE_VALUES(y, rounding, -1.08333333, -0.611111111, -1.05555556, -0.888888889, -1.05555556,
                   -1.41666667, -1.47222222, -1.22222222);
    COMPARE_VALUES(dx, rounding, -0.0833333333, 0, 0, -0.0277777778, 0.0833333333, -0.0277777778,
                   -0.0277777778, -0.0555555556, 0.0833333333, -0.166666667, 0.111111111, -0.111111111,
                   0.0555555556, -0.0555555556, 0.0833333333, -0.138888889, 0.0277777778, -0.0833333333,
                   0.0555555556, -0.0555555556, 0.0833333333, -0.138888889, 0.0277777778, -0.0833333333);
}

void ReferenceTest::activationFunctions()
{
    const Shape shape = {8, 1};
    const Tensor x = activations(m_backend, shape, {-6, -3, -1, -0.5f, 0, 0.5f, 1, 3});
    const Tensor ones = activations(m_backend, shape, std::vector<float>(8, 1.0f));
    Tensor y = activations(m_backend, shape), dx = activations(m_backend, shape);
    const auto apply = [&](Activation activation) {
        test::run(m_backend,
                  {ops::Activate{activation, &x, &y}, ops::ActivateGradient{activation, &x, &y, &ones, &dx}});
    };
    apply(Activation::Gelu);
    COMPARE_VALUES(y, 2e-7, -5.91952587e-09, -0.00404969409, -0.158655254, -0.154268769, 0, 0.345731231,
                   0.841344746, 2.99595031);
    COMPARE_VALUES(dx, 2e-7, -3.54687095e-08, -0.0119456472, -0.0833154706, 0.132504875, 0.5, 0.867495125,
                   1.08331547, 1.01194565);
    apply(Activation::Relu);
    COMPARE_VALUES(y, 0, 0, 0, 0, 0, 0, 0.5, 1, 3);
    COMPARE_VALUES(dx, 0, 0, 0, 0, 0, 0, 1, 1, 1);
    apply(Activation::Tanh);
    COMPARE_VALUES(y, 1e-7, -0.9999877117, -0.9950547537, -0.7615941560, -0.4621171573, 0, 0.4621171573,
                   0.7615941560, 0.9950547537);
    COMPARE_VALUES(dx, 2e-7, 0.0000245765, 0.0098660372, 0.4199743416, 0.7864477330, 1, 0.7864477330,
                   0.4199743416, 0.0098660372);
    apply(Activation::None);
    COMPARE_VALUES(y, 0, -6, -3, -1, -0.5, 0, 0.5, 1, 3);
}

void ReferenceTest::masksCutGradients()
{
    const Tensor w = filled(m_backend, {1, 4}, {1, 2, 3, 4}), dy = activations(m_backend, {1, 1}, {2});
    const Tensor mask = activations(m_backend, {4, 1}, {0, 0.5f, -0.0f, 7});
    Tensor dx = activations(m_backend, {4, 1});
    test::run(m_backend, {ops::LinearInputGradient{&w, &dy, &mask, &dx}});
    COMPARE_VALUES(dx, 0, 0, 4, 0, 8);
    const Tensor dy2 = activations(m_backend, {1, 1, 1, 1}, {8});
    test::run(m_backend, {ops::AveragePoolGradient{{1, 2, 2, 2, 2, 0}, &dy2, &mask, &dx}});
    COMPARE_VALUES(dx, 0, 0, 2, 0, 2);
}

void ReferenceTest::dropout()
{
    constexpr std::size_t count = 100 * 100;
    const Tensor ones = activations(m_backend, {100, 100}, std::vector<float>(count, 1.0f));
    const auto dropped = [&](std::int64_t step, std::uint64_t seed) {
        Tensor y = activations(m_backend, {100, 100});
        test::run(m_backend, {ops::Dropout{0.2f, seed, &ones, &y}}, {{}, step, 0});
        return test::valuesOf(m_backend, y);
    };
    const std::vector<float> first = dropped(1, 1);
    const auto gone = std::count(first.begin(), first.end(), 0.0f);
    QVERIFY2(std::abs(double(gone) / count - 0.2) < 0.016,
             qPrintable(QString::number(gone))); // four deviations
    QCOMPARE(std::count(first.begin(), first.end(), 1.25f), std::ptrdiff_t(count) - gone);
    QVERIFY(dropped(1, 1) == first);
    for (const auto &other : {dropped(2, 1), dropped(1, 2), dropped(1, 1 + (1ULL << 32))}) {
        std::size_t same = 0; // both there or both gone: 0.8² + 0.2² of all
        for (std::size_t i = 0; i < count; ++i)
            same += other[i] == first[i] ? 1 : 0;
        QVERIFY2(std::abs(double(same) / count - 0.68) < 0.02, qPrintable(QString::number(same)));
    }
}

void ReferenceTest::batchNorm()
{
    const Shape shape = {2, 2, 2}; // channels, positions, N
    const Tensor x = activations(m_backend, shape, {1, 2, 3, 4, -1, 0.5f, 2, 7});
    const Tensor dy = activations(m_backend, shape, {1, 0, -2, 0.5f, 0.25f, 1, -1, 3});
    Parameter gamma, beta;
    gamma.value = filled(m_backend, {2}, {2, 0.5f});
    beta.value = filled(m_backend, {2}, {1, -1});
    gamma.gradient = m_backend.allocate({2});
    beta.gradient = m_backend.allocate({2});
    Tensor y = activations(m_backend, shape), dx = activations(m_backend, shape);
    Tensor mean = m_backend.allocate({2}), inverse = m_backend.allocate({2});
    Tensor runningMean = filled(m_backend, {2}, {0, 1}), runningVariance = filled(m_backend, {2}, {1, 2});
    test::run(m_backend,
              {ops::BatchNormFixed{2, &gamma.value, &beta.value, &runningMean, &runningVariance, &x, &y}});
    COMPARE_VALUES(y, 2e-6, 2.99999, 4.99998, 6.99997, 8.99996, -1.70710501, -1.17677625, -0.646447493,
                   1.12131504);
    test::run(m_backend,
              {ops::BatchNorm{2, &gamma.value, &beta.value, &x, &y, &mean, &inverse, &runningMean,
                              &runningVariance},
               ops::BatchNormGradient{2, &x, &mean, &inverse, &dy, nullptr, &dx, &gamma, &beta, {}}});
    COMPARE_VALUES(y, rounding, -1.68327084, 0.105576387, 1.89442361, 3.68327084, -1.51948198, -1.27013063,
                   -1.02077928, -0.189608104);
    COMPARE_VALUES(mean, 0, 2.5, 2.125);
    COMPARE_VALUES(runningMean, rounding, 0.25, 1.1125);
    COMPARE_VALUES(runningVariance, rounding, 1.06666667, 3.00625);
    COMPARE_VALUES(dx, rounding, 1.07331585, -0.089439857, -3.04104279, 2.0571668, 0.0836911332, 0.123311822,
                   -0.294211636, 0.0872086802);
    COMPARE_VALUES(gamma.gradient, rounding, -1.56524132, 4.10390768);
    COMPARE_VALUES(beta.gradient, 0, -0.5, 3.25);
}

void ReferenceTest::batchNormOfOneValue()
{
    const Tensor x = activations(m_backend, {1, 1}, {5}), gamma = filled(m_backend, {1}, {2});
    const Tensor beta = filled(m_backend, {1}, {3});
    Tensor y = activations(m_backend, {1, 1}), mean = m_backend.allocate({1}),
           inverse = m_backend.allocate({1});
    Tensor runningMean = m_backend.allocate({1}), runningVariance = filled(m_backend, {1}, {1});
    test::run(m_backend,
              {ops::BatchNorm{1, &gamma, &beta, &x, &y, &mean, &inverse, &runningMean, &runningVariance}});
    COMPARE_VALUES(y, 0, 3);
    COMPARE_VALUES(runningVariance, rounding, 0.9);
}

void ReferenceTest::crossEntropy()
{
    const Samples samples = m_backend.hold({0, 0}, {0, 2}, {1, 1, 1});
    const std::vector<std::int32_t> indices = {1, 0};
    const Tensor logits = activations(m_backend, {3, 2}, {0, -1, 1, 3, 2, 0.5f});
    Tensor losses = activations(m_backend, {1, 2}), gradient = activations(m_backend, {3, 2});
    Tensor probabilities = activations(m_backend, {3, 2});
    test::run(m_backend, {ops::SoftmaxCrossEntropy{&samples, &logits, &losses, &gradient, 0.3f}},
              {indices, 1, 0});
    COMPARE_VALUES(losses, rounding, 0.707605964, 3.54567433);
    COMPARE_VALUES(gradient, rounding, -0.00498471341, -0.391677741, 0.0723642355, 0.404379962, -0.0673795221,
                   -0.0127022214);
    test::run(m_backend, {ops::SoftmaxPrediction{&samples, &logits, &losses, &probabilities}},
              {indices, 1, 0});
    COMPARE_VALUES(losses, rounding, 0.407605964, 4.09567433);
    COMPARE_VALUES(probabilities, rounding, 0.0900305732, 0.0166445186, 0.244728471, 0.908759924, 0.665240956,
                   0.0745955571);
    QVERIFY(std::abs(meanLoss(losses) - (0.407605964 + 4.09567433) / 2) < rounding);
}

void ReferenceTest::labelsBeyondTheClasses()
{
    const Samples samples = m_backend.hold({0}, {3}, {1, 1, 1});
    const std::vector<std::int32_t> indices = {0};
    const Tensor logits = activations(m_backend, {3, 1});
    Tensor losses = activations(m_backend, {1, 1}), gradient = activations(m_backend, {3, 1});
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument,
                             test::run(m_backend,
                                       {ops::SoftmaxCrossEntropy{&samples, &logits, &losses, &gradient}},
                                       {indices, 1, 0}));
}

void ReferenceTest::optimizers_data()
{
    QTest::addColumn<OptimizerKind>("kind");
    QTest::addColumn<float>("weightDecay");
    QTest::addColumn<double>("first");
    QTest::addColumn<double>("second");
    QTest::newRow("SGD with decay") << OptimizerKind::Sgd << 0.1f << 1.007794 << -2.1140955;
    QTest::newRow("momentum") << OptimizerKind::Momentum << 0.0f << 1.042 << -2.31225;
    QTest::newRow("Nesterov") << OptimizerKind::Nesterov << 0.0f << 1.0753 << -2.456025;
    QTest::newRow("Adam") << OptimizerKind::Adam << 0.0f << 0.957632683 << -2.0161896;
    QTest::newRow("Adam with decay") << OptimizerKind::Adam << 0.1f << 0.931904349 << -1.9924882;
    QTest::newRow("AdamW") << OptimizerKind::AdamW << 0.1f << 0.929555579 << -1.95812228;
}

void ReferenceTest::optimizers()
{
    QFETCH(OptimizerKind, kind);
    QFETCH(float, weightDecay);
    QFETCH(double, first);
    QFETCH(double, second);
    UpdateRule rule;
    rule.kind = kind;
    rule.weightDecay = weightDecay;
    Parameter parameter;
    parameter.decays = true;
    parameter.value = filled(m_backend, {2}, {1, -2});
    parameter.gradient = m_backend.allocate({2});
    parameter.first = m_backend.allocate({2});
    parameter.second = m_backend.allocate({2});
    const auto plan = m_backend.compile({ops::Update{&parameter, rule}});
    std::int64_t number = 1;
    for (const std::vector<float> &gradient :
         {std::vector{0.5f, -0.25f}, std::vector{-1.0f, 2.0f}, std::vector{0.125f, 0.0f}}) {
        m_backend.upload(gradient, parameter.gradient);
        plan->run({{}, number++, 0.1f});
    }
    COMPARE_VALUES(parameter.value, rounding, first, second);
}

void ReferenceTest::movingAverage()
{
    UpdateRule rule;
    rule.kind = OptimizerKind::Sgd;
    rule.averageDecay = 0.75f;
    Parameter parameter;
    parameter.value = filled(m_backend, {2}, {1, 2});
    parameter.gradient = filled(m_backend, {2}, {2, -4});
    parameter.average = filled(m_backend, {2}, {4, 8});
    test::run(m_backend, {ops::Update{&parameter, rule}}, {{}, 100, 0.5f});
    COMPARE_VALUES(parameter.value, 0, 0, 4);
    COMPARE_VALUES(parameter.average, 0, 3, 7);
    m_backend.upload(std::vector<float>{0, 0}, parameter.gradient);
    test::run(m_backend, {ops::Update{&parameter, rule}}, {{}, 2, 0.5f}); // young averages keep (1 + t) / (10 + t): a quarter
    COMPARE_VALUES(parameter.average, 1e-6, 0.75, 4.75);
}

void ReferenceTest::clipping()
{
    Parameter one, other;
    one.value = m_backend.allocate({1});
    other.value = m_backend.allocate({1});
    one.gradient = filled(m_backend, {1}, {3});
    other.gradient = filled(m_backend, {1}, {-4});
    test::run(m_backend, {ops::ClipNorm{{&one, &other}, 10}});
    COMPARE_VALUES(one.gradient, 0, 3);
    test::run(m_backend, {ops::ClipNorm{{&one, &other}, 1}});
    COMPARE_VALUES(one.gradient, rounding, 0.6);
    COMPARE_VALUES(other.gradient, rounding, -0.8);
}

void ReferenceTest::reduction()
{
    class Ones final : public Communicator // the other rank's gradients are all one
    {
    public:
        int rank() const override { return 0; }
        int ranks() const override { return 2; }
        void allReduceMean(std::span<float> values) override
        {
            for (float &value : values)
                value = (value + 1) / 2;
        }
        void barrier() override {}
    } communicator;
    Parameter parameter;
    parameter.name = "l1/W";
    parameter.value = m_backend.allocate({2, 2});
    parameter.gradient = filled(m_backend, {2, 2}, {3, 5, 7, -1});
    test::run(m_backend, {ops::AllReduce{{&parameter}, &communicator}});
    COMPARE_VALUES(parameter.gradient, 0, 2, 3, 4, 0);
    QCOMPARE(parameter.gradient.row(0)[2], 0.0f); // padding stays zero
}

BOTTEGA_TEST_MAIN(ReferenceTest)
#include "tst_reference.moc"
