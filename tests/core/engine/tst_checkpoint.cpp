// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.h"
#include "core/engine/backend/cpu/cpubackend.h"
#include "core/engine/checkpoint.h"
#include "core/engine/checkpointkeeper.h"
#include "core/engine/checkpointwriter.h"
#include "core/engine/train.h"
#include "tests/core/engine/syntheticdata.h"
#include "tests/support/testcase.h"

#include <cstring>

using namespace bottega;
using namespace bottega::engine;
using namespace bottega::test;
using namespace Qt::StringLiterals;
namespace fs = std::filesystem;

class CheckpointTest : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void resumedTrainingIsBitEqual_data();
    void resumedTrainingIsBitEqual();
    void resumingWithMoreEpochsIsBitEqualToo();
    void resumingSomethingElseIsRefused_data();
    void resumingSomethingElseIsRefused();
    void otherDataAreRefused();
    void damagedCheckpointsAreRefused_data();
    void damagedCheckpointsAreRefused();
    void aModelIsNoCheckpoint();
    void longTrainingsKeepLastAndBest();
    void everyTrainingResumesBitEqual_data();
    void everyTrainingResumesBitEqual();
    void patienceGoesOnWithItsCount();
    void checkpointsOfTheFirstFormatGoOn();
    void anErrorOfTheWriterIsTold();

private:
    fs::path fresh() { return toPath(m_folder.filePath(u"run%1"_s.arg(++m_count))); }
    Result<TrainSummary> run(const TrainJob &job, std::int64_t cancelAfterStep = -1)
    {
        RecordingObserver observer(cancelAfterStep);
        return train(job, m_backend, observer);
    }

    QTemporaryDir m_folder;
    fs::path m_data;
    fs::path m_whole; // an uninterrupted run of 3 epochs
    CpuBackend m_backend;
    int m_count = 0;
};

namespace {

QString said(const Error &error)
{
    return QString::fromStdString(describe(error));
}

} // namespace

void CheckpointTest::initTestCase()
{
    m_data = toPath(m_folder.filePath(u"data"_s));
    m_whole = fresh();
    writeSyntheticData(m_data);
    QVERIFY_RESULT(run(quickJob(m_data, m_whole)));
}

void CheckpointTest::resumedTrainingIsBitEqual_data()
{
    QTest::addColumn<int>("step");
    QTest::newRow("after the first step") << 1;
    QTest::newRow("in an epoch") << 13;
    QTest::newRow("at an epoch's end") << 19;
    QTest::newRow("before the last step") << 28;
}

void CheckpointTest::resumedTrainingIsBitEqual()
{
    QFETCH(int, step);
    const fs::path folder = fresh();
    const auto stopped = run(quickJob(m_data, folder), step);
    QVERIFY_RESULT(stopped);
    QVERIFY(stopped->isCanceled);
    TrainJob job = quickJob(m_data, folder);
    job.attempt = 2;
    job.resumeFrom = stopped->files.front();
    const auto summary = run(job);
    QVERIFY_RESULT(summary);
    QCOMPARE(summary->steps, 29);
    QVERIFY(fileBytes(folder / "outputs" / "model.npz") == fileBytes(m_whole / "outputs" / "model.npz"));
    const auto last = readCheckpoint(folder / "checkpoints" / "epoch-0003.npz");
    const auto expected = readCheckpoint(m_whole / "checkpoints" / "epoch-0003.npz");
    QVERIFY_RESULT(last);
    QVERIFY_RESULT(expected);
    QVERIFY(last->sampler.order == expected->sampler.order);
    QVERIFY(last->sampler.random == expected->sampler.random);
    for (const auto &[key, array] : expected->arrays) {
        if (key.starts_with("momentum/"))
            QVERIFY2(last->arrays.at(key).bytes == array.bytes, key.c_str());
    }
}

void CheckpointTest::resumingWithMoreEpochsIsBitEqualToo()
{
    const fs::path longer = fresh(), resumed = fresh();
    QVERIFY_RESULT(run(quickJob(m_data, longer, {{"epochs", "5"}})));
    TrainJob job = quickJob(m_data, resumed, {{"epochs", "5"}});
    job.resumeFrom = m_whole / "checkpoints" / "epoch-0003.npz";
    QVERIFY_RESULT(run(job));
    QVERIFY(fileBytes(longer / "outputs" / "model.npz") == fileBytes(resumed / "outputs" / "model.npz"));
}

