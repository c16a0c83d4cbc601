// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/reference/referencebackend.h"
#include "core/engine/selftest/checks.h"
#include "tests/support/testcase.h"

#include <algorithm>
#include <cmath>
#include <functional>

using namespace bottega;
using namespace bottega::engine;
using namespace bottega::engine::selftesting;
using namespace Qt::StringLiterals;

/// The selftest finds mistakes of the kind that still train, only worse.
class SelftestTest : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void findsMistakes_data();
    void findsMistakes();
    void tableTellsEachOperationOnceAndEachFailure();
    void nanFails();
};

namespace {

/// One thing that a backend does wrong: runs the operation in its own way, and says so, or leaves it to the
/// reference.
using Mistake = std::function<bool(const Op &op, const StepInputs &step)>;

ReferenceBackend &right()
{
    static ReferenceBackend backend;
    return backend;
}

void runRight(const Op &op, const StepInputs &step)
{
    right().compile({op})->run(step);
}

class WrongBackend final : public HostBackend
{
public:
    explicit WrongBackend(Mistake mistake)
        : m_mistake(std::move(mistake))
    {
    }
    std::string name() const override { return "wrong"; }
    std::string description() const override { return "makes one mistake"; }
    std::unique_ptr<Plan> compile(Program program) override
    {
        return std::make_unique<WrongPlan>(m_mistake, std::move(program));
    }

private:
    class WrongPlan final : public Plan
    {
    public:
        WrongPlan(Mistake mistake, Program program)
            : m_mistake(std::move(mistake))
            , m_program(std::move(program))
        {
        }
        void run(std::span<const StepInputs> steps, const StepDone &done) override
        {
            for (std::size_t i = 0; i < steps.size(); ++i) {
                for (const Op &op : m_program) {
                    if (!m_mistake(op, steps[i]))
                        runRight(op, steps[i]);
                }
                if (done && !done(i, 0))
                    return;
            }
        }

    private:
        Mistake m_mistake;
        Program m_program;
    };

