// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/checkpoint.h"
#include "core/workspace/datasets.h"
#include "tests/support/testcase.h"
#include "ui/inspector/confusionview.h"
#include "ui/inspector/gallery.h"
#include "ui/inspector/predictionsview.h"
#include "ui/inspector/samplecard.h"
#include "ui/widgets/notice.h"
#include "ui/widgets/theme.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QHeaderView>
#include <QLabel>
#include <QListView>
#include <QCheckBox>
#include <QToolButton>

#include <fstream>

using namespace bottega;
using namespace Qt::StringLiterals;
namespace fs = std::filesystem;

namespace {

constexpr int rows = 2, columns = 3; // not square, not 28 × 28

void write(const fs::path &path, const std::string &bytes)
{
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
}

/// Three classes; an image of class c has its pixel c lit, except the ones made to mislead, which light another pixel.
struct Sample
{
    int label;
    int lit;
};
const std::vector<Sample> samples{{0, 0}, {0, 0}, {0, 0}, {0, 1}, {1, 1}, {1, 1}, {1, 2}, {1, 2}, {2, 2}, {2, 2}};

void writeData(const fs::path &folder, const std::string &names = R"(["cat","dog","<b>bird</b>"])")
{
    IdxArray images{{std::uint32_t(samples.size()), rows, columns}, {}};
    IdxArray labels{{std::uint32_t(samples.size())}, {}};
    for (const Sample &sample : samples) {
        for (int pixel = 0; pixel < rows * columns; ++pixel)
            images.values.push_back(pixel == sample.lit ? 255 : 0);
        labels.values.push_back(std::uint8_t(sample.label));
    }
    write(folder / datasetFiles[2], encodeIdx(images));
    write(folder / datasetFiles[3], encodeIdx(labels));
    write(folder / "dataset.json", "{\"classNames\": " + names + "}");
}

/// One linear layer that answers with the class of the lit pixel, the surer the larger `gain`.
NpzArrays weights(float gain = 4, int inputs = rows * columns)
{
    std::vector<float> matrix(std::size_t(3 * inputs), 0), bias(3, 0);
    for (int c = 0; c < 3; ++c)
        matrix[std::size_t(c * inputs + c)] = gain;
    return {{"l1/W", NpyArray::fromFloats({3, std::uint64_t(inputs)}, matrix.data())},
            {"l1/b", NpyArray::fromFloats({3}, bias.data())}};
}

/// Answers the same class whatever it sees.
NpzArrays stubborn(int answer)
{
    NpzArrays arrays = weights(0);
    std::vector<float> bias(3, 0);
    bias[std::size_t(answer)] = 3;
    arrays["l1/b"] = NpyArray::fromFloats({3}, bias.data());
    return arrays;
}

} // namespace

class TestUiInspector : public test::TestCase
{
    Q_OBJECT
private:
    QTemporaryDir m_folder;
    int m_runs = 0;

    struct Run
    {
        RunFolder folder;
        RunRecord record;
    };

    Run makeRun(RunState state)
    {
        const fs::path root = m_folder.filePath(u"run-%1"_s.arg(++m_runs)).toStdString();
        Run run{RunFolder(root), {}};
        run.record.id = root.filename().string();
        run.record.job.params = {{"epochs", "10"}, {"output_dir", "./outputs"}};
        run.record.job.data.name = "pets";
        run.record.job.data.path = (fs::path(m_folder.path().toStdString()) / "data").string();
        run.record.status.state = state;
        fs::create_directories(run.folder.checkpoints());
        fs::create_directories(run.folder.work() / "outputs");
        return run;
    }

    static void writeModel(const Run &run, const NpzArrays &arrays)
    {
        const auto written = writeNpz(run.folder.work() / "outputs" / "model.npz", arrays);
        QVERIFY_RESULT(written);
    }