void CheckpointTest::resumingSomethingElseIsRefused_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("message");
    QTest::newRow("net") << u"hidden"_s << u"21"_s << u"made with hidden=20, not 21"_s;
    QTest::newRow("batch") << u"batchsize"_s << u"33"_s << u"made with batchsize=32, not 33"_s;
    QTest::newRow("seed") << u"seed"_s << u"1"_s << u"made with seed=0, not 1"_s;
    QTest::newRow("nothing left") << u"epochs"_s << u"2"_s << u"2 finished epochs, and epochs=2 leaves nothing"_s;
    QTest::newRow("optimizer") << u"optimizer"_s << u"adam"_s << u"made with optimizer=momentum, not adam"_s;
    QTest::newRow("averages") << u"average"_s << u"0.9"_s << u"made with average=0, not 0.9"_s;
    QTest::newRow("validation") << u"validation"_s << u"0.1"_s << u"made with validation=0, not 0.1"_s;
}

void CheckpointTest::resumingSomethingElseIsRefused()
{
    QFETCH(QString, name);
    QFETCH(QString, value);
    QFETCH(QString, message);
    const fs::path folder = fresh();
    TrainJob job = quickJob(m_data, folder, {{name.toStdString(), value.toStdString()}});
    job.resumeFrom = m_whole / "checkpoints" / "epoch-0002.npz";
    const auto summary = run(job);
    QVERIFY(!summary);
    QVERIFY(summary.error().code == ErrorCode::Usage);
    QVERIFY2(said(summary.error()).contains(message), qPrintable(said(summary.error())));
    QVERIFY(said(summary.error()).contains(u"epoch-0002.npz"_s));
}

void CheckpointTest::otherDataAreRefused()
{
    const fs::path data = fresh();
    writeSyntheticData(data, {.train = 299});
    TrainJob job = quickJob(data, fresh());
    job.resumeFrom = m_whole / "checkpoints" / "epoch-0001.npz";
    const auto summary = run(job);
    QVERIFY(!summary);
    QVERIFY2(said(summary.error()).contains(u"another training set"_s), qPrintable(said(summary.error())));
}

void CheckpointTest::damagedCheckpointsAreRefused_data()
{
    QTest::addColumn<QString>("key");   // in the state; "order" means the array
    QTest::addColumn<QString>("value"); // JSON
    QTest::newRow("index outside the data") << u"order"_s << u"300"_s;
    QTest::newRow("negative index") << u"order"_s << u"-1"_s;
    QTest::newRow("index twice") << u"order"_s << u"twice"_s;
    QTest::newRow("position outside") << u"position"_s << u"300"_s;
    QTest::newRow("negative step") << u"step"_s << u"-1"_s;
    QTest::newRow("step that contradicts") << u"step"_s << u"11"_s;
    QTest::newRow("huge step") << u"step"_s << u"9223372036854775807"_s;
    QTest::newRow("random all zero") << u"random"_s << u"[0,0,0,0]"_s;
    QTest::newRow("random of strings") << u"random"_s << u"[\"a\",1,2,3]"_s;
    QTest::newRow("later format") << u"format"_s << u"3"_s;
    QTest::newRow("best epoch to come") << u"bestEpoch"_s << u"2"_s;
    QTest::newRow("params of another type") << u"params"_s << u"[]"_s;
}

