// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cpu/cpubackend.h"
#include "core/engine/evaluate.h"
#include "core/engine/train.h"
#include "tests/core/engine/syntheticdata.h"
#include "tests/support/testcase.h"

#include <cmath>
#include <numeric>

using namespace bottega;
using namespace bottega::engine;
using namespace bottega::test;
using namespace Qt::StringLiterals;
namespace fs = std::filesystem;

class EvaluateTest : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void agreesWithTheTrainersOwnValidation();
    void takesACheckpointsWeights();
    void partsAgreeWithEachOther();
    void case49_hostileWeightsAreNamed_data();
    void case49_hostileWeightsAreNamed();
    void case49_hostileDataAreNamed();
    void canBeCanceled();
    void classReportsAreThoseOfScikitLearn();

private:
    QTemporaryDir m_folder;
    fs::path m_data;
    fs::path m_run;
    NpzArrays m_weights;
    Result<TrainSummary> m_summary = fail(ErrorCode::Failed, "not run");
};

namespace {

QString said(const Error &error)
{
    return QString::fromStdString(describe(error));
}

NpyArray floats(std::vector<std::uint64_t> shape, float value)
{
    std::uint64_t count = 1;
    for (const std::uint64_t extent : shape)
        count *= extent;
    const std::vector<float> values(count, value);
    return NpyArray::fromFloats(std::move(shape), values.data());
}

} // namespace

void EvaluateTest::initTestCase()
{
    m_data = toPath(m_folder.filePath(u"data"_s));
    m_run = toPath(m_folder.filePath(u"run"_s));
    writeSyntheticData(m_data, {.train = 300, .test = 301}); // two whole batches of 128 and a rest
    CpuBackend backend;
    RecordingObserver observer;
    m_summary = train(quickJob(m_data, m_run), backend, observer);
    QVERIFY_RESULT(m_summary);
    m_weights = readNpz(m_run / "outputs" / "model.npz").value();
}

void EvaluateTest::agreesWithTheTrainersOwnValidation()
{
    const auto evaluation = evaluate(m_weights, m_data);
    QVERIFY_RESULT(evaluation);
    QCOMPARE(evaluation->count, 301);
    QVERIFY(evaluation->accuracy == m_summary->accuracy);
    QVERIFY(evaluation->loss == m_summary->loss);
}

void EvaluateTest::takesACheckpointsWeights()
{
    const auto evaluation = evaluate(readNpz(m_run / "checkpoints" / "epoch-0003.npz").value(), m_data);
    QVERIFY_RESULT(evaluation);
    QVERIFY(evaluation->accuracy == m_summary->accuracy);
}

void EvaluateTest::partsAgreeWithEachOther()
{
    const auto evaluation = evaluate(m_weights, m_data);
    QVERIFY_RESULT(evaluation);
    QCOMPARE(evaluation->classes, 10);
    QCOMPARE(evaluation->labels.size(), std::size_t{301});
    std::int64_t correct = 0;
    std::vector<std::int64_t> confusion(100);
    for (std::size_t i = 0; i < 301; ++i) {
        correct += evaluation->labels[i] == evaluation->predictions[i];
        ++confusion[evaluation->labels[i] * 10u + evaluation->predictions[i]];
        QVERIFY(evaluation->confidences[i] > 0.0999f && evaluation->confidences[i] <= 1);
        if (evaluation->labels[i] == evaluation->predictions[i]) // then the loss is −log of the confidence
            QVERIFY(std::abs(std::exp(-evaluation->losses[i]) - evaluation->confidences[i]) < 1e-5f);
    }
    QVERIFY(confusion == evaluation->confusion);
    QCOMPARE(evaluation->accuracy, static_cast<double>(correct) / 301);
    const double sum = std::accumulate(evaluation->losses.begin(), evaluation->losses.end(), 0.0);
    QVERIFY(std::abs(evaluation->loss - sum / 301) < 1e-12);
}