    Mistake m_mistake;
};

/// Runs operations of one type as `change` left them.
template <class Operation, class Change> Mistake changed(Change change)
{
    return [change](const Op &op, const StepInputs &step) {
        if (!std::holds_alternative<Operation>(op))
            return false;
        Operation operation = std::get<Operation>(op);
        change(operation);
        runRight(operation, step);
        return true;
    };
}

/// Spoils what operations of one type gave.
template <class Operation, class Spoil> Mistake spoiled(Spoil spoil)
{
    return [spoil](const Op &op, const StepInputs &step) {
        if (!std::holds_alternative<Operation>(op))
            return false;
        runRight(op, step);
        spoil(std::get<Operation>(op));
        return true;
    };
}

template <class Operation> Mistake inStep(std::int64_t number)
{
    return [number](const Op &op, StepInputs step) {
        if (!std::holds_alternative<Operation>(op))
            return false;
        step.number = number;
        runRight(op, step);
        return true;
    };
}

/// The tensor with the columns that lie beyond the batch as if they belonged to it.
Tensor widened(const Tensor &tensor)
{
    Tensor wide = hostTensor({tensor.features(), tensor.blocks() * Tensor::blockSize}, Layout::Samples);
    std::copy_n(tensor.data(), wide.count(), wide.data());
    return wide;
}

bool statisticsBeyondTheBatch(const Op &op, const StepInputs &step)
{
    if (!std::holds_alternative<ops::BatchNorm>(op))
        return false;
    ops::BatchNorm norm = std::get<ops::BatchNorm>(op);
    const Tensor input = widened(*norm.input);
    Tensor output = widened(*norm.output), &narrow = *norm.output;
    norm.input = &input;
    norm.output = &output;
    runRight(norm, step);
    std::copy_n(output.data(), output.count(), narrow.data());
    return true;
}

bool clipsEachByItself(const Op &op, const StepInputs &step)
{
    if (!std::holds_alternative<ops::ClipNorm>(op))
        return false;
    for (Parameter *parameter : std::get<ops::ClipNorm>(op).parameters)
        runRight(ops::ClipNorm{{parameter}, std::get<ops::ClipNorm>(op).limit}, step);
    return true;
}

bool forgetsReduction(const Op &op, const StepInputs &)
{
    return std::holds_alternative<ops::AllReduce>(op);
}

void forEachValue(Tensor &tensor, const std::function<void(float &)> &change)
{
    for (std::int64_t f = 0; f < tensor.features(); ++f) {
        for (std::int64_t n = 0; n < tensor.samples(); ++n)
            change(tensor.at(f, n));
    }
}

/// As if the last column of the picture had one tap too few.
void cutLastColumn(const ops::ConvInputGradient &op)
{
    if (op.window.padding == 0)
        return;
    for (std::int64_t f = op.window.width - 1; f < op.inputGradient->features(); f += op.window.width) {
        for (std::int64_t n = 0; n < op.inputGradient->samples(); ++n)
            op.inputGradient->at(f, n) *= 0.5f;
    }
}

void givesToAllLargest(const ops::MaxPoolGradient &op)
{
    if (op.window.kernel != 2 || op.window.stride != 2 || op.window.padding != 0)
        return;
    const Window &w = op.window;
    for (std::int64_t f = 0; f < op.output->features(); ++f) {
        const std::int64_t x = f % w.outWidth(), y = f / w.outWidth() % w.outHeight(),
                           c = f / w.outWidth() / w.outHeight();
        for (std::int64_t n = 0; n < op.output->samples(); ++n) {
            for (const std::int64_t tap : {0, 1, 2, 3}) {
                const std::int64_t place = (c * w.height + 2 * y + tap / 2) * w.width + 2 * x + tap % 2;
                if (op.input->at(place, n) == op.output->at(f, n))
                    op.inputGradient->at(place, n) = op.outputGradient->at(f, n);
            }
        }
    }
}

struct Wrong
{
    const char *what;
    void (*group)(Rig &);
    const char *operation; // a failing check's starts with it
    const char *against;
    Mistake mistake;
};

const std::vector<Wrong> &wrongs()
{
    using OfRule = UpdateRule &;
    static const std::vector<Wrong> all = {
        {"forgets the mask", checkLinear, "LinearInputGradient, masked", "reference",
         changed<ops::LinearInputGradient>([](auto &op) { op.mask = nullptr; })},
        {"forgets the mask, seen by slopes", checkSlopes, "Linear, input, masked", "differences",
         changed<ops::LinearInputGradient>([](auto &op) { op.mask = nullptr; })},
        {"forgets the convolution's ReLU", checkConvolution, "ConvForward, ReLU", "reference",
         changed<ops::ConvForward>([](auto &op) { op.activation = Activation::None; })},
        {"forgets the bias", checkLinear, "LinearWeights, stored", "reference",
         spoiled<ops::LinearWeights>([](const auto &op) {
             if (op.bias->gradient)
                 op.bias->gradient.row(0)[0] = 0;
         })},
        {"clips a tap too many", checkConvolution, "ConvInputGradient", "reference",
         spoiled<ops::ConvInputGradient>(cutLastColumn)},
        {"clips a tap too many, seen by slopes", checkSlopes, "Conv, k3 s1 p1, input", "differences",
         spoiled<ops::ConvInputGradient>(cutLastColumn)},
        {"lets padding win", checkPooling, "MaxPool", "reference", spoiled<ops::MaxPool>([](const auto &op) {
             if (op.window.padding > 0)
                 forEachValue(*op.output, [](float &value) { value = std::max(value, 0.0f); });
         })},
        {"gives to all that are largest", checkPooling, "MaxPoolGradient", "reference",
         spoiled<ops::MaxPoolGradient>(givesToAllLargest)},
        {"takes statistics beyond the batch", checkBatchNorm, "BatchNorm", "reference",
         statisticsBeyondTheBatch},
        {"has another epsilon", checkBatchNorm, "BatchNorm", "reference",
         changed<ops::BatchNorm>([](auto &op) { op.epsilon = 1e-3f; })},
        {"moves running values too fast", checkBatchNorm, "BatchNorm", "reference",
         changed<ops::BatchNorm>([](auto &op) { op.rate = 0.2f; })},
        {"takes mean and deviation for constants", checkSlopes, "BatchNorm, input", "differences",
         spoiled<ops::BatchNormGradient>([](const auto &op) {
             const std::int64_t positions = op.input->features() / op.channels;
             for (std::int64_t f = 0; f < op.input->features(); ++f) {
                 const std::int64_t c = f / positions;
                 for (std::int64_t n = 0; n < op.input->samples(); ++n)
                     op.inputGradient->at(f, n) = op.outputGradient->at(f, n) * op.gamma->value.row(0)[c] *
                                                  op.inverseDeviation->row(0)[c];
             }
         })},
        {"drops the same in every step", checkDropout, "Dropout, rate 0.5", "reference",
         inStep<ops::Dropout>(1)},
        {"does not scale survivors", checkDropout, "Dropout, rate 0.1", "reference",
         spoiled<ops::Dropout>(
             [](const auto &op) { forEachValue(*op.output, [&](float &value) { value *= 1 - op.rate; }); })},
        {"takes tanh's slope of the input", checkActivations, "ActivateGradient, tanh", "reference",
         changed<ops::ActivateGradient>([](auto &op) { op.output = op.input; })},
        {"leaves something beyond the batch", checkLosses, "SoftmaxCrossEntropy", "reference",
         spoiled<ops::SoftmaxCrossEntropy>([](const auto &op) {
             if (op.gradient->samples() == 31)
                 op.gradient->at(0, 31) = 1e-3f;
         })},
        {"sums the loss's gradient", checkSlopes, "SoftmaxCrossEntropy", "differences",
         spoiled<ops::SoftmaxCrossEntropy>([](const auto &op) {
             forEachValue(*op.gradient,
                          [&](float &value) { value *= static_cast<float>(op.gradient->samples()); });
         })},
        {"forgets smoothing", checkLosses, "SoftmaxCrossEntropy, smoothed", "reference",
         changed<ops::SoftmaxCrossEntropy>([](auto &op) { op.smoothing = 0; })},
        {"gives NaN", checkLosses, "SoftmaxPrediction", "reference",
         spoiled<ops::SoftmaxPrediction>([](const auto &op) { op.losses->at(0, 0) = NAN; })},
        {"does not correct Adam's bias", checkUpdates, "Update, Adam", "reference",
         inStep<ops::Update>(1'000'000)},
        {"takes AdamW for Adam", checkUpdates, "Update, AdamW", "reference",
         changed<ops::Update>([](auto &op) {
             OfRule rule = op.rule;
             if (rule.kind == OptimizerKind::AdamW)
                 rule.kind = OptimizerKind::Adam;
         })},
        {"takes Nesterov for momentum", checkUpdates, "Update, Nesterov", "reference",
         changed<ops::Update>([](auto &op) {
             OfRule rule = op.rule;
             if (rule.kind == OptimizerKind::Nesterov)
                 rule.kind = OptimizerKind::Momentum;
         })},
        {"forgets decay where weights are applied at once", checkConvolution, "ConvWeights, applied",
         "reference", changed<ops::ConvWeights>([](auto &op) { op.rule.weightDecay = 0; })},
        {"forgets the average", checkUpdates, "Update, momentum, average", "reference",
         changed<ops::Update>([](auto &op) { op.rule.averageDecay = 0; })},
        {"clips each parameter by itself", checkUpdates, "ClipNorm", "reference", clipsEachByItself},
        {"trains alone", checkUpdates, "AllReduce, Update", "reference", forgetsReduction},
        {"turns the other way", checkGather, "Gather, moved", "reference",
         changed<ops::Gather>([](auto &op) { op.augmentation.rotate *= -1; })},
        {"moves pictures alike in every step", checkNetworks, "network, every layer", "reference",
         inStep<ops::Gather>(1)},
        {"tells no losses", checkNetworks, "losses and predictions, mnist-mlp", "reference",
         [](const Op &, const StepInputs &) { return false; }}};
    return all;
}

} // namespace

