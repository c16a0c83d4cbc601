// SPDX-License-Identifier: Apache-2.0
#include "core/base/file.h"
#include "core/formats/npz/npz.h"
#include "core/formats/onnx/onnx.h"
#include "core/formats/safetensors/safetensors.h"
#include "tests/core/formats/convnet.h"
#include "tests/core/formats/peer.h"
#include "tests/support/testcase.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonObject>

#include <cmath>

using namespace bottega;
using namespace bottega::test;
using namespace Qt::StringLiterals;
namespace fs = std::filesystem;

namespace {

Answer ask(const QString &action, const fs::path &path)
{
    return askPeer("BOTTEGA_FORMATS_PYTHON", action, path);
}

} // namespace

/// Our model files in the hands of the programs that everybody has, and theirs in ours.
class TestModelPeers : public TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_root = m_folder.path().toStdString(); }

    void safetensorsReadsOurs()
    {
        std::vector<float> weights(500 * 800);
        for (std::size_t i = 0; i < weights.size(); ++i)
            weights[i] = std::sin(static_cast<float>(i));
        Safetensors content;
        content.arrays["fc/W"] = NpyArray::fromFloats({500, 800}, weights.data());
        content.arrays["fc/b"] = NpyArray::fromFloats({500}, weights.data());
        content.arrays["scalar"] = NpyArray::fromFloats({}, weights.data() + 1);
        content.arrays["none"] = NpyArray::fromFloats({0, 3}, weights.data());
        content.arrays["Größe \"\\\n"] = NpyArray{NpyType::UInt8, {3}, "abc"};
        content.arrays["double"] = NpyArray{NpyType::Float64, {1, 1}, "12345678"};
        content.arrays["int"] = NpyArray{NpyType::Int32, {1}, "\xff\xff\xff\x7f"};
        content.arrays["long"] = NpyArray{NpyType::Int64, {1}, "\xff\xff\xff\xff\xff\xff\xff\xff"};
        content.arrays["large"] = NpyArray{NpyType::UInt64, {1}, "\xff\xff\xff\xff\xff\xff\xff\xff"};
        content.metadata = {{"recipe", "mnist-cnn"}, {"città", "Forlì\t"}};
        const fs::path path = m_root / "ours.safetensors";
        QVERIFY_RESULT(writeSafetensors(path, content));
        const Answer answer = ask(u"show-safetensors"_s, path);
        ANSWER_OR_SKIP(answer, "safetensors");
        QVERIFY(shown(answer.document[u"arrays"_s].toObject()) == shown(content.arrays));
        QCOMPARE(shown(answer.document[u"metadata"_s].toObject()),
                 shown(QJsonObject{{u"recipe"_s, u"mnist-cnn"_s}, {u"città"_s, u"Forlì\t"_s}}));
        content.metadata.clear(); // whose order is theirs to choose
        QVERIFY_RESULT(writeSafetensors(path, content));
        QCOMPARE(ask(u"copy-safetensors"_s, path).exitCode, 0);
        const auto theirs = readFile(path.string() + ".copy");
        QVERIFY_RESULT(theirs);
        QVERIFY(*theirs == encodeSafetensors(content).value_or(""));
    }

    void weReadTheirSafetensors()
    {
        const fs::path path = m_root / "theirs.safetensors";
        const Answer answer = ask(u"make-safetensors"_s, path);
        ANSWER_OR_SKIP(answer, "safetensors");
        QCOMPARE(answer.document.object().size(), 8);
        const auto content = readSafetensors(path);
        QVERIFY_RESULT(content);
        QVERIFY(shown(answer.document.object()) == shown(content->arrays));
        QCOMPARE(content->metadata, (std::map<std::string, std::string>{{"format", "np"}, {"città", "Forlì"}}));
        const auto booleans = readSafetensors(path.string() + ".bool");
        QVERIFY(!booleans);
        QVERIFY(booleans.error().what.find("“BOOL”") != std::string::npos);
    }

    void onnxReadsOurs()
    {
        const ConvNet net;
        const fs::path path = m_root / "ours.onnx";
        QVERIFY_RESULT(writeOnnx(path, net.model()));
        const Answer answer = ask(u"show-onnx"_s, path);
        ANSWER_OR_SKIP(answer, "onnx");
        QVERIFY(shown(answer.document[u"weights"_s].toObject()) == shown(net.model().initializers));
        QVERIFY2(answer.document[u"sameBytes"_s].toBool(), "onnx would write other bytes");
        const QJsonArray nodes = answer.document[u"nodes"_s].toArray();
        QCOMPARE(std::size_t(nodes.size()), net.model().nodes.size());
        QCOMPARE(QJsonDocument(nodes[0].toArray()).toJson(QJsonDocument::Compact),
                 "[\"Conv\",\"conv1\",[\"x\",\"conv1/W\",\"conv1/b\"],[\"conv1\"],"
                 "{\"kernel_shape\":[3,3],\"pads\":[1,1,1,1],\"strides\":[1,1]}]");
        QCOMPARE(shown(answer.document[u"metadata"_s].toObject()), shown(QJsonObject{{u"recipe"_s, u"test"_s}}));
    }

    void onnxruntimeAgreesWithPlainArithmetic()
    {
        const ConvNet net;
        const fs::path path = m_root / "run.onnx";
        QVERIFY_RESULT(writeOnnx(path, net.model()));
        QVERIFY_RESULT(writeNpz(path.string() + ".npz", {{"x", net.input()}}));
        const Answer answer = ask(u"run-onnx"_s, path);
        ANSWER_OR_SKIP(answer, "onnxruntime");
        const std::vector<double> expected = net.forward();
        QCOMPARE(answer.document.object().size(), 2);
        for (const QString &level : answer.document.object().keys()) {
            const QJsonArray output = answer.document[level].toArray();
            QCOMPARE(output.at(0).toString(), u"<f4"_s);
            const QByteArray bytes = QByteArray::fromHex(output.at(2).toString().toLatin1());
            QCOMPARE(std::size_t(bytes.size()), expected.size() * sizeof(float));
            for (std::size_t i = 0; i < expected.size(); ++i) {
                float value = 0;
                std::memcpy(&value, bytes.constData() + i * sizeof value, sizeof value);
                const double difference = std::abs(double{value} - expected[i]);
                QVERIFY2(difference <= 2e-6, qPrintable(u"%1: %2 differs by %3"_s.arg(level).arg(i).arg(difference)));
            }
        }
    }

    void weReadTheirOnnx()
    {
        const fs::path path = m_root / "theirs.onnx";
        const Answer answer = ask(u"make-onnx"_s, path);
        ANSWER_OR_SKIP(answer, "onnx");
        QCOMPARE(answer.document.object().size(), 16);
        const auto model = readOnnx(path);
        QVERIFY_RESULT(model);
        QVERIFY(shown(answer.document.object()) == shown(model->initializers));
        QCOMPARE(model->opset, std::int64_t{20});
        QCOMPARE(model->producerName, std::string("helper"));
        QCOMPARE(model->metadata, (std::map<std::string, std::string>{{"recipe", "città"}}));
        QCOMPARE(model->nodes.size(), std::size_t{2});
        QVERIFY((model->nodes[0].attributes == std::map<std::string, OnnxAttribute>{{"alpha", 0.5f}, {"transB", 1}}));
        QVERIFY((model->inputs.at(0).shape == std::vector<OnnxDimension>{"N", 2ull}));
        const auto elsewhere = readOnnx(path.string() + ".external");
        QVERIFY(!elsewhere);
        QVERIFY(elsewhere.error().what.find("“weights.bin”") != std::string::npos);
    }

private:
    QTemporaryDir m_folder;
    fs::path m_root;
};

BOTTEGA_TEST_MAIN(TestModelPeers)
#include "tst_modelpeers.moc"