void EvaluateTest::case49_hostileWeightsAreNamed_data()
{
    QTest::addColumn<QString>("key");
    QTest::addColumn<QList<int>>("shape"); // empty: the key is taken away
    QTest::addColumn<float>("value");
    QTest::addColumn<QString>("message");
    const float nan = std::nanf("");
    QTest::newRow("first missing") << u"l1/W"_s << QList<int>() << 0.0f << u"lack l1/W; they have l1/b"_s;
    QTest::newRow("bias missing") << u"l2/b"_s << QList<int>() << 0.0f << u"lack l2/b"_s;
    QTest::newRow("middle missing") << u"l2/W"_s << QList<int>() << 0.0f << u"lack l2/W, but have l3"_s;
    QTest::newRow("no chain") << u"l2/W"_s << QList<int>{20, 21} << 0.0f << u"l2/W reads 21 values"_s;
    QTest::newRow("long bias") << u"l1/b"_s << QList<int>{21} << 0.0f << u"l1/b has the shape [21], not [20]"_s;
    QTest::newRow("vector as matrix") << u"l1/W"_s << QList<int>{1620} << 0.0f << u"l1/W has the shape [1620]"_s;
    QTest::newRow("four dimensions") << u"l1/W"_s << QList<int>{20, 1, 9, 9} << 0.0f << u"l1/W has the shape"_s;
    QTest::newRow("no outputs") << u"l3/W"_s << QList<int>{0, 20} << 0.0f << u"l3/W has the shape [0, 20]"_s;
    QTest::newRow("too wide") << u"l3/W"_s << QList<int>{65537, 20} << 0.0f << u"at most 65,536"_s;
    QTest::newRow("too many classes") << u"l3/W"_s << QList<int>{300, 20} << 0.0f << u"300 classes"_s;
    QTest::newRow("NaN") << u"l2/W"_s << QList<int>{20, 20} << nan << u"l2/W holds NaN at index 0"_s;
    QTest::newRow("infinity") << u"l3/b"_s << QList<int>{10} << HUGE_VALF << u"l3/b holds infinity"_s;
    QTest::newRow("other pictures") << u"l1/W"_s << QList<int>{20, 784} << 0.0f << u"9 × 9 pixels, but the net reads 784"_s;
}

void EvaluateTest::case49_hostileWeightsAreNamed()
{
    QFETCH(QString, key);
    QFETCH(QList<int>, shape);
    QFETCH(float, value);
    QFETCH(QString, message);
    NpzArrays weights = m_weights;
    if (shape.isEmpty())
        weights.erase(key.toStdString());
    else
        weights[key.toStdString()] = floats({shape.begin(), shape.end()}, value);
    const auto evaluation = evaluate(weights, m_data);
    QVERIFY(!evaluation);
    QVERIFY(evaluation.error().code == ErrorCode::Corrupt);
    QVERIFY2(said(evaluation.error()).contains(message), qPrintable(said(evaluation.error())));
}

void EvaluateTest::case49_hostileDataAreNamed()
{
    const fs::path data = toPath(m_folder.filePath(u"hostile"_s));
    writeSyntheticData(data, {.train = 32, .test = 20});
    std::vector<std::uint8_t> labels(20, 3);
    labels[17] = 10;
    writeIdx(data / "t10k-labels-idx1-ubyte", {20}, labels);
    const auto outside = evaluate(m_weights, data);
    QVERIFY(!outside);
    QVERIFY2(said(outside.error()).contains(u"Label 10 of picture 17 is outside the net's classes 0 to 9"_s),
             qPrintable(said(outside.error())));
    const auto missing = evaluate(m_weights, data / "nowhere");
    QVERIFY(!missing);
    QVERIFY(missing.error().code == ErrorCode::NotFound);
    QVERIFY(said(missing.error()).contains(u"t10k-images-idx3-ubyte"_s));
}

void EvaluateTest::canBeCanceled()
{
    int asked = 0;
    const auto evaluation = evaluate(m_weights, m_data, [&asked] { return ++asked == 2; });
    QVERIFY(!evaluation);
    QVERIFY(evaluation.error().code == ErrorCode::Canceled);
    QCOMPARE(asked, 2);
}

void EvaluateTest::classReportsAreThoseOfScikitLearn()
{
    Evaluation evaluation;
    evaluation.classes = 3;
    evaluation.confusion = {2, 1, 0, 0, 0, 2, 0, 0, 5};
    const auto reports = classReports(evaluation);
    QCOMPARE(reports.size(), std::size_t{3});
    QCOMPARE(reports[0].precision, 1.0);
    QCOMPARE(reports[0].recall, 2.0 / 3);
    QCOMPARE(reports[0].f1, 0.8);
    QCOMPARE(reports[0].support, 3);
    QCOMPARE(reports[1].precision, 0.0);
    QCOMPARE(reports[1].f1, 0.0);
    QCOMPARE(reports[2].precision, 5.0 / 7);
    QCOMPARE(reports[2].recall, 1.0);
    QVERIFY(std::abs(reports[2].f1 - 2 * (5.0 / 7) / (5.0 / 7 + 1)) < 1e-15);
}

BOTTEGA_TEST_MAIN(EvaluateTest)
#include "tst_evaluate.moc"
