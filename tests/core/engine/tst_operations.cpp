// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/reference/referencebackend.h"
#include "tests/support/testcase.h"

#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

using namespace bottega;
using namespace bottega::engine;

/// What is said of operations before any of them runs.
class OperationsTest : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void complaintsNameOperationAndOperand();
    void haveNames();
};

namespace {

constexpr float notANumber = std::numeric_limits<float>::quiet_NaN();

/// Operands that fit together or do not, for checks that never look at the values.
struct HostTensors
{
    Tensor x = hostTensor({2, 4, 4, 5}, Layout::Samples);
    Tensor flat = hostTensor({32, 5}, Layout::Samples);
    Tensor other = hostTensor({32, 6}, Layout::Samples);
    Tensor inRows = hostTensor({32, 5});
    Tensor w = hostTensor({3, 32});
    Tensor b = hostTensor({3});
    Tensor each = hostTensor({2});
    Tensor y = hostTensor({3, 5}, Layout::Samples);
    Tensor losses = hostTensor({1, 5}, Layout::Samples);
    Tensor kernel = hostTensor({3, 2, 3, 3});
    Tensor maps = hostTensor({3, 2, 2, 5}, Layout::Samples);
    Tensor empty;
    Parameter trained, stored, bare;
    Samples unlabelled;
    Samples samples = ReferenceBackend().hold({0}, {0}, {1, 1, 1});

    HostTensors()
    {
        trained.value = hostTensor({3, 32});
        trained.first = hostTensor({3, 32});
        stored.value = hostTensor({3, 32});
        stored.gradient = hostTensor({32, 3});
        bare.name = "l2/W";
        bare.value = hostTensor({3});
    }
};

} // namespace

