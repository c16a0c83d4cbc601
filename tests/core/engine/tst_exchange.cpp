// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/reference/referencebackend.h"
#include "core/engine/exchange.h"
#include "core/engine/network.h"
#include "core/engine/networkfile.h"
#include "core/formats/safetensors/safetensors.h"
#include "tests/core/formats/peer.h"
#include "tests/support/testcase.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QTemporaryDir>

#include <cmath>
#include <cstring>
#include <numeric>

using namespace bottega;
using namespace bottega::engine;
using namespace bottega::test;
using namespace Qt::StringLiterals;
namespace fs = std::filesystem;

namespace {

constexpr std::int64_t pictures = 7;

/// Every type of layer at least once, with padding, stride and a residual connection.
constexpr const char *everyLayer = R"({"layers": [
    {"type": "conv2d", "channels": 6, "kernel": 3, "padding": 1}, {"type": "batchnorm"}, {"type": "relu", "name": "trunk"},
    {"type": "conv2d", "channels": 6, "kernel": 3, "padding": 1}, {"type": "gelu"}, {"type": "add", "with": "trunk"},
    {"type": "maxpool", "kernel": 3, "stride": 2, "padding": 1},
    {"type": "conv2d", "channels": 4, "kernel": 3, "stride": 2}, {"type": "tanh"},
    {"type": "avgpool", "kernel": 2, "padding": 1}, {"type": "flatten"},
    {"type": "linear", "units": 12}, {"type": "batchnorm"}, {"type": "relu"}, {"type": "dropout", "rate": 0.25},
    {"type": "linear"}]})";

Network randomNetwork(Backend &backend, const NetworkSpec &spec)
{
    Network network(backend, planNetwork(spec, {2, 12, 12}, 5).value());
    Random random(3);
    network.initialize(random);
    for (const auto &parameter : network.parameters()) {
        std::vector<float> values(static_cast<std::size_t>(parameter->value.count()));
        backend.download(parameter->value, values);
        for (float &value : values) // biases and running values too, and no variance below 0.5
            value += 0.5f + 0.2f * static_cast<float>(random.uniform());
        if (!parameter->decays)
            backend.upload(values, parameter->value);
    }
    return network;
}

NpzArrays weightsOf(const Network &network)
{
    NpzArrays weights;
    network.saveWeights(weights);
    return weights;
}

Samples randomSamples(Backend &backend)
{
    Random random(4);
    std::vector<std::uint8_t> pixels(pictures * 2 * 12 * 12);
    for (std::uint8_t &pixel : pixels)
        pixel = static_cast<std::uint8_t>(random.below(256));
    return backend.hold(pixels, std::vector<std::uint8_t>(pictures), {2, 12, 12});
}

bool isSame(const NpzArrays &one, const NpzArrays &other)
{
    return std::equal(one.begin(), one.end(), other.begin(), other.end(), [](const auto &a, const auto &b) {
        return a.first == b.first && a.second.type == b.second.type && a.second.shape == b.second.shape &&
               a.second.bytes == b.second.bytes;
    });
}

} // namespace

