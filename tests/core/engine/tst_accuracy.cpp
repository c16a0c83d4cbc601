// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cpu/cpubackend.h"
#include "core/engine/evaluate.h"
#include "core/engine/train.h"
#include "core/formats/npz/npz.h"
#include "tests/support/testcase.h"

#include <QDir>

#include <vector>

using namespace bottega;
using namespace bottega::engine;
using namespace Qt::StringLiterals;
namespace fs = std::filesystem;

/// The tutorial's training on real pictures reaches what it is known to reach.
class AccuracyTest : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void mnist();
    void convolutionalMnist();
    void fashionMnist();

private:
    std::vector<EpochReport> train(const fs::path &data, const std::string &recipe = "mnist-mlp", Params params = {});

    QTemporaryDir m_folder;
};

namespace {

class Epochs final : public TrainObserver
{
public:
    void epochFinished(const EpochReport &report) override { reports.push_back(report); }
    std::vector<EpochReport> reports;
};

bool isWithin(double value, double lowest, double highest)
{
    if (value < lowest || value > highest)
        qInfo("%f is outside %f … %f", value, lowest, highest);
    return value >= lowest && value <= highest;
}

} // namespace

std::vector<EpochReport> AccuracyTest::train(const fs::path &data, const std::string &name, Params params)
{
    const Recipe *recipe = findRecipe(name).value();
    params.emplace_back("output_dir", m_folder.filePath(u"outputs"_s).toStdString());
    const TrainJob job = {recipe, completeParams(*recipe, params).value(), data, {}, 1, {}, nullptr};
    CpuBackend backend(cpu::instructionSets().front(), cpu::availableThreads());
    Epochs epochs;
    const auto summary = engine::train(job, backend, epochs);
    if (!summary)
        qInfo("%s", describe(summary.error()).c_str());
    return epochs.reports;
}

void AccuracyTest::mnist()
{
    const QString data = bottega::test::mnistFolder();
    if (data.isEmpty())
        QSKIP("the real MNIST is not here: set BOTTEGA_TEST_DATA to the folder above mnist/");
    const auto epochs = train(data.toStdString());
    QCOMPARE(epochs.size(), std::size_t{10});
    QVERIFY(isWithin(epochs.back().valAccuracy, 0.970, 0.985));
    const auto weights = readNpz(m_folder.filePath(u"outputs/model.npz"_s).toStdString());
    QVERIFY_RESULT(weights);
    const auto evaluation = evaluate(*weights, data.toStdString());
    QVERIFY_RESULT(evaluation);
    QVERIFY(evaluation->accuracy == epochs.back().valAccuracy);
    QVERIFY(evaluation->loss == epochs.back().valLoss);
}

void AccuracyTest::convolutionalMnist()
{
    const QString data = bottega::test::mnistFolder();
    if (data.isEmpty())
        QSKIP("the real MNIST is not here: set BOTTEGA_TEST_DATA to the folder above mnist/");
    const auto epochs = train(data.toStdString(), "mnist-cnn", {{"epochs", "5"}}); // half of the default
    QCOMPARE(epochs.size(), std::size_t{5});
    QVERIFY(isWithin(epochs.back().valAccuracy, 0.992, 0.9965));
    const auto weights = readNpz(m_folder.filePath(u"outputs/model.npz"_s).toStdString());
    QVERIFY_RESULT(weights);
    const auto evaluation = evaluate(*weights, data.toStdString());
    QVERIFY_RESULT(evaluation);
    QVERIFY(evaluation->accuracy == epochs.back().valAccuracy);
}

void AccuracyTest::fashionMnist()
{
    const QString data = u"/usr/share/datasets/fashion-mnist"_s;
    if (!QDir(data).exists())
        QSKIP("Fashion-MNIST is not installed: Debian's package dataset-fashion-mnist");
    const auto epochs = train(data.toStdString());
    QCOMPARE(epochs.size(), std::size_t{10});
    // The original script's range over 6 seeds.
    QVERIFY(isWithin(epochs.front().valAccuracy, 0.795, 0.823));
    QVERIFY(isWithin(epochs.back().valAccuracy, 0.864, 0.874));
    QVERIFY(isWithin(epochs.back().valLoss, 0.348, 0.379));
}

BOTTEGA_TEST_MAIN(AccuracyTest)
#include "tst_accuracy.moc"