    static void writeCheckpoint(const Run &run, int epoch, const NpzArrays &arrays)
    {
        engine::Checkpoint checkpoint;
        checkpoint.recipe = "mnist-mlp";
        checkpoint.params = {{"batchsize", "1"}};
        checkpoint.step = checkpoint.epoch = epoch;
        checkpoint.sampler.order = {0};
        checkpoint.sampler.random = {1, 2, 3, 4};
        checkpoint.arrays = arrays;
        const std::string name = QStringLiteral("epoch-%1.npz").arg(epoch, 4, 10, QChar(u'0')).toStdString();
        const auto written = engine::saveCheckpoint(run.folder.checkpoints() / name, checkpoint);
        QVERIFY_RESULT(written);
    }

    static std::unique_ptr<PredictionsView> shownView(const Run &run)
    {
        auto view = std::make_unique<PredictionsView>();
        view->resize(1200, 760);
        view->show();
        view->activateWindow();
        if (!QTest::qWaitForWindowActive(view.get()))
            qWarning("the window did not become active");
        view->setRun(run.folder);
        view->setRecord(run.record);
        return view;
    }

    std::unique_ptr<PredictionsView> inspectedView()
    {
        const Run run = makeRun(RunState::Completed);
        writeModel(run, weights());
        auto view = shownView(run);
        if (!QTest::qWaitFor([&] { return view->inspection() != nullptr; }, 20'000))
            qWarning("nothing was inspected: %s", qPrintable(view->findChild<Notice *>()->text()));
        return view;
    }

    static bool says(const QWidget &view, const QString &text)
    {
        const auto labels = view.findChildren<QLabel *>();
        return std::any_of(labels.begin(), labels.end(), [&](const QLabel *label) {
            return label->isVisible() && label->text().contains(text);
        });
    }

    static void click(QAbstractItemView *view, const QModelIndex &index)
    {
        QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, view->visualRect(index).center());
    }

private Q_SLOTS:
    void initTestCase()
    {
        theme::apply(*qApp);
        writeData(fs::path(m_folder.path().toStdString()) / "data");
    }

    void evaluatesTheFinalModel()
    {
        const auto view = inspectedView();
        const InspectionPtr inspection = view->inspection();
        QVERIFY(inspection);
        // The same as the engine says, cell by cell.
        const auto expected = engine::evaluate(weights(), fs::path(m_folder.path().toStdString()) / "data");
        QVERIFY_RESULT(expected);
        QVERIFY(inspection->evaluation.confusion == expected->confusion);
        QVERIFY((expected->confusion == std::vector<std::int64_t>{3, 1, 0, 0, 2, 2, 0, 0, 2}));
        const ConfusionModel *matrix = view->findChild<ConfusionView *>()->model();
        for (int row = 0; row < 3; ++row)
            for (int column = 0; column < 3; ++column)
                QCOMPARE(matrix->index(row, column).data(ConfusionModel::CountRole).toLongLong(),
                         expected->confusion[std::size_t(3 * row + column)]);
        QVERIFY(says(*view, u"70.00 %"_s));
        QVERIFY(says(*view, u"7 of 10 test images read right, 3 wrongly"_s));
        QVERIFY(says(*view, u"Final model on pets"_s));
    }

    void readsRealDigits()
    {
        if (test::mnistFolder().isEmpty())
            QSKIP("no MNIST at $BOTTEGA_TEST_DATA/mnist");
        Run run = makeRun(RunState::Completed);
        const fs::path data = fs::path(m_folder.path().toStdString()) / "mnist";
        for (const int file : {2, 3}) {
            const auto array = readIdx(fs::path(test::mnistFolder().toStdString()) / (std::string(datasetFiles[file]) + ".gz"));
            QVERIFY_RESULT(array);
            write(data / datasetFiles[file], encodeIdx(*array));
        }
        run.record.job.data.path = data.string();
        // Ten images for the ten outputs: a net that is better than chance without a training.
        const auto images = readIdx(data / datasetFiles[2]);
        const auto labels = readIdx(data / datasetFiles[3]);
        std::vector<float> matrix(10 * 784, 0), bias(10, 0), counts(10, 0);
        for (std::size_t i = 0; i < 2000; ++i) {
            const std::size_t label = labels->values[i];
            ++counts[label];
            for (std::size_t p = 0; p < 784; ++p)
                matrix[label * 784 + p] += float(images->values[i * 784 + p]) / 255;
        }
        for (std::size_t c = 0; c < 10; ++c)
            for (std::size_t p = 0; p < 784; ++p) {
                float &mean = matrix[c * 784 + p];
                mean /= counts[c];
                bias[c] -= mean * mean / 2; // nearest mean image
            }
        writeModel(run, {{"l1/W", NpyArray::fromFloats({10, 784}, matrix.data())},
                         {"l1/b", NpyArray::fromFloats({10}, bias.data())}});
        const auto view = shownView(run);
        QTRY_VERIFY_WITH_TIMEOUT(view->inspection() != nullptr, 30'000);
        QCOMPARE(view->inspection()->count(), 10'000u);
        QVERIFY(view->inspection()->evaluation.accuracy > 0.75);
        QCOMPARE(view->findChild<ConfusionView *>()->model()->rowCount(), 10);
        const GalleryModel *gallery = view->findChild<Gallery *>()->model();
        QCOMPARE(std::int64_t(gallery->rowCount()), 10'000 - view->inspection()->rightCount());
        const QImage image = gallery->index(0).data(GalleryModel::ImageRole).value<QImage>();
        QCOMPARE(image.size(), QSize(28, 28));
    }

    void readsTheNewestCheckpointWhileTraining()
    {
        Run run = makeRun(RunState::Running);
        const auto view = shownView(run);
        QVERIFY(!view->inspection());
        QVERIFY(says(*view, u"No predictions"_s));
        writeCheckpoint(run, 2, stubborn(0));
        QTRY_VERIFY_WITH_TIMEOUT(view->inspection() != nullptr, 20'000);
        QCOMPARE(view->inspection()->rightCount(), 4);
        QCOMPARE(view->sourceText(), u"Epoch 2 of 10, still training, on pets"_s);
        writeCheckpoint(run, 3, weights());
        QTRY_COMPARE_WITH_TIMEOUT(view->inspection()->source.epoch, 3, 20'000);
        QCOMPARE(view->inspection()->rightCount(), 7);
        // It ends: the final model takes the checkpoint's place.
        writeModel(run, stubborn(2));
        run.record.status.state = RunState::Completed;
        view->setRecord(run.record);
        QTRY_VERIFY_WITH_TIMEOUT(view->inspection()->source.isFinal, 20'000);
        QCOMPARE(view->inspection()->rightCount(), 2);
    }

    void evaluatesOnlyWhileVisible()
    {
        const Run run = makeRun(RunState::Completed);
        writeModel(run, weights());
        PredictionsView view;
        view.setRun(run.folder);
        view.setRecord(run.record);
        QTest::qWait(200);
        QVERIFY(!view.inspection());
        view.show();
        QTRY_VERIFY_WITH_TIMEOUT(view.inspection() != nullptr, 20'000);
    }

    void choosesACellByMouse()
    {
        const auto view = inspectedView();
        const auto *matrix = view->findChild<ConfusionView *>();
        auto *gallery = view->findChild<Gallery *>();
        QCOMPARE(gallery->model()->rowCount(), 3); // wrongly read
        QCOMPARE(gallery->title(), u"Wrongly read (3)"_s);
        click(matrix->table(), matrix->model()->index(1, 2));
        QCOMPARE(gallery->title(), u"true dog → predicted <b>bird</b> (2)"_s);
        QList<int> shown;
        for (int row = 0; row < gallery->model()->rowCount(); ++row)
            shown.append(gallery->model()->index(row).data(GalleryModel::SampleRole).toInt());
        QCOMPARE(shown, (QList<int>{6, 7}));
        click(matrix->table(), matrix->model()->index(0, 0)); // what is read right can be seen too
        QCOMPARE(gallery->model()->rowCount(), 3);
        QToolButton *clear = nullptr;
        for (QToolButton *button : gallery->findChildren<QToolButton *>())
            if (button->accessibleName() == u"Clear filter"_s)
                clear = button;
        QVERIFY(clear && clear->isVisible());
        QTest::mouseClick(clear, Qt::LeftButton);
        QCOMPARE(gallery->title(), u"Wrongly read (3)"_s);
        QVERIFY(matrix->table()->chosen().isEmpty());
        QVERIFY(!clear->isVisible());
    }

    void choosesACellByKeyboard()
    {
        const auto view = inspectedView();
        const auto *matrix = view->findChild<ConfusionView *>();
        auto *gallery = view->findChild<Gallery *>();
        matrix->table()->setFocus();
        matrix->table()->setCurrentIndex(matrix->model()->index(0, 0));
        QTest::keyClick(matrix->table(), Qt::Key_Right);
        QTest::keyClick(matrix->table(), Qt::Key_Return);
        QCOMPARE(gallery->title(), u"true cat → predicted dog (1)"_s);
        QTest::keyClick(matrix->table(), Qt::Key_Left);
        QTest::keyClick(matrix->table(), Qt::Key_Down);
        QTest::keyClick(matrix->table(), Qt::Key_Space);
        QCOMPARE(gallery->title(), u"true dog → predicted cat (0)"_s);
        QVERIFY(says(*view, u"No test image falls here."_s));
    }

    void choosesARowByItsHeader()
    {
        const auto view = inspectedView();
        const auto *matrix = view->findChild<ConfusionView *>();
        QHeaderView *header = matrix->table()->verticalHeader();
        QTest::mouseClick(header->viewport(), Qt::LeftButton, {},
                          QPoint(header->width() / 2, header->sectionViewportPosition(1) + header->sectionSize(1) / 2));
        QCOMPARE(view->findChild<Gallery *>()->title(), u"true dog, read wrongly (2)"_s);
    }

    void showsSharesOfTheRow()
    {
        const auto view = inspectedView();
        const auto *matrix = view->findChild<ConfusionView *>();
        QCOMPARE(matrix->model()->index(0, 0).data().toString(), u"3"_s);
        matrix->shareBox()->click();
        QCOMPARE(matrix->model()->index(0, 0).data().toString(), u"75.0"_s);
        QCOMPARE(matrix->model()->index(1, 2).data(Qt::AccessibleTextRole).toString(),
                 u"True dog, predicted <b>bird</b>: 2 of 4 (50.0 %)"_s);
    }

    void showsOneImageLarge()
    {
        const auto view = inspectedView();
        auto *gallery = view->findChild<Gallery *>();
        QCOMPARE(int(*gallery->card()->sample()), gallery->model()->index(0).data(GalleryModel::SampleRole).toInt());
        click(gallery->list(), gallery->model()->index(1));
        QVERIFY(gallery->card()->sample());
        const std::size_t sample = *gallery->card()->sample();
        QVERIFY(!view->inspection()->isRight(sample));
        QVERIFY(gallery->card()->accessibleDescription().startsWith(u"True "_s));
        // softmax of (4, 0, 0, …): what is given to the prediction is taken from the truth
        const double confidence = std::exp(4.0) / (std::exp(4.0) + 2);
        QVERIFY(std::abs(view->inspection()->evaluation.confidences[sample] - confidence) < 1e-4);
        QVERIFY(std::abs(view->inspection()->trueProbability(sample) - (1 - confidence) / 2) < 1e-4);
        gallery->list()->setFocus();
        QTest::keyClick(gallery->list(), Qt::Key_Right);
        QVERIFY(*gallery->card()->sample() != sample);
    }

    void keepsTheSelectionOverEpochs()
    {
        Run run = makeRun(RunState::Running);
        writeCheckpoint(run, 1, weights(4));
        const auto view = shownView(run);
        QTRY_VERIFY_WITH_TIMEOUT(view->inspection() != nullptr, 20'000);
        auto *gallery = view->findChild<Gallery *>();
        gallery->list()->setCurrentIndex(gallery->model()->index(2));
        const std::size_t sample = *gallery->card()->sample();
        writeCheckpoint(run, 2, weights(5));
        QTRY_COMPARE_WITH_TIMEOUT(view->inspection()->source.epoch, 2, 20'000);
        QCOMPARE(*gallery->card()->sample(), sample);
    }

    void sortsImages()
    {
        const auto view = inspectedView();
        GalleryModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Warning);
        model.setInspection(view->inspection());
        const auto losses = [&] {
            QList<float> values;
            for (int row = 0; row < model.rowCount(); ++row)
                values.append(model.index(row).data(GalleryModel::LossRole).toFloat());
            return values;
        };
        const QList<float> sorted = losses();
        QVERIFY(std::is_sorted(sorted.begin(), sorted.end(), std::greater<>()));
        model.setOrder(SampleOrder::Index);
        QCOMPARE(model.index(0).data(GalleryModel::SampleRole).toInt(), 3);
        model.setFilter({1, 2});
        QCOMPARE(model.rowCount(), 2);
        model.setFilter({});
        model.setInspection({});
        QCOMPARE(model.rowCount(), 0);
    }

    void matrixModelIsSound()
    {
        const auto view = inspectedView();
        ConfusionModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Warning);
        model.setInspection(view->inspection());
        model.setInspection(view->inspection());
        model.setShowsShares(true);
        QCOMPARE(model.headerData(2, Qt::Horizontal).toString(), u"<b>bird</b>"_s);
        model.setInspection({});
        QCOMPARE(model.rowCount(), 0);
    }

    void showsOtherSizes()
    {
        const auto view = inspectedView();
        const QImage image = view->inspection()->image(6);
        QCOMPARE(image.size(), QSize(columns, rows));
        QCOMPARE(image.pixelColor(2, 0), QColor(Qt::white));
        QCOMPARE(image.pixelColor(0, 1), QColor(Qt::black));
    }

    void saysWhatIsWrong_data()
    {
        QTest::addColumn<int>("fault");
        QTest::addColumn<QString>("said");
        QTest::newRow("shapes that do not fit") << 0 << QString();
        QTest::newRow("no data folder") << 1 << u"gone"_s;
        QTest::newRow("no npz") << 2 << u"model.npz"_s;
        QTest::newRow("another net") << 3 << QString();
    }
    void saysWhatIsWrong()
    {
        QFETCH(int, fault);
        QFETCH(QString, said);
        Run run = makeRun(RunState::Completed);
        if (fault == 1)
            run.record.job.data.path = m_folder.filePath(u"gone"_s).toStdString();
        if (fault == 2)
            write(run.folder.work() / "outputs" / "model.npz", "this is no archive");
        else if (fault == 3)
            writeModel(run, {{"encoder/kernel", weights().at("l1/W")}});
        else
            writeModel(run, weights(4, fault == 0 ? 784 : rows * columns));
        const auto view = shownView(run);
        auto *notice = view->findChild<Notice *>();
        QTRY_VERIFY_WITH_TIMEOUT(notice->isVisible(), 20'000);
        QVERIFY2(notice->text().contains(said), qPrintable(notice->text()));
        QVERIFY(!view->inspection());
        QVERIFY(!QApplication::activeModalWidget());
    }

    void recoversWithTheNextCheckpoint()
    {
        const Run run = makeRun(RunState::Running);
        write(run.folder.checkpoints() / "epoch-0001.npz", "torn");
        const auto view = shownView(run);
        auto *notice = view->findChild<Notice *>();
        QTRY_VERIFY_WITH_TIMEOUT(notice->isVisible(), 20'000);
        writeCheckpoint(run, 2, weights());
        QTRY_VERIFY_WITH_TIMEOUT(view->inspection() != nullptr, 20'000);
        QVERIFY(!notice->isVisible());
    }

    void changesTheRun()
    {
        const auto view = inspectedView();
        const Run other = makeRun(RunState::Failed);
        view->setRun(other.folder);
        view->setRecord(other.record);
        QVERIFY(!view->inspection());
        QCOMPARE(view->findChild<Gallery *>()->model()->rowCount(), 0);
        QTRY_VERIFY(says(*view, u"neither a model nor a checkpoint"_s));
    }
};

BOTTEGA_GUI_TEST_MAIN(TestUiInspector)
#include "tst_ui_inspector.moc"
