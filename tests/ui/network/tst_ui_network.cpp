// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/testcase.h"
#include "ui/network/layertexts.h"
#include "ui/network/networkeditor.h"
#include "ui/network/networkmodel.h"
#include "ui/network/networkview.h"
#include "ui/network/samplenetworks.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/theme.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QComboBox>
#include <QLabel>
#include <QLocale>
#include <QPlainTextEdit>
#include <QSignalSpy>
#include <QTextBlock>
#include <QTreeView>

using namespace Qt::StringLiterals;
using namespace bottega;
using engine::NetworkSpec;

namespace {

const engine::Shape picture = {1, 28, 28};

NetworkSpec parsed(const char *json)
{
    const auto spec = engine::parseNetwork(json);
    if (!spec)
        qWarning("%s", describe(spec.error()).c_str());
    return spec.value_or(NetworkSpec());
}

constexpr const char *twoWays = R"({"layers": [
  {"type": "conv2d", "channels": 4, "kernel": 3, "padding": 1, "name": "a"}, {"type": "relu", "name": "b"},
  {"type": "conv2d", "channels": 4, "kernel": 3, "padding": 1, "name": "c"}, {"type": "add", "with": "a", "name": "d"},
  {"type": "add", "with": "b", "name": "e"}, {"type": "tanh", "name": "f"}, {"type": "add", "with": "e", "name": "g"},
  {"type": "linear"}]})";

constexpr const char *wrongThird = R"({"layers": [{"type": "conv2d", "channels": 20, "kernel": 5},
  {"type": "maxpool", "kernel": 2}, {"type": "conv2d", "channels": 8, "kernel": 17}, {"type": "linear"}]})";

QString lanesText(const NetworkModel &model, int row)
{
    QString text;
    for (const auto &mark : model.index(row, 0).data(NetworkModel::LanesRole).value<QList<NetworkModel::LaneMark>>())
        text += QString::number(mark.lane) + (mark.part == NetworkModel::LaneMark::Start ? u"s"_s : mark.part == NetworkModel::LaneMark::End ? u"e"_s : u"|"_s);
    return text;
}

} // namespace

