// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cpu/cpubackend.h"
#include "core/engine/comm/sharedcommunicator.h"
#include "core/engine/evaluate.h"
#include "core/engine/train.h"
#include "core/formats/npz/npz.h"
#include "core/formats/tfevents/eventreader.h"
#include "tests/core/engine/syntheticdata.h"
#include "tests/support/testcase.h"

#include <QMap>

#include <cmath>
#include <sys/wait.h>
#include <unistd.h>

using namespace bottega;
using namespace bottega::engine;
using namespace bottega::test;
using namespace Qt::StringLiterals;
namespace fs = std::filesystem;

class TrainTest : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void learnsAndWritesItsFiles();
    void countsStepsAndEpochsAsTheTutorial();
    void metricsAreAllThere();
    void sameSeedSameBits();
    void otherSeedOtherWeights();
    void batchLargerThanTheDataIsRefused();
    void batchOfTheWholeDataWorks();
    void lossThatIsNotFiniteStopsWithItsStep();
    void outputFolderIsTriedBeforeTheData();
    void wrongDataAreNamed_data();
    void wrongDataAreNamed();
    void moreThanTenClassesWork();
    void withoutARunFolderOnlyTheModelIsWritten();
    void cancelSavesTheStepAndNoModel();
    void everyRecipeLearns_data();
    void everyRecipeLearns();
    void everyOptionLearns_data();
    void everyOptionLearns();
    void learningRatesAreLogged();
    void averagesAreValidatedAndSaved();
    void patienceEndsWithTheBestWeights();
    void heldOutPicturesValidateAndTheTestSetComesLast();
    void theBrokenLayerIsNamed();
    void augmentationKeepsThreadsAlike();
    void ranksThatDriftApartAreNoticed();

private:
    fs::path fresh() { return toPath(m_folder.filePath(u"run%1"_s.arg(++m_count))); }
    Result<TrainSummary> run(const TrainJob &job)
    {
        RecordingObserver observer;
        return train(job, m_backend, observer);
    }

    QTemporaryDir m_folder;
    fs::path m_data;
    CpuBackend m_backend;
    int m_count = 0;
};

namespace {

QString said(const Error &error)
{
    return QString::fromStdString(describe(error));
}

QMap<QString, QList<QPair<qint64, double>>> readMetrics(const fs::path &folder)
{
    QMap<QString, QList<QPair<qint64, double>>> metrics;
    for (const auto &entry : fs::directory_iterator(folder)) {
        EventReader reader(entry.path());
        std::vector<ScalarPoint> points;
        static_cast<void>(reader.read(points));
        for (const ScalarPoint &point : points)
            metrics[QString::fromStdString(reader.tags()[point.tag])] << qMakePair(qint64(point.step), point.value);
    }
    return metrics;
}

} // namespace

void TrainTest::initTestCase()
{
    m_data = toPath(m_folder.filePath(u"data"_s));
    writeSyntheticData(m_data);
}

void TrainTest::learnsAndWritesItsFiles()
{
    const fs::path folder = fresh();
    RecordingObserver observer;
    const auto summary = train(quickJob(m_data, folder, {{"epochs", "12"}}), m_backend, observer);
    QVERIFY_RESULT(summary);
    QVERIFY(!summary->isCanceled);
    QVERIFY2(summary->accuracy > 0.95, qPrintable(QString::number(summary->accuracy)));
    QVERIFY(observer.epochs.back().valLoss < observer.epochs.front().valLoss);
    QCOMPARE(summary->accuracy, observer.epochs.back().valAccuracy);
    QVERIFY(summary->imagesPerSecond > 0);
    QVERIFY(fs::exists(folder / "checkpoints" / "epoch-0001.npz"));
    QVERIFY(fs::exists(folder / "checkpoints" / "epoch-0012.npz"));
    const auto model = readNpz(folder / "outputs" / "model.npz");
    QVERIFY_RESULT(model);
    QCOMPARE(model->size(), std::size_t{6});
    using Extents = std::vector<std::uint64_t>;
    QVERIFY((model->at("l1/W").shape == Extents{20, 81}));
    QVERIFY((model->at("l1/b").shape == Extents{20}));
    QVERIFY((model->at("l3/W").shape == Extents{10, 20}));
    for (const auto &[key, array] : *model)
        QVERIFY(array.type == NpyType::Float32);
}