void CheckpointTest::damagedCheckpointsAreRefused()
{
    QFETCH(QString, key);
    QFETCH(QString, value);
    const fs::path path = fresh();
    auto arrays = readNpz(m_whole / "checkpoints" / "epoch-0001.npz");
    QVERIFY_RESULT(arrays);
    if (key == u"order"_s) {
        std::string &bytes = (*arrays)["order"].bytes;
        const std::int32_t index = value.toInt();
        if (value == u"twice"_s)
            bytes.replace(0, 4, bytes.substr(4, 4));
        else
            std::memcpy(bytes.data(), &index, 4);
    } else {
        auto state = parseJson((*arrays)["state"].bytes, "state");
        QVERIFY_RESULT(state);
        (*state)[key.toStdString()] = parseJson(value.toStdString(), "value").value();
        const std::string text = dumpJson(*state);
        (*arrays)["state"] = {NpyType::UInt8, {text.size()}, text};
    }
    QVERIFY_RESULT(writeNpz(path, *arrays));
    const auto checkpoint = readCheckpoint(path);
    QVERIFY(!checkpoint);
    QVERIFY(checkpoint.error().code == ErrorCode::Corrupt);
    QVERIFY(said(checkpoint.error()).contains(QString::fromStdString(path.string())));
}

void CheckpointTest::aModelIsNoCheckpoint()
{
    const auto checkpoint = readCheckpoint(m_whole / "outputs" / "model.npz");
    QVERIFY(!checkpoint);
    QVERIFY2(said(checkpoint.error()).contains(u"no checkpoint"_s), qPrintable(said(checkpoint.error())));
}

void CheckpointTest::longTrainingsKeepLastAndBest()
{
    const auto names = [](const fs::path &folder) {
        QStringList list;
        for (const auto &entry : fs::directory_iterator(folder))
            list << QString::fromStdString(entry.path().filename().string());
        list.sort();
        return list;
    };
    auto checkpoint = readCheckpoint(m_whole / "checkpoints" / "epoch-0001.npz");
    QVERIFY_RESULT(checkpoint);
    for (const int epochs : {200, 201}) {
        const fs::path folder = fresh();
        fs::create_directories(folder);
        CheckpointKeeper keeper(folder, epochs);
        const std::vector<double> accuracies = {0.5, 0.9, 0.7, 0.6};
        for (std::size_t i = 0; i < accuracies.size(); ++i) {
            checkpoint->epoch = static_cast<std::int64_t>(i + 1);
            checkpoint->bestEpoch = i == 0 ? 1 : 2;
            checkpoint->bestAccuracy = accuracies[i == 0 ? 0 : 1];
            QVERIFY_RESULT(keeper.saveEpoch(*checkpoint));
        }
        if (epochs == 200)
            QCOMPARE(names(folder).size(), 4);
        else
            QCOMPARE(names(folder), (QStringList{u"epoch-0002.npz"_s, u"epoch-0004.npz"_s}));
    }
}

void CheckpointTest::everyTrainingResumesBitEqual_data()
{
    QTest::addColumn<QString>("recipe");
    QTest::addColumn<QString>("options");
    const QString mlp = u"mnist-mlp"_s, own = u"network"_s;
    for (const auto *options : {"optimizer=sgd", "optimizer=nesterov weight_decay=0.001", "optimizer=adam lr=0.01",
                                "optimizer=adamw lr=0.01 weight_decay=0.01", "schedule=cosine", "schedule=onecycle",
                                "schedule=step step_epochs=1", "warmup=2", "average=0.95", "clip_norm=0.5",
                                "label_smoothing=0.1", "shift=1 rotate=5 scale=0.1 elastic=1", "validation=0.2",
                                "patience=5", "patience=5 average=0.9"})
        QTest::addRow("%s", options) << mlp << QString::fromLatin1(options);
    QTest::newRow("dropout and batch norm") << own << u"optimizer=adam lr=0.01 average=0.9 shift=1"_s;
}

