// SPDX-License-Identifier: Apache-2.0
#include "core/engine/networkfile.h"
#include "core/engine/networkspec.h"
#include "tests/support/testcase.h"

#include <string>

using namespace bottega;
using namespace bottega::engine;
using namespace Qt::StringLiterals;

namespace {

Result<NetworkPlan> planOf(const std::string &json, const Shape &picture = {1, 28, 28}, std::int64_t classes = 10)
{
    const auto spec = parseNetwork(json);
    return spec ? planNetwork(*spec, picture, classes) : fail(spec.error());
}

std::string layers(const std::string &list)
{
    return R"({"layers": [)" + list + "]}";
}

QString text(const std::string &value)
{
    return QString::fromStdString(value);
}

} // namespace

/// Descriptions of networks: what they mean, and what is said of those that make no sense.
class NetworkSpecTest : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void theRecipesNetworks_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<qint64>("parameters");
        QTest::addColumn<double>("flops");
        QTest::newRow("mlp") << u"mlp"_s << qint64{89'610} << 379'600.0;
        QTest::newRow("cnn") << u"cnn"_s << qint64{431'080} << 13'182'000.0;
        QTest::newRow("small") << u"small"_s << qint64{80 + 1'168 + 4'010} << 1'055'040.0;
    }

    void theRecipesNetworks()
    {
        QFETCH(QString, name);
        QFETCH(qint64, parameters);
        QFETCH(double, flops);
        const NetworkSpec spec = name == u"mlp"_s ? mlpNetwork({100, 100}) : name == u"cnn"_s ? cnnNetwork() : smallCnnNetwork();
        const auto plan = planNetwork(spec, {1, 28, 28}, 10);
        QVERIFY_RESULT(plan);
        QCOMPARE(qint64{plan->parameterCount}, parameters);
        QCOMPARE(plan->trainingFlops, flops);
        QCOMPARE(plan->layers.back().output, Shape{10});
    }

    void shapesAndNames()
    {
        const auto plan = planOf(layers(R"({"type": "conv2d", "channels": 6, "kernel": 5, "stride": 2, "padding": 1},
            {"type": "batchnorm"}, {"type": "relu", "name": "trunk"}, {"type": "conv2d", "channels": 6, "kernel": 3, "padding": 1},
            {"type": "add", "with": "trunk"}, {"type": "avgpool", "kernel": 2}, {"type": "flatten"},
            {"type": "linear", "units": 20}, {"type": "dropout"}, {"type": "linear"})"));
        QVERIFY_RESULT(plan);
        QStringList described;
        for (const LayerPlan &layer : plan->layers)
            described << text(layer.spec.name + " " + shapeText(layer.output) + " " + std::to_string(layer.parameterCount));
        const QStringList expected = {u"conv1 [6, 13, 13] 156"_s, u"bn1 [6, 13, 13] 12"_s, u"trunk [6, 13, 13] 0"_s,
                                      u"conv2 [6, 13, 13] 330"_s, u"add1 [6, 13, 13] 0"_s, u"avgpool1 [6, 6, 6] 0"_s,
                                      u"flatten1 [216] 0"_s, u"l1 [20] 4340"_s, u"dropout1 [20] 0"_s, u"l2 [10] 210"_s};
        QCOMPARE(described, expected);
        QCOMPARE(plan->layers[4].with, std::int64_t{2});
        QCOMPARE(plan->layers[5].spec.stride, std::int64_t{2}); // the kernel
        QCOMPARE(plan->layers[1].parameters.size(), std::size_t{4}); // running values are kept, but not trained
        const auto again = planNetwork(parseNetwork(dumpJson(networkToJson(plan->spec()))).value(), {1, 28, 28}, 10);
        QVERIFY_RESULT(again);
        QCOMPARE(again->parameterCount, plan->parameterCount);
        QCOMPARE(dumpJson(networkToJson(again->spec())), dumpJson(networkToJson(plan->spec())));
    }

    void wrongOnesNameTheLayer_data()
    {
        QTest::addColumn<QString>("json");
        QTest::addColumn<QString>("said");
        const auto row = [](const char *name, const std::string &json, const QString &said) {
            QTest::newRow(name) << text(json) << said;
        };
        row("no JSON", "layers: linear", u"not valid JSON"_s);
        row("nested too deep", std::string(100, '['), u"nested"_s);
        row("no object", "[1, 2]", u"no \"layers\""_s);
        row("no layers", "{}", u"no \"layers\""_s);
        row("empty", layers(""), u"no \"layers\""_s);
        row("unknown member", R"({"layers": [{"type": "linear"}], "depth": 3})", u"unknown member \"depth\""_s);
        row("layers twice", R"({"layers": [{"type": "relu"}], "layers": [{"type": "linear"}]})", u"\"layers\" of one object twice"_s);
        row("type twice", layers(R"({"type": "linear", "type": "relu"})"), u"\"type\" of one object twice"_s);
        row("no object as layer", layers("3"), u"layer 1 is no object"_s);
        row("no type", layers("{}"), u"layer 1 has no \"type\""_s);
        row("unknown type", layers(R"({"type": "linear", "units": 3}, {"type": "lstm"})"), u"layer 2 has the unknown type \"lstm\""_s);
        row("unknown member of a layer", layers(R"({"type": "relu", "units": 3})"), u"layer 1 (relu) has the unknown member \"units\""_s);
        row("units as text", layers(R"({"type": "linear", "units": "many"})"), u"\"units\" must be a whole number from 1 to 65536"_s);
        row("units beyond all", layers(R"({"type": "linear", "units": 1e300})"), u"\"units\" must be"_s);
        row("units below 1", layers(R"({"type": "linear", "units": -5})"), u"\"units\" must be"_s);
        row("rate of 1", layers(R"({"type": "dropout", "rate": 1})"), u"\"rate\" must be"_s);
        row("bad name", layers(R"({"type": "linear", "name": "a/b"})"), u"\"name\" must be"_s);
        row("conv without kernel", layers(R"({"type": "conv2d", "channels": 3})"), u"layer 1 (conv2d) lacks \"kernel\""_s);
        row("add without with", layers(R"({"type": "add"})"), u"lacks \"with\""_s);
        std::string many = R"({"type": "relu"})";
        for (int i = 0; i < 256; ++i)
            many += R"(,{"type": "relu"})";
        row("too many layers", layers(many), u"257 layers; 256 at most"_s);
        row("units left out early", layers(R"({"type": "linear"}, {"type": "linear"})"), u"layer 1 (linear l1): it lacks \"units\""_s);
        row("kernel too large", layers(R"({"type": "maxpool", "kernel": 5}, {"type": "conv2d", "channels": 2, "kernel": 7}, {"type": "linear"})"),
            u"layer 2 (conv2d conv1): the kernel of 7 does not fit its input of 5 × 5"_s);
        row("padding too large", layers(R"({"type": "maxpool", "kernel": 2, "padding": 2})"), u"padding of 2 must be below the kernel of 2"_s);
        row("conv of values", layers(R"({"type": "flatten"}, {"type": "conv2d", "channels": 2, "kernel": 3})"),
            u"layer 2 (conv2d conv1): it needs pictures"_s);
        row("name twice", layers(R"({"type": "relu", "name": "a"}, {"type": "tanh", "name": "a"})"), u"layer 2 (tanh a): the name is taken"_s);
        row("name of the input", layers(R"({"type": "relu", "name": "input"})"), u"the name is taken"_s);
        row("add of a later layer", layers(R"({"type": "add", "with": "l1"}, {"type": "linear"})"), u"there is no earlier layer \"l1\""_s);
        row("add of another shape", layers(R"({"type": "relu", "name": "a"}, {"type": "linear", "units": 5}, {"type": "add", "with": "a"})"),
            u"layer 3 (add add1): it cannot add a of 1 × 28 × 28 to 5"_s);
        row("no logits", layers(R"({"type": "conv2d", "channels": 3, "kernel": 3})"), u"the last layer must give one value a class"_s);
        row("too few classes", layers(R"({"type": "linear", "units": 9})"), u"gives 9 values, but the data have 10 classes"_s);
        row("too many classes", layers(R"({"type": "linear", "units": 257})"), u"256 at most"_s);
        row("nothing to train", layers(R"({"type": "maxpool", "kernel": 10, "stride": 5}, {"type": "flatten"})"), u"nothing to train"_s);
        row("too many parameters", layers(R"({"type": "linear", "units": 65536}, {"type": "linear", "units": 65536})"),
            u"layer 2 (linear l2): with it the network has"_s);
        row("too many values", layers(R"({"type": "conv2d", "channels": 4096, "kernel": 60, "padding": 59})"),
            u"a picture; 16777216 are the most"_s);
    }

    void wrongOnesNameTheLayer()
    {
        QFETCH(QString, json);
        QFETCH(QString, said);
        const auto plan = planOf(json.toStdString());
        QVERIFY(!plan);
        QVERIFY(plan.error().code == ErrorCode::Usage);
        QVERIFY2(text(plan.error().what).contains(said), plan.error().what.c_str());
    }

    void weightsTellTheirNetwork()
    {
        NpzArrays arrays;
        const NetworkPlan cnn = planNetwork(cnnNetwork(), {1, 28, 28}, 10).value();
        describeNetwork(cnn, arrays);
        const auto plan = planOfWeights(arrays);
        QVERIFY_RESULT(plan);
        QCOMPARE(plan->picture, cnn.picture);
        QCOMPARE(plan->parameterCount, cnn.parameterCount);
        NpzArrays plain; // linear layers are told by their weights, as other programs write them
        describeNetwork(planNetwork(mlpNetwork({100, 100}), {1, 28, 28}, 10).value(), plain);
        QVERIFY(plain.empty());
    }

    void hostileDescriptionsAreCorrupt_data()
    {
        QTest::addColumn<QByteArray>("json");
        for (const char *json : {"", "[]", "{}", R"({"layers": 3})", R"({"layers": [{"type": "linear"}]})",
                                 R"({"layers": [{"type": "linear"}], "picture": [0, 28, 28]})",
                                 R"({"layers": [{"type": "linear"}], "picture": [1, 2, 3, 4]})",
                                 R"({"layers": [{"type": "linear"}], "picture": [4096, 4096, 4096], "classes": 10})",
                                 R"({"layers": [{"type": "linear"}], "picture": [1, 28, 28], "classes": -3})",
                                 R"({"layers": [{"type": "linear"}], "picture": [1, 28, 28], "classes": 300})"})
            QTest::newRow(json) << QByteArray(json);
    }

    void hostileDescriptionsAreCorrupt()
    {
        QFETCH(QByteArray, json);
        NpzArrays arrays;
        arrays["network"] = {NpyType::UInt8, {static_cast<std::uint64_t>(json.size())}, json.toStdString()};
        const auto plan = planOfWeights(arrays);
        QVERIFY(!plan);
        QVERIFY(plan.error().code == ErrorCode::Corrupt);
    }
};

BOTTEGA_TEST_MAIN(NetworkSpecTest)
#include "tst_networkspec.moc"