void TrainTest::countsStepsAndEpochsAsTheTutorial()
{
    RecordingObserver observer;
    const auto summary = train(quickJob(m_data, fresh()), m_backend, observer);
    QVERIFY_RESULT(summary);
    QCOMPARE(summary->steps, (300 * 3 + 31) / 32); // ceil(N·E/B)
    QCOMPARE(observer.steps.size(), std::size_t{29});
    QCOMPARE(observer.steps.front().step, 1);
    QList<qint64> ends;
    for (const EpochReport &epoch : observer.epochs)
        ends << epoch.step;
    QCOMPARE(ends, (QList<qint64>{10, 19, 29})); // the step whose batch crosses 300, 600, 900
}

void TrainTest::metricsAreAllThere()
{
    const fs::path folder = fresh();
    RecordingObserver observer;
    QVERIFY_RESULT(train(quickJob(m_data, folder), m_backend, observer));
    const auto metrics = readMetrics(folder / "metrics");
    QCOMPARE(metrics.keys(), (QStringList{u"Accuracy"_s, u"Batch size"_s, u"Epochs"_s, u"epoch"_s, u"images/s"_s, u"lr"_s,
                                          u"train/loss"_s, u"val/accuracy"_s, u"val/loss"_s}));
    QCOMPARE(metrics[u"Batch size"_s], (QList<QPair<qint64, double>>{{0, 32.0}}));
    QCOMPARE(metrics[u"Epochs"_s], (QList<QPair<qint64, double>>{{0, 3.0}}));
    QCOMPARE(metrics[u"epoch"_s], (QList<QPair<qint64, double>>{{10, 1.0}, {19, 2.0}, {29, 3.0}}));
    QCOMPARE(metrics[u"Accuracy"_s], metrics[u"val/accuracy"_s]);
    QCOMPARE(metrics[u"train/loss"_s].size(), 29);
    for (std::size_t i = 0; i < observer.steps.size(); ++i) {
        const auto point = metrics[u"train/loss"_s][static_cast<qsizetype>(i)];
        QCOMPARE(point.first, qint64(i + 1));
        QCOMPARE(point.second, observer.steps[i].loss);
    }
    QCOMPARE(metrics[u"val/loss"_s].last().second, observer.epochs.back().valLoss);
}

void TrainTest::sameSeedSameBits()
{
    for (const cpu::InstructionSet &set : cpu::instructionSets()) {
        QByteArray first;
        for (int i = 0; i < 2; ++i) {
            CpuBackend backend(set);
            RecordingObserver observer;
            const fs::path folder = fresh();
            QVERIFY_RESULT(train(quickJob(m_data, folder, {{"seed", "5"}}), backend, observer));
            const QByteArray model = fileBytes(folder / "outputs" / "model.npz");
            QVERIFY(!model.isEmpty());
            if (i == 0)
                first = model;
            QVERIFY2(model == first, set.name.data());
        }
    }
}

void TrainTest::otherSeedOtherWeights()
{
    const fs::path one = fresh(), other = fresh();
    QVERIFY_RESULT(run(quickJob(m_data, one, {{"seed", "1"}})));
    QVERIFY_RESULT(run(quickJob(m_data, other, {{"seed", "2"}})));
    QVERIFY(fileBytes(one / "outputs" / "model.npz") != fileBytes(other / "outputs" / "model.npz"));
}