void OperationsTest::complaintsNameOperationAndOperand()
{
    HostTensors t;
    UpdateRule adam, averaged;
    adam.kind = OptimizerKind::Adam;
    averaged.averageDecay = 0.9f;
    const std::vector<std::pair<Op, const char *>> complaints = {
        {ops::Gather{&t.unlabelled, &t.flat, {}}, "Gather: no samples"},
        {ops::Gather{&t.samples, &t.flat, {}}, "Gather: input is [32, 5], not [1, 1, 1, 5]"},
        {ops::LinearForward{&t.w, &t.b, &t.other, &t.y}, "LinearForward: input is [32, 6], not [32, 5]"},
        {ops::LinearForward{&t.w, &t.each, &t.flat, &t.y}, "LinearForward: bias is [2], not [3]"},
        {ops::LinearForward{&t.w, &t.b, &t.flat, &t.empty}, "LinearForward: no output"},
        {ops::LinearForward{nullptr, &t.b, &t.flat, &t.y}, "LinearForward: no weights"},
        {ops::LinearForward{&t.w, &t.b, &t.inRows, &t.y},
         "LinearForward: input [32, 5] is laid out in rows, not in samples"},
        {ops::LinearForward{&t.w, &t.b, &t.flat, &t.y, Activation::Tanh},
         "LinearForward: only ReLU can be part of it"},
        {ops::LinearInputGradient{&t.w, &t.y, &t.y, &t.flat},
         "LinearInputGradient: mask is [3, 5], not [32, 5]"},
        {ops::LinearWeights{&t.flat, &t.y, &t.trained, &t.bare, adam},
         "LinearWeights: weights has no second moment"},
        {ops::LinearWeights{&t.flat, &t.y, &t.trained, &t.bare, averaged},
         "LinearWeights: weights has no average"},
        {ops::LinearWeights{&t.flat, &t.y, &t.trained, nullptr, {}}, "LinearWeights: no bias"},
        {ops::LinearWeights{&t.flat, &t.y, &t.stored, &t.bare, {}},
         "LinearWeights: weights: gradient is [32, 3], not [3, 32]"},
        {ops::ConvForward{{2, 4, 4, 2, 1, 0}, &t.kernel, &t.b, &t.x, &t.maps},
         "ConvForward: weights is [3, 2, 3, 3], not [3, 2, 2, 2]"},
        {ops::ConvForward{{2, 4, 4, 3, 1, 1}, &t.kernel, &t.b, &t.x, &t.maps},
         "ConvForward: output is [3, 2, 2, 5], not [3, 4, 4, 5]"},
        {ops::ConvForward{{2, 4, 4, 3, 0, 0}, &t.kernel, &t.b, &t.x, &t.maps}, "ConvForward: a stride of 0"},
        {ops::MaxPool{{2, 4, 4, 2, 2, 2}, &t.x, &t.maps}, "MaxPool: a padding of 2 for a kernel of 2"},
        {ops::AveragePool{{2, 4, 4, 7, 1, 1}, &t.x, &t.maps},
         "AveragePool: a kernel of 7 does not fit 4 × 4 with a padding of 1"},
        {ops::MaxPool{{2, 0, 4, 1, 1, 0}, &t.x, &t.maps}, "MaxPool: no window slides over [2, 0, 4]"},
        {ops::BatchNormFixed{3, &t.b, &t.b, &t.b, &t.b, &t.flat, &t.flat},
         "BatchNormFixed: 32 values a sample do not make 3 channels"},
        {ops::BatchNormFixed{2, &t.each, &t.b, &t.each, &t.each, &t.flat, &t.flat},
         "BatchNormFixed: beta is [3], not [2]"},
        {ops::Dropout{1, 0, &t.flat, &t.flat}, "Dropout: a rate of 1.000000; it goes from 0 to below 1"},
        {ops::Dropout{notANumber, 0, &t.flat, &t.flat}, "Dropout: a rate of nan; it goes from 0 to below 1"},
        {ops::SoftmaxCrossEntropy{&t.samples, &t.y, &t.losses, &t.y, 1},
         "SoftmaxCrossEntropy: a smoothing of 1.000000; it goes from 0 to below 1"},
        {ops::SoftmaxCrossEntropy{&t.samples, &t.y, &t.y, &t.y},
         "SoftmaxCrossEntropy: losses is [3, 5], not [1, 5]"},
        {ops::Add{&t.flat, &t.other, &t.flat}, "Add: other is [32, 6], not [32, 5]"},
        {ops::ClipNorm{{&t.bare}, 1}, "ClipNorm: l2/W has no gradient"},
        {ops::ClipNorm{{}, 0}, "ClipNorm: a limit of 0.000000"},
        {ops::AllReduce{{}, nullptr}, "AllReduce: no communicator"},
        {ops::Update{nullptr, {}}, "Update: no parameter"}};
    for (const auto &[op, complaint] : complaints) {
        try {
            check(op);
            QFAIL(complaint);
        } catch (const std::invalid_argument &error) {
            QCOMPARE(error.what(), complaint);
        }
    }
    check(ops::LinearForward{&t.w, &t.b, &t.x, &t.y}); // [2, 4, 4, 5] are 32 values of 5 samples too
}

void OperationsTest::haveNames()
{
    QCOMPARE(engine::nameOf(ops::Gather{}), "Gather");
    QCOMPARE(engine::nameOf(ops::LinearWeights{}), "LinearWeights");
    QCOMPARE(engine::nameOf(ops::ConvWeights{}), "ConvWeights");
    QCOMPARE(engine::nameOf(ops::AveragePoolGradient{}), "AveragePoolGradient");
    QCOMPARE(engine::nameOf(ops::Dropout{}), "Dropout");
    QCOMPARE(engine::nameOf(ops::BatchNormFixed{}), "BatchNormFixed");
    QCOMPARE(engine::nameOf(ops::SoftmaxPrediction{}), "SoftmaxPrediction");
    QCOMPARE(engine::nameOf(ops::Update{}), "Update");
    QVERIFY(splitOf(ops::ConvForward{}) == Split::Samples);
    QVERIFY(splitOf(ops::ConvWeights{}) == Split::Rows);
    QVERIFY(splitOf(ops::ClipNorm{}) == Split::Whole);
}

BOTTEGA_TEST_MAIN(OperationsTest)
#include "tst_operations.moc"