void SelftestTest::findsMistakes_data()
{
    QTest::addColumn<std::size_t>("index");
    for (std::size_t i = 0; i < wrongs().size(); ++i)
        QTest::newRow(wrongs()[i].what) << i;
}

void SelftestTest::findsMistakes()
{
    QFETCH(std::size_t, index);
    const Wrong &wrong = wrongs()[index];
    WrongBackend backend(wrong.mistake);
    Rig rig(backend);
    wrong.group(rig);
    const std::vector<SelfCheck> checks = rig.takeChecks();
    const bool isFound = std::any_of(checks.begin(), checks.end(), [&](const SelfCheck &check) {
        return !check.isPassed() && check.operation.starts_with(wrong.operation) &&
               check.against == wrong.against;
    });
    QVERIFY2(isFound, selftestTable(checks).c_str());
    const bool isAllWrong =
        std::none_of(checks.begin(), checks.end(), [](const auto &check) { return check.isPassed(); });
    QVERIFY2(!isAllWrong, selftestTable(checks).c_str());
}

void SelftestTest::tableTellsEachOperationOnceAndEachFailure()
{
    const std::vector<SelfCheck> checks = {{"Add", "[1, 1]", "reference", 0, 0},
                                           {"Add", "[2, 5]", "reference", 0.5, 0},
                                           {"Add", "[3, 5]", "reference", 0.25, 0},
                                           {"MaxPool", "[1, 2]", "reference", 1e-7, 1e-6}};
    const QString table = QString::fromStdString(selftestTable(checks));
    QCOMPARE(table.count(u"Add"_s),
             3); // one line for all with the worst of them, and one for each that failed
    QVERIFY2(table.contains(u"error 5.0e-01 of 0.0e+00 at [2, 5]"_s), qPrintable(table));
    QVERIFY(table.contains(u"at [3, 5]"_s));
    QVERIFY(!table.contains(u"[1, 1]"_s));
    QVERIFY(table.startsWith(u"FAILED"_s));
    QVERIFY(table.contains(u"ok     MaxPool"_s));
    QVERIFY(table.endsWith(u"2 passed, 2 failed\n"_s));
}

void SelftestTest::nanFails()
{
    QVERIFY(!SelfCheck({"Add", "", "reference", NAN, 1}).isPassed());
    const std::vector<float> values = {1, NAN}, expected = {1, 1};
    QVERIFY(std::isinf(Rig::deviation(values, expected)));
    QVERIFY(!SelfCheck({"Add", "", "reference", Rig::deviation(values, expected), 1}).isPassed());
}

BOTTEGA_TEST_MAIN(SelftestTest)
#include "tst_selftest.moc"