void TrainTest::batchLargerThanTheDataIsRefused()
{
    const auto summary = run(quickJob(m_data, fresh(), {{"batchsize", "301"}}));
    QVERIFY(!summary);
    QVERIFY(summary.error().code == ErrorCode::Usage);
    QVERIFY2(said(summary.error()).contains(u"batchsize=301 is larger than the training set of 300 pictures"_s),
             qPrintable(said(summary.error())));
}

void TrainTest::batchOfTheWholeDataWorks()
{
    const auto summary = run(quickJob(m_data, fresh(), {{"batchsize", "300"}}));
    QVERIFY_RESULT(summary);
    QCOMPARE(summary->steps, 3);
}

void TrainTest::lossThatIsNotFiniteStopsWithItsStep()
{
    const fs::path first = fresh(), folder = fresh(), exploding = fresh();
    QVERIFY_RESULT(run(quickJob(m_data, first)));
    QVERIFY_RESULT(writeExplodingCheckpoint(first / "checkpoints" / "epoch-0002.npz", exploding));
    TrainJob job = quickJob(m_data, folder);
    job.resumeFrom = exploding;
    RecordingObserver observer;
    const auto summary = train(job, m_backend, observer);
    QVERIFY(!summary);
    QVERIFY(summary.error().code == ErrorCode::Failed);
    const QString text = said(summary.error());
    const QString step = u"at step %1 of"_s.arg(observer.steps.back().step);
    QVERIFY2(text.contains(step) && text.contains(u"smaller lr; this training ran with lr=0.1"_s), qPrintable(text));
    QVERIFY(!fs::exists(folder / "outputs" / "model.npz"));
    QVERIFY(!std::isfinite(readMetrics(folder / "metrics")[u"train/loss"_s].last().second));
}

void TrainTest::outputFolderIsTriedBeforeTheData()
{
    const fs::path file = fresh();
    QVERIFY(QFile(QString::fromStdString(file.string())).open(QIODevice::WriteOnly));
    const auto summary = run(quickJob(m_data / "missing", fresh(), {{"output_dir", (file / "outputs").string()}}));
    QVERIFY(!summary);
    QVERIFY2(said(summary.error()).contains(QString::fromStdString((file / "outputs").string())),
             qPrintable(said(summary.error())));
}

void TrainTest::wrongDataAreNamed_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QList<int>>("shape");
    QTest::addColumn<int>("value");
    QTest::addColumn<QString>("message");
    const QString trainLabels = u"train-labels-idx1-ubyte"_s;
    QTest::newRow("fewer labels") << trainLabels << QList<int>{299} << 1 << u"299 labels for 300 pictures"_s;
    QTest::newRow("labels as pictures") << trainLabels << QList<int>{300, 1} << 1 << u"should hold labels"_s;
    QTest::newRow("pictures as labels") << u"train-images-idx3-ubyte"_s << QList<int>{300} << 1 << u"should hold pictures"_s;
    QTest::newRow("no pictures") << u"train-images-idx3-ubyte"_s << QList<int>{0, 9, 9} << 1 << u"none of them 0"_s;
    QTest::newRow("other size in test") << u"t10k-images-idx3-ubyte"_s << QList<int>{70, 9, 10} << 1
                                        << u"[1, 9, 10], the training pictures [1, 9, 9]"_s;
}

void TrainTest::wrongDataAreNamed()
{
    QFETCH(QString, file);
    QFETCH(QList<int>, shape);
    QFETCH(int, value);
    QFETCH(QString, message);
    const fs::path data = fresh();
    writeSyntheticData(data);
    std::size_t count = 1;
    for (const int extent : shape)
        count *= static_cast<std::size_t>(extent);
    writeIdx(data / file.toStdString(), {shape.begin(), shape.end()},
             std::vector<std::uint8_t>(count, static_cast<std::uint8_t>(value)));
    const auto summary = run(quickJob(data, fresh()));
    QVERIFY(!summary);
    QVERIFY(summary.error().code == ErrorCode::Corrupt);
    QVERIFY2(said(summary.error()).contains(message) && said(summary.error()).contains(file),
             qPrintable(said(summary.error())));
}