/// Networks as files of other programs, and back.
class TestExchange : public TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void weightsComeBackToTheBit_data()
    {
        QTest::addColumn<QString>("ending");
        for (const char *ending : {"npz", "safetensors", "onnx"})
            QTest::newRow(ending) << QString::fromLatin1(ending);
    }

    void weightsComeBackToTheBit()
    {
        QFETCH(QString, ending);
        ReferenceBackend backend;
        for (const NetworkSpec &spec : {parseNetwork(everyLayer).value(), cnnNetwork(), mlpNetwork({20, 10})}) {
            const bool isCnn = spec.layers.size() == cnnNetwork().layers.size();
            const NetworkPlan plan = planNetwork(spec, isCnn ? Shape{1, 28, 28} : Shape{2, 12, 12}, 5).value();
            Network network(backend, plan);
            Random random(1);
            network.initialize(random);
            const NpzArrays weights = weightsOf(network);
            const fs::path path = m_folder.filePath(u"weights."_s + ending).toStdString();
            QVERIFY_RESULT(writeWeights(path, weights));
            const auto read = readWeights(path);
            QVERIFY_RESULT(read);
            if (weights.contains("network")) {
                QVERIFY(isSame(*read, weights));
            } else { // an MLP tells its shape by its weights; ONNX knows the picture's besides
                for (const auto &[name, array] : weights)
                    QCOMPARE(read->at(name).bytes, array.bytes);
            }
            QCOMPARE(planOfWeights(*read)->parameterCount, plan.parameterCount);
        }
    }

    void onnxruntimeAgreesWithUs()
    {
        ReferenceBackend backend;
        const Network network = randomNetwork(backend, parseNetwork(everyLayer).value());
        const Samples samples = randomSamples(backend);
        std::vector<std::int32_t> indices(pictures);
        std::iota(indices.begin(), indices.end(), 0);
        const Pass pass = network.makePrediction(samples, pictures);
        pass.plan->run(StepInputs{indices});

        const fs::path path = m_folder.filePath(u"run.onnx"_s).toStdString();
        QVERIFY_RESULT(writeWeights(path, weightsOf(network)));
        std::vector<float> input(static_cast<std::size_t>(samples.count * samples.features()));
        for (std::size_t i = 0; i < input.size(); ++i)
            input[i] = static_cast<float>(samples.pixels.get()[i]) / 255;
        QVERIFY_RESULT(writeNpz(path.string() + ".npz", {{"pictures", NpyArray::fromFloats({pictures, 2, 12, 12}, input.data())}}));
        const Answer checked = askPeer("BOTTEGA_FORMATS_PYTHON", u"show-onnx"_s, path);
        ANSWER_OR_SKIP(checked, "onnx");
        const Answer answer = askPeer("BOTTEGA_FORMATS_PYTHON", u"run-onnx"_s, path);
        ANSWER_OR_SKIP(answer, "onnxruntime");
        QCOMPARE(answer.document.object().size(), 2); // without and with its optimizations
        for (const QString &level : answer.document.object().keys()) {
            const QByteArray bytes = QByteArray::fromHex(answer.document[level].toArray().at(2).toString().toLatin1());
            std::vector<float> logits(static_cast<std::size_t>(pictures * 5));
            QCOMPARE(static_cast<std::size_t>(bytes.size()), logits.size() * sizeof(float));
            std::memcpy(logits.data(), bytes.constData(), logits.size() * sizeof(float));
            for (std::int64_t n = 0; n < pictures; ++n) {
                for (std::int64_t c = 0; c < 5; ++c) {
                    const float ours = pass.outputs.back()->at(c, n);
                    const float theirs = logits[static_cast<std::size_t>(n * 5 + c)];
                    QVERIFY2(std::abs(ours - theirs) <= 2e-5f * std::max(1.0f, std::abs(ours)),
                             qPrintable(u"%1: picture %2 class %3: %4 and %5"_s.arg(level).arg(n).arg(c).arg(ours).arg(theirs)));
                }
            }
        }
    }

    void graphsOfOthersAreRefusedByName()
    {
        ReferenceBackend backend;
        const Network network = randomNetwork(backend, parseNetwork(everyLayer).value());
        const OnnxModel model = onnxOfWeights(weightsOf(network)).value();
        const auto refusal = [](OnnxModel changed, auto change) {
            change(changed);
            const auto read = weightsOfOnnx(changed);
            return read ? QString() : QString::fromStdString(read.error().what);
        };
        QVERIFY(refusal(model, [](OnnxModel &m) { m.nodes[0].opType = "Loop"; }).contains(u"Loop"_s));
        QVERIFY(refusal(model, [](OnnxModel &m) { m.nodes[0].attributes["group"] = std::int64_t{2}; }).contains(u"grouped"_s));
        QVERIFY(refusal(model, [](OnnxModel &m) { m.nodes[0].attributes["surprise"] = std::int64_t{2}; }).contains(u"surprise"_s));
        QVERIFY(refusal(model, [](OnnxModel &m) {
                    m.nodes[0].attributes["pads"] = std::vector<std::int64_t>{0, 0, 1, 1};
                }).contains(u"even padding"_s));
        QVERIFY(refusal(model, [](OnnxModel &m) { m.initializers.erase("conv1/W"); }).contains(u"conv1/W"_s));
        QVERIFY(refusal(model, [](OnnxModel &m) { m.nodes[1].inputs[0] = "elsewhere"; }).contains(u"chain"_s));
        QVERIFY(refusal(model, [](OnnxModel &m) { m.outputs[0].name = "elsewhere"; }).contains(u"output"_s));
        QVERIFY(refusal(model, [](OnnxModel &m) { m.inputs[0].shape = {}; }).contains(u"input"_s));
        QVERIFY(refusal(model, [](OnnxModel &m) { m.nodes[0].name = "a/b"; }).contains(u"name"_s));
    }

    void otherEndingsAndWeightsWithoutANetwork()
    {
        QVERIFY(readWeights("weights.pt").error().code == ErrorCode::Usage);
        QVERIFY(writeWeights("weights.pt", {}).error().code == ErrorCode::Usage);
        const fs::path path = m_folder.filePath(u"none.onnx"_s).toStdString();
        const auto written = writeWeights(path, {});
        QVERIFY(!written);
        QVERIFY(!fs::exists(path));
    }

private:
    QTemporaryDir m_folder;
};

BOTTEGA_TEST_MAIN(TestExchange)
#include "tst_exchange.moc"