/// The drawing of a network and the editor of its description.
class TestNetwork : public test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        qputenv("BOTTEGA_THEME", "light");
        QLocale::setDefault(QLocale(QLocale::English));
        theme::apply(*qApp);
    }

    void layersAreRows()
    {
        NetworkModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setNetwork(engine::cnnNetwork(), picture, 10);
        QCOMPARE(model.rowCount(), 11); // the picture, then ten layers
        const auto text = [&model](int row, int column) { return model.index(row, column).data().toString(); };
        QCOMPARE(text(0, NetworkModel::Output), u"1 × 28 × 28"_s);
        QCOMPARE(text(1, NetworkModel::Layer), u"Convolution 5 × 5"_s);
        QCOMPARE(text(1, NetworkModel::Output), u"20 × 24 × 24"_s);
        QCOMPARE(text(1, NetworkModel::Parameters), u"520"_s);
        QCOMPARE(text(3, NetworkModel::Layer), u"Max pooling 2 × 2"_s);
        QCOMPARE(text(3, NetworkModel::Parameters), QString());
        QCOMPARE(text(8, NetworkModel::Parameters), u"400,500"_s);
        QCOMPARE(model.index(8, 0).data(NetworkModel::NameRole).toString(), u"l1"_s);
        QCOMPARE(model.index(8, 0).data(NetworkModel::ShareRole).toDouble(), 400'500.0 / 431'080.0);
        QCOMPARE(model.index(8, 0).data(Qt::AccessibleTextRole).toString(), u"Linear, l1, output 500, 400,500 parameters"_s);
    }

    void sameNetworkIsNotTold()
    {
        NetworkModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setNetwork(engine::mlpNetwork({100, 100}), picture, 10);
        QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
        model.setNetwork(engine::mlpNetwork({100, 100}), picture, 10);
        QCOMPARE(reset.size(), 0);
        model.setNetwork(engine::mlpNetwork({100, 101}), picture, 10);
        QCOMPARE(reset.size(), 1);
        model.setNetwork(engine::mlpNetwork({100, 101}), {3, 28, 28}, 10);
        QCOMPARE(reset.size(), 2);
        model.clear();
        QCOMPARE(model.rowCount(), 0);
    }

    void titlesTellWhatIsNotUsual()
    {
        const NetworkSpec spec = parsed(R"({"layers": [{"type": "conv2d", "channels": 4, "kernel": 3, "stride": 2, "padding": 1},
            {"type": "avgpool", "kernel": 3, "stride": 1}, {"type": "gelu"}, {"type": "batchnorm"}, {"type": "dropout", "rate": 0.25},
            {"type": "flatten"}, {"type": "linear"}]})");
        QStringList titles;
        for (const engine::LayerSpec &layer : spec.layers)
            titles += layerTitle(layer);
        QCOMPARE(titles, (QStringList{u"Convolution 3 × 3, stride 2, padding 1"_s, u"Average pooling 3 × 3, stride 1"_s, u"GELU"_s,
                                      u"Batch norm"_s, u"Dropout 25 %"_s, u"Flatten"_s, u"Linear"_s}));
        QCOMPARE(flopsText(379'600), u"380 kFLOP"_s);
        QCOMPARE(flopsText(13.184e6), u"13.2 MFLOP"_s);
        QCOMPARE(flopsText(0), u"0 FLOP"_s);
    }

    void waysPastLayersHaveLanes()
    {
        NetworkModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setNetwork(parsed(twoWays), picture, 10);
        QVERIFY(model.plan());
        QCOMPARE(model.laneCount(), 2);
        QCOMPARE(lanesText(model, 0), QString());
        QCOMPARE(lanesText(model, 1), u"0s"_s);   // a, to d
        QCOMPARE(lanesText(model, 2), u"0|1s"_s); // b, to e
        QCOMPARE(lanesText(model, 4), u"0e1|"_s);
        QCOMPARE(lanesText(model, 5), u"1e0s"_s); // the first lane is free again
        QCOMPARE(lanesText(model, 7), u"0e"_s);
        QCOMPARE(lanesText(model, 8), QString());
    }

    void anAdditionOfTheImage()
    {
        NetworkModel model;
        model.setNetwork(parsed(R"({"layers": [{"type": "conv2d", "channels": 1, "kernel": 3, "padding": 1},
            {"type": "add", "with": "input"}, {"type": "linear"}]})"), picture, 10);
        QVERIFY(model.plan());
        QCOMPARE(lanesText(model, 0), u"0s"_s);
        QCOMPARE(lanesText(model, 2), u"0e"_s);
    }

    void aWrongLayerIsMarked()
    {
        NetworkModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setNetwork(parsed(wrongThird), picture, 10);
        QVERIFY(!model.plan());
        QVERIFY(model.error());
        QCOMPARE(model.rowCount(), 5);
        QCOMPARE(model.index(2, NetworkModel::Output).data().toString(), u"20 × 12 × 12"_s); // as far as it goes
        QCOMPARE(model.index(3, NetworkModel::Output).data().toString(), u"–"_s);
        QVERIFY(model.index(2, 0).data(NetworkModel::ProblemRole).toString().isEmpty());
        QVERIFY(model.index(3, 0).data(NetworkModel::ProblemRole).toString().contains("does not fit"_L1));
        QVERIFY(model.index(3, 0).data(Qt::AccessibleTextRole).toString().contains("does not fit"_L1));
    }

    void theViewTellsSumsOrWhatIsWrong()
    {
        NetworkView view;
        view.resize(440, 600);
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        auto *sums = view.findChild<QLabel *>(u"networkSums"_s);
        auto *tree = view.findChild<QTreeView *>(u"networkDrawing"_s);
        QVERIFY(!tree->isVisible());
        view.setNetwork(engine::mlpNetwork({100, 100}), picture, 10);
        QVERIFY(tree->isVisible());
        QCOMPARE(sums->text(), u"89,610 parameters, 380 kFLOP to train on one image"_s);
        QVERIFY(!tree->accessibleName().isEmpty());
        QCOMPARE(tree->accessibleDescription(), sums->text());
        const int small = tree->height();
        view.setNetwork(engine::cnnNetwork(), picture, 10);
        QVERIFY(tree->height() > small); // as tall as the network
        view.setNetwork(parsed(wrongThird), picture, 10);
        QVERIFY2(sums->text().startsWith("Layer 3 (conv2d conv2): "_L1), qPrintable(sums->text()));
        QVERIFY(sums->property("danger").toBool());
        view.setEmpty(u"nothing"_s);
        QVERIFY(!tree->isVisible());
        QCOMPARE(sums->text(), u"nothing"_s);
        view.setNetwork(engine::mlpNetwork({100, 100}), picture, 10);
        QVERIFY(!sums->property("danger").toBool());
    }

    void theDrawingIsDrawn()
    {
        // Blocks of layers with weights have the accent's tint, a wrong one the colour of danger: look at the pixels.
        NetworkView view;
        view.resize(440, 600);
        view.setNetwork(parsed(twoWays), picture, 10);
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        auto *tree = view.findChild<QTreeView *>(u"networkDrawing"_s);
        const auto middle = [&](int row) {
            const QRect place = tree->visualRect(view.model()->index(row, 0));
            const QImage image = tree->viewport()->grab().toImage();
            return image.pixelColor(place.center() * image.devicePixelRatio() + QPoint(0, 6));
        };
        const QColor weights = middle(1), activation = middle(2);
        QVERIFY(weights.blue() > weights.red() + 10);
        QVERIFY(qAbs(activation.blue() - activation.red()) < 10);
        view.setNetwork(parsed(wrongThird), picture, 10);
        const QColor wrong = middle(3);
        QVERIFY(wrong.red() > wrong.blue() + 10);
    }

    void theDrawingIsReadByKeyboard()
    {
        NetworkView view;
        view.setNetwork(engine::cnnNetwork(), picture, 10);
        view.show();
        view.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&view));
        auto *tree = view.findChild<QTreeView *>(u"networkDrawing"_s);
        tree->setFocus();
        QTest::keyClick(tree, Qt::Key_Home);
        QTest::keyClick(tree, Qt::Key_Down);
        QCOMPARE(tree->currentIndex().row(), 1);
        QTest::keyClick(tree, Qt::Key_End);
        QCOMPARE(tree->currentIndex().row(), 10);
    }

    void everySampleFits()
    {
        QVERIFY(sampleNetworks().size() >= 4);
        for (const SampleNetwork &sample : sampleNetworks()) {
            const auto spec = engine::parseNetwork(toStdString(sample.json));
            QVERIFY_RESULT(spec);
            QVERIFY_RESULT(engine::planNetwork(*spec, picture, 10));
            QCOMPARE(sample.json.count(u'\n'), static_cast<qsizetype>(spec->layers.size()) + 1); // a line for each layer
            QCOMPARE(readableNetwork(sample.json), sample.json);
            QVERIFY(!sample.json.contains("\"padding\": 0"_L1));
        }
        QCOMPARE(readableNetwork(u"{nonsense"_s), u"{nonsense"_s);
    }

    void layersAreFoundInTheText()
    {
        const QString json = u"{\"layers\": [{\"type\": \"a}[{\\\"\"}, {\"x\": [{}]},\n {}]}"_s;
        QCOMPARE(layerOffset(json, 0), json.indexOf("{\"type"_L1));
        QCOMPARE(layerOffset(json, 1), json.indexOf("{\"x"_L1));
        QCOMPARE(layerOffset(json, 2), json.lastIndexOf("{}"_L1));
        QCOMPARE(layerOffset(json, 3), -1);
        QCOMPARE(layerOffset(QString(), 0), -1);
    }

    void errorsMarkTheirLine_data()
    {
        QTest::addColumn<QString>("json");
        QTest::addColumn<int>("line"); // 0: none
        QTest::newRow("no JSON") << u"{\"layers\": [\n{\"type\": \"relu\",}\n]}"_s << 2;
        QTest::newRow("unknown type") << u"{\"layers\": [\n{\"type\": \"relu\"},\n{\"type\": \"magic\"}]}"_s << 3;
        QTest::newRow("unknown member") << u"{\"layers\": [{\"type\": \"relu\", \"units\": 3}]}"_s << 1;
        QTest::newRow("no layers") << u"{}"_s << 0;
        QTest::newRow("does not fit") << u"{\"layers\": [\n\n{\"type\": \"conv2d\", \"channels\": 1, \"kernel\": 40}]}"_s << 3;
    }
    void errorsMarkTheirLine()
    {
        QFETCH(QString, json);
        QFETCH(int, line);
        NetworkEditor editor;
        editor.edit()->setPlainText(json);
        const auto spec = engine::parseNetwork(toStdString(json));
        const auto plan = spec ? engine::planNetwork(*spec, picture, 10) : Result<engine::NetworkPlan>(fail(spec.error()));
        QVERIFY(!plan);
        const QString words = editor.setError(&plan.error());
        QCOMPARE(words.startsWith(u"Line %1: "_s.arg(line)), line > 0);
        const auto marks = editor.edit()->extraSelections();
        QCOMPARE(marks.size(), line > 0 ? 1 : 0);
        if (line > 0)
            QCOMPARE(marks.first().cursor.blockNumber() + 1, line);
        QVERIFY(editor.setError(nullptr).isEmpty());
        QVERIFY(editor.edit()->extraSelections().isEmpty());
    }

    void samplesReplaceTheTextAndCanBeUndone()
    {
        NetworkEditor editor;
        editor.setText(QString::fromLatin1(wrongThird));
        const QString before = editor.text();
        auto *samples = editor.findChild<QComboBox *>(u"networkSamples"_s);
        QVERIFY(!samples->accessibleName().isEmpty());
        QSignalSpy changed(&editor, &NetworkEditor::textChanged);
        samples->setCurrentIndex(2);
        Q_EMIT samples->activated(2);
        QVERIFY(changed.size() > 0);
        QCOMPARE(editor.text(), sampleNetworks().at(1).json);
        QCOMPARE(samples->currentIndex(), 0);
        editor.edit()->undo();
        QCOMPARE(editor.text(), before);
    }
};

BOTTEGA_GUI_TEST_MAIN(TestNetwork)
#include "tst_ui_network.moc"