void TrainTest::moreThanTenClassesWork()
{
    const fs::path data = fresh(), folder = fresh();
    writeSyntheticData(data);
    std::vector<std::uint8_t> labels(300, 255);
    labels[7] = 3;
    writeIdx(data / "train-labels-idx1-ubyte", {300}, labels);
    QVERIFY_RESULT(run(quickJob(data, folder)));
    const auto model = readNpz(folder / "outputs" / "model.npz");
    QVERIFY_RESULT(model);
    QCOMPARE(model->at("l3/b").shape[0], std::uint64_t{256});
}

void TrainTest::withoutARunFolderOnlyTheModelIsWritten()
{
    const fs::path output = fresh();
    const auto summary = run(quickJob(m_data, {}, {{"output_dir", output.string()}}));
    QVERIFY_RESULT(summary);
    QCOMPARE(summary->files.size(), std::size_t{1});
    QCOMPARE(std::distance(fs::directory_iterator(output), fs::directory_iterator()), 1);
}

void TrainTest::cancelSavesTheStepAndNoModel()
{
    const fs::path folder = fresh();
    RecordingObserver observer(13);
    const auto summary = train(quickJob(m_data, folder), m_backend, observer);
    QVERIFY_RESULT(summary);
    QVERIFY(summary->isCanceled);
    QCOMPARE(summary->steps, 13);
    QCOMPARE(summary->epochs, 1);
    QVERIFY(fs::exists(folder / "checkpoints" / "step-00000013.npz"));
    QVERIFY(!fs::exists(folder / "outputs" / "model.npz"));
}

void TrainTest::everyRecipeLearns_data()
{
    QTest::addColumn<QString>("recipe");
    QTest::addColumn<QString>("network");
    QTest::newRow("mlp") << u"mnist-mlp"_s << QString();
    QTest::newRow("small cnn") << u"mnist-cnn-small"_s << QString();
    QTest::newRow("own") << u"network"_s
                         << uR"({"layers": [{"type": "conv2d", "channels": 6, "kernel": 3, "padding": 1, "name": "first"},
            {"type": "batchnorm"}, {"type": "gelu"}, {"type": "conv2d", "channels": 6, "kernel": 3, "padding": 1},
            {"type": "add", "with": "first"}, {"type": "avgpool", "kernel": 2}, {"type": "dropout", "rate": 0.2},
            {"type": "flatten"}, {"type": "linear", "units": 24}, {"type": "tanh"}, {"type": "linear"}]})"_s;
}

void TrainTest::everyRecipeLearns()
{
    QFETCH(QString, recipe);
    QFETCH(QString, network);
    Params changes = {{"epochs", "8"}, {"lr", "0.1"}};
    if (!network.isEmpty())
        changes.emplace_back("network", network.toStdString());
    const fs::path data = fresh(), folder = fresh();
    writeSyntheticData(data, {.extent = 14});
    const auto summary = run(quickJob(data, folder, changes, recipe.toStdString()));
    QVERIFY_RESULT(summary);
    QVERIFY2(summary->accuracy > 0.9, qPrintable(QString::number(summary->accuracy)));
    const auto model = readNpz(folder / "outputs" / "model.npz");
    QVERIFY_RESULT(model);
    QCOMPARE(model->contains("network"), recipe != u"mnist-mlp"_s);
    QCOMPARE(model->contains("bn1/gamma"), !network.isEmpty());
}

void TrainTest::everyOptionLearns_data()
{
    QTest::addColumn<QString>("options");
    for (const auto *options : {"optimizer=sgd lr=0.3", "optimizer=nesterov", "optimizer=adam lr=0.005",
                                "optimizer=adamw lr=0.005 weight_decay=0.01", "schedule=cosine", "schedule=onecycle",
                                "schedule=step step_epochs=4 step_factor=0.5", "warmup=1", "weight_decay=0.001",
                                "label_smoothing=0.1", "clip_norm=1", "shift=0.2", "rotate=2 scale=0.02 elastic=0.1"})
        QTest::newRow(options) << QString::fromLatin1(options);
}