void CheckpointTest::everyTrainingResumesBitEqual()
{
    QFETCH(QString, recipe);
    QFETCH(QString, options);
    Params changes;
    for (const QString &option : options.split(u' '))
        changes.emplace_back(option.section(u'=', 0, 0).toStdString(), option.section(u'=', 1).toStdString());
    if (recipe == u"network"_s)
        changes.emplace_back("network", R"({"layers": [{"type": "conv2d", "channels": 4, "kernel": 3}, {"type": "batchnorm"},
            {"type": "relu"}, {"type": "dropout", "rate": 0.3}, {"type": "flatten"}, {"type": "linear"}]})");
    const auto jobIn = [&](const fs::path &folder) { return quickJob(m_data, folder, changes, recipe.toStdString()); };
    const fs::path whole = fresh(), stopped = fresh();
    QVERIFY_RESULT(run(jobIn(whole)));
    const auto first = run(jobIn(stopped), 13);
    QVERIFY_RESULT(first);
    TrainJob job = jobIn(stopped);
    job.attempt = 2;
    job.resumeFrom = first->files.front();
    QVERIFY_RESULT(run(job));
    QVERIFY(fileBytes(stopped / "outputs" / "model.npz") == fileBytes(whole / "outputs" / "model.npz"));
    const auto resumed = readNpz(stopped / "checkpoints" / "epoch-0003.npz");
    const auto expected = readNpz(whole / "checkpoints" / "epoch-0003.npz");
    QVERIFY_RESULT(resumed);
    QVERIFY_RESULT(expected);
    QCOMPARE(resumed->size(), expected->size());
    for (const auto &[key, array] : *expected) {
        if (key != "state") // it names the output folder
            QVERIFY2(resumed->at(key).bytes == array.bytes, key.c_str());
    }
}

void CheckpointTest::patienceGoesOnWithItsCount()
{
    const Params changes = {{"epochs", "60"}, {"patience", "3"}};
    const fs::path whole = fresh(), resumed = fresh();
    const auto early = run(quickJob(m_data, whole, changes));
    QVERIFY_RESULT(early);
    QVERIFY(early->isStoppedEarly);
    TrainJob job = quickJob(m_data, resumed, changes);
    const QString last = u"epoch-%1.npz"_s.arg(early->epochs - 1, 4, 10, QChar(u'0')); // one epoch before it stopped
    job.resumeFrom = whole / "checkpoints" / last.toStdString();
    const auto again = run(job);
    QVERIFY_RESULT(again);
    QVERIFY(again->isStoppedEarly);
    QCOMPARE(again->epochs, early->epochs);
    QCOMPARE(again->bestEpoch, early->bestEpoch);
    QVERIFY(fileBytes(resumed / "outputs" / "model.npz") == fileBytes(whole / "outputs" / "model.npz"));
}

/// What earlier versions wrote: no optimizers to choose, no best epoch.
void CheckpointTest::checkpointsOfTheFirstFormatGoOn()
{
    auto arrays = readNpz(m_whole / "checkpoints" / "epoch-0001.npz");
    QVERIFY_RESULT(arrays);
    auto state = parseJson((*arrays)["state"].bytes, "state");
    QVERIFY_RESULT(state);
    (*state)["format"] = 1;
    state->erase("bestEpoch");
    state->erase("bestLoss");
    Json params = Json::object();
    for (const auto *name : {"epochs", "batchsize", "output_dir", "lr", "momentum", "hidden", "seed"})
        params[name] = (*state)["params"][name];
    (*state)["params"] = params;
    const std::string text = dumpJson(*state);
    (*arrays)["state"] = {NpyType::UInt8, {text.size()}, text};
    const fs::path path = fresh(), folder = fresh();
    QVERIFY_RESULT(writeNpz(path, *arrays));
    TrainJob job = quickJob(m_data, folder);
    job.resumeFrom = path;
    QVERIFY_RESULT(run(job));
    QVERIFY(fileBytes(folder / "outputs" / "model.npz") == fileBytes(m_whole / "outputs" / "model.npz"));
}

void CheckpointTest::anErrorOfTheWriterIsTold()
{
    const auto checkpoint = readCheckpoint(m_whole / "checkpoints" / "epoch-0001.npz");
    QVERIFY_RESULT(checkpoint);
    CheckpointWriter writer(fresh() / "nowhere", 10); // nobody has made that folder
    QVERIFY_RESULT(writer.saveEpoch(*checkpoint));
    const auto told = writer.saveEpoch(*checkpoint);
    QVERIFY(!told);
    QVERIFY2(said(told.error()).contains(u"nowhere"_s), qPrintable(said(told.error())));
    QVERIFY_RESULT(writer.finish());
    QVERIFY(writer.last().empty());
}

BOTTEGA_TEST_MAIN(CheckpointTest)
#include "tst_checkpoint.moc"