void TrainTest::everyOptionLearns()
{
    QFETCH(QString, options);
    Params changes = {{"epochs", "12"}};
    for (const QString &option : options.split(u' '))
        changes.emplace_back(option.section(u'=', 0, 0).toStdString(), option.section(u'=', 1).toStdString());
    const fs::path plain = fresh(), folder = fresh();
    const auto summary = run(quickJob(m_data, folder, changes));
    QVERIFY_RESULT(summary);
    QVERIFY2(summary->accuracy > 0.9, qPrintable(QString::number(summary->accuracy)));
    QVERIFY_RESULT(run(quickJob(m_data, plain, {{"epochs", "12"}})));
    QVERIFY(fileBytes(plain / "outputs" / "model.npz") != fileBytes(folder / "outputs" / "model.npz")); // it did something
}

void TrainTest::learningRatesAreLogged()
{
    const fs::path constant = fresh(), falling = fresh();
    QVERIFY_RESULT(run(quickJob(m_data, constant)));
    QCOMPARE(readMetrics(constant / "metrics")[u"lr"_s], (QList<QPair<qint64, double>>{{1, double(0.1f)}})); // no change
    QVERIFY_RESULT(run(quickJob(m_data, falling, {{"schedule", "cosine"}})));
    const auto rates = readMetrics(falling / "metrics")[u"lr"_s];
    QCOMPARE(rates.size(), 29);
    for (qsizetype i = 1; i < rates.size(); ++i)
        QVERIFY(rates[i].second < rates[i - 1].second);
}

void TrainTest::averagesAreValidatedAndSaved()
{
    const fs::path folder = fresh();
    const auto summary = run(quickJob(m_data, folder, {{"average", "0.9"}}));
    QVERIFY_RESULT(summary);
    const auto model = readNpz(folder / "outputs" / "model.npz");
    const auto checkpoint = readNpz(folder / "checkpoints" / "epoch-0003.npz");
    QVERIFY_RESULT(model);
    QVERIFY_RESULT(checkpoint);
    QVERIFY(model->at("l1/W").bytes == checkpoint->at("average/l1/W").bytes);
    QVERIFY(model->at("l1/W").bytes != checkpoint->at("l1/W").bytes);
    const auto evaluation = evaluate(*model, m_data);
    QVERIFY_RESULT(evaluation);
    QCOMPARE(evaluation->accuracy, summary->accuracy);
    QCOMPARE(evaluation->loss, summary->loss);
    const auto ofCheckpoint = evaluate(*checkpoint, m_data); // the inspector asks for it
    QVERIFY_RESULT(ofCheckpoint);
    QCOMPARE(ofCheckpoint->loss, summary->loss);
}

void TrainTest::patienceEndsWithTheBestWeights()
{
    const fs::path folder = fresh();
    RecordingObserver observer;
    const auto summary = train(quickJob(m_data, folder, {{"epochs", "60"}, {"patience", "3"}}), m_backend, observer);
    QVERIFY_RESULT(summary);
    QVERIFY(summary->isStoppedEarly && !summary->isCanceled);
    QVERIFY(summary->epochs < 60);
    QCOMPARE(summary->epochs, summary->bestEpoch + 3);
    double best = -1;
    std::int64_t bestEpoch = 0;
    for (const EpochReport &epoch : observer.epochs) {
        if (epoch.valAccuracy > best) {
            best = epoch.valAccuracy;
            bestEpoch = epoch.epoch;
        }
    }
    QCOMPARE(summary->bestEpoch, bestEpoch);
    QCOMPARE(summary->accuracy, best);
    const auto model = readNpz(folder / "outputs" / "model.npz");
    const auto checkpoint = readNpz(folder / "checkpoints" / qPrintable(u"epoch-%1.npz"_s.arg(bestEpoch, 4, 10, QChar(u'0'))));
    QVERIFY_RESULT(model);
    QVERIFY_RESULT(checkpoint);
    QVERIFY(model->at("l2/W").bytes == checkpoint->at("l2/W").bytes);
    QCOMPARE(evaluate(*model, m_data).value().accuracy, best);
}

void TrainTest::heldOutPicturesValidateAndTheTestSetComesLast()
{
    const fs::path folder = fresh();
    const auto summary = run(quickJob(m_data, folder, {{"validation", "0.2"}, {"epochs", "6"}}));
    QVERIFY_RESULT(summary);
    QVERIFY(summary->steps >= 6 * 240 / 32 - 3 && summary->steps <= 6 * 240 / 32 + 3); // a fifth less to train on
    const auto metrics = readMetrics(folder / "metrics");
    QCOMPARE(metrics[u"test/accuracy"_s], (QList<QPair<qint64, double>>{{summary->steps, summary->testAccuracy}}));
    QCOMPARE(metrics[u"val/accuracy"_s].size(), 6);
    const auto evaluation = evaluate(readNpz(folder / "outputs" / "model.npz").value(), m_data);
    QVERIFY_RESULT(evaluation);
    QCOMPARE(evaluation->accuracy, summary->testAccuracy);
    QVERIFY(evaluation->loss != summary->loss); // of other pictures
}

void TrainTest::theBrokenLayerIsNamed()
{
    const fs::path first = fresh(), exploding = fresh();
    QVERIFY_RESULT(run(quickJob(m_data, first)));
    NpzArrays arrays = readNpz(first / "checkpoints" / "epoch-0001.npz").value();
    NpyArray &weights = arrays.at("l2/W");
    const std::vector<float> huge(weights.count(), 3e38f);
    weights = NpyArray::fromFloats(weights.shape, huge.data());
    QVERIFY_RESULT(writeNpz(exploding, arrays));
    TrainJob job = quickJob(m_data, first);
    job.resumeFrom = exploding;
    job.attempt = 2;
    const auto summary = run(job);
    QVERIFY(!summary);
    QVERIFY2(said(summary.error()).contains(u"at step 11 of 29 (epoch 2), first in the layer l2"_s),
             qPrintable(said(summary.error())));
}

void TrainTest::augmentationKeepsThreadsAlike()
{
    QByteArray first;
    for (const int threads : {1, 2, 3}) {
        CpuBackend backend(cpu::instructionSets().front(), threads);
        RecordingObserver observer;
        const fs::path folder = fresh();
        const TrainJob job = quickJob(m_data, folder, {{"shift", "1"}, {"rotate", "10"}, {"elastic", "1"}, {"average", "0.9"}});
        QVERIFY_RESULT(train(job, backend, observer));
        const QByteArray model = fileBytes(folder / "outputs" / "model.npz");
        if (threads == 1)
            first = model;
        QVERIFY(!model.isEmpty() && model == first);
    }
}

void TrainTest::ranksThatDriftApartAreNoticed()
{
    const auto communicator = SharedCommunicator::create(2);
    QVERIFY_RESULT(communicator);
    const auto runRank = [&](const char *seed) {
        CpuBackend backend;
        RecordingObserver observer;
        TrainJob job = quickJob(m_data, fresh(), {{"seed", seed}});
        job.communicator = communicator->get();
        return train(job, backend, observer);
    };
    const pid_t pid = ::fork();
    if (pid == 0) {
        (*communicator)->becomeRank(1);
        ::_exit(runRank("1") ? 0 : 1);
    }
    (*communicator)->setProcess(1, pid);
    const auto summary = runRank("2");
    QVERIFY(!summary);
    QVERIFY2(said(summary.error()).contains(u"Rank 1 has other weights than rank 0 after epoch 1"_s),
             qPrintable(said(summary.error())));
    int status = 0;
    QCOMPARE(::waitpid(pid, &status, 0), pid);
    QVERIFY(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

BOTTEGA_TEST_MAIN(TrainTest)
#include "tst_train.moc"
