// SPDX-License-Identifier: Apache-2.0
#include "core/base/safename.h"
#include "core/formats/onnx/onnx.h"
#include "core/formats/onnx/onnxfields.h"
#include "core/formats/onnx/onnxtensor.h"
#include "core/formats/protobuf/wire.h"
#include "tests/support/testcase.h"

#include <QCoreApplication>

#include <fstream>
#include <limits>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace bottega;
namespace fs = std::filesystem;
using wire::putBytes;
using wire::putNumber;

namespace {

OnnxModel sample()
{
    const float weights[] = {1, -2, 3e38f, 0, 1e-40f, std::numeric_limits<float>::infinity()};
    OnnxModel model;
    model.producerName = "bottega";
    model.producerVersion = "1.2";
    model.graphName = "mnist";
    model.inputs = {{"x", NpyType::Float32, {"N", 2ull}}, {"k", NpyType::Int64, {}}, {"?", NpyType::UInt8, {""}}};
    model.outputs = {{"y", NpyType::Float32, {"N", 3ull}}};
    model.initializers["W"] = NpyArray::fromFloats({3, 2}, weights);
    model.initializers["b"] = NpyArray::fromFloats({3}, weights);
    model.initializers["none"] = NpyArray::fromFloats({0, 2}, weights);
    model.initializers["scalar"] = NpyArray{NpyType::Float64, {}, "12345678"};
    model.initializers["bytes"] = NpyArray{NpyType::UInt8, {3}, "abc"};
    model.initializers["int"] = NpyArray{NpyType::Int32, {1}, "1234"};
    model.initializers["long"] = NpyArray{NpyType::Int64, {1}, "12345678"};
    model.initializers["unsigned"] = NpyArray{NpyType::UInt64, {1}, "12345678"};
    model.nodes.push_back({"Gemm", "fc1", {"x", "W", "b"}, {"h"}, {{"transB", 1}, {"alpha", 1.5f}}});
    model.nodes.push_back({"Relu", "", {"h", ""}, {"r", ""}, {}});
    model.nodes.push_back({"Made", "up", {"r"}, {"y"},
                           {{"ints", std::vector<std::int64_t>{-1, 0, std::numeric_limits<std::int64_t>::max()}},
                            {"floats", std::vector<float>{-0.0f, 1e-40f}}, {"none", std::vector<float>{}},
                            {"text", "città"}, {"negative", -7}}});
    model.metadata = {{"recipe", "mnist-mlp"}, {"", ""}};
    return model;
}

/// A sound tensor without values: float32 [2], named w.
std::string tensorStart(std::vector<std::uint64_t> shape = {2}, std::uint64_t type = 1)
{
    std::string out;
    for (const std::uint64_t length : shape)
        putNumber(out, onnx::tensor::dimension, length);
    putNumber(out, onnx::tensor::type, type);
    putBytes(out, onnx::tensor::name, "w");
    return out;
}

std::string tensorWith(std::uint32_t field, const std::string &bytes, std::vector<std::uint64_t> shape = {2},
                       std::uint64_t type = 1)
{
    std::string out = tensorStart(std::move(shape), type);
    putBytes(out, field, bytes);
    return out;
}

std::string repeated(std::uint32_t field, const std::string &bytes, int times = 1)
{
    std::string out;
    for (int i = 0; i < times; ++i)
        putBytes(out, field, bytes);
    return out;
}

std::string opset()
{
    std::string version;
    putNumber(version, onnx::opset::version, 20);
    return repeated(onnx::model::opsetImport, version);
}

std::string modelWith(const std::string &graph, const std::string &more = {})
{
    return repeated(onnx::model::graph, graph) + opset() + more;
}

std::string graphWith(std::uint32_t field, const std::string &bytes)
{
    std::string graph;
    putBytes(graph, onnx::graph::name, "g");
    putBytes(graph, field, bytes);
    return graph;
}

std::string weights(const std::string &tensor)
{
    return modelWith(graphWith(onnx::graph::initializer, tensor));
}

std::string external(const std::string &location)
{
    std::string entry;
    putBytes(entry, onnx::pair::key, "location");
    putBytes(entry, onnx::pair::value, location);
    std::string offset;
    putBytes(offset, onnx::pair::key, "offset");
    putBytes(offset, onnx::pair::value, "9223372036854775807");
    std::string tensor = tensorWith(onnx::tensor::externalData, entry);
    putBytes(tensor, onnx::tensor::externalData, offset);
    putNumber(tensor, onnx::tensor::dataLocation, 1);
    return weights(tensor);
}

std::string node(const std::string &content)
{
    std::string out;
    putBytes(out, onnx::node::opType, "Relu");
    return modelWith(graphWith(onnx::graph::node, out + content));
}

std::string attribute(std::uint64_t type, const std::string &content = {})
{
    std::string out;
    putBytes(out, onnx::attribute::name, "a");
    putNumber(out, onnx::attribute::type, type);
    std::string field;
    putBytes(field, onnx::node::attribute, out + content);
    return field;
}

/// An If whose branch holds an If whose branch …
std::string nested(int depth)
{
    std::string graph = graphWith(onnx::graph::node, "");
    for (int i = 0; i < depth; ++i) {
        std::string value;
        putBytes(value, 6, graph); // the graph of an attribute
        std::string inner;
        putBytes(inner, onnx::node::opType, "If");
        graph = graphWith(onnx::graph::node, inner + attribute(5, value));
    }
    return modelWith(graph);
}

std::string valueNamed(const std::string &name, const std::string &tensorType)
{
    std::string value;
    putBytes(value, onnx::value::name, name);
    putBytes(value, onnx::value::type, repeated(onnx::value::tensorType, tensorType));
    return value;
}

std::string input(const std::string &tensorType)
{
    return modelWith(graphWith(onnx::graph::input, valueNamed("x", tensorType)));
}

std::string tensorType(std::uint64_t element, const std::string &shape)
{
    std::string out;
    putNumber(out, onnx::value::elementType, element);
    putBytes(out, onnx::value::shape, shape);
    return out;
}

long peakKilobytes()
{
    rusage usage = {};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

} // namespace

class TestOnnx : public test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_path = fs::path(m_folder.path().toStdString()) / "model.onnx"; }

    void bothWays()
    {
        QVERIFY_RESULT(writeOnnx(m_path, sample()));
        const auto read = readOnnx(m_path);
        QVERIFY_RESULT(read);
        const OnnxModel wanted = sample();
        QCOMPARE(read->irVersion, wanted.irVersion);
        QCOMPARE(read->opset, wanted.opset);
        QCOMPARE(read->producerName, wanted.producerName);
        QCOMPARE(read->producerVersion, wanted.producerVersion);
        QCOMPARE(read->graphName, wanted.graphName);
        QCOMPARE(read->metadata, wanted.metadata);
        verifyValues(read->inputs, wanted.inputs);
        verifyValues(read->outputs, wanted.outputs);
        QCOMPARE(read->initializers.size(), wanted.initializers.size());
        for (const auto &[name, array] : wanted.initializers) {
            QVERIFY(read->initializers.at(name).type == array.type);
            QCOMPARE(read->initializers.at(name).shape, array.shape);
            QCOMPARE(read->initializers.at(name).bytes, array.bytes);
        }
        QCOMPARE(read->nodes.size(), wanted.nodes.size());
        for (std::size_t i = 0; i < wanted.nodes.size(); ++i) {
            QCOMPARE(read->nodes[i].opType, wanted.nodes[i].opType);
            QCOMPARE(read->nodes[i].name, wanted.nodes[i].name);
            QCOMPARE(read->nodes[i].inputs, wanted.nodes[i].inputs);
            QCOMPARE(read->nodes[i].outputs, wanted.nodes[i].outputs);
            QVERIFY(read->nodes[i].attributes == wanted.nodes[i].attributes);
        }
        QCOMPARE(encodeOnnx(*read).value_or("a"), encodeOnnx(wanted).value_or("b"));
    }

    void typedFieldsAreTaken()
    {
        const auto valuesOf = [](const std::string &tensor) {
            const auto read = decodeOnnx(weights(tensor), "here");
            return read ? read->initializers.at("w").bytes : describe(read.error());
        };
        const auto packed = [](std::vector<std::int64_t> values) {
            std::string out;
            for (const std::int64_t value : values)
                wire::putVarint(out, static_cast<std::uint64_t>(value));
            return out;
        };
        const auto bytes = [](const auto &values) {
            return std::string(reinterpret_cast<const char *>(values), sizeof values);
        };
        const float reals[] = {1.5f, -2};
        QCOMPARE(valuesOf(tensorWith(4, bytes(reals))), bytes(reals));
        std::string single = tensorStart();
        for (const float value : reals) {
            wire::putKey(single, 4, wire::Type::Fixed32);
            wire::putFixed(single, value);
        }
        QCOMPARE(valuesOf(single), bytes(reals));
        const double doubles[] = {1.5, -2};
        QCOMPARE(valuesOf(tensorWith(10, bytes(doubles), {2}, 11)), bytes(doubles));
        const std::int32_t ints[] = {-1, 7};
        QCOMPARE(valuesOf(tensorWith(5, packed({-1, 7}), {2}, 6)), bytes(ints));
        const std::int64_t longs[] = {-1, 7};
        QCOMPARE(valuesOf(tensorWith(7, packed({-1, 7}), {2}, 7)), bytes(longs));
        QCOMPARE(valuesOf(tensorWith(7, packed({-1}), {2}, 7) + tensorWith(7, packed({7}), {}, 7)), bytes(longs));
        const std::uint64_t large[] = {~0ull, 7};
        QCOMPARE(valuesOf(tensorWith(11, packed({-1, 7}), {2}, 13)), bytes(large));
        QCOMPARE(valuesOf(tensorWith(5, packed({255, 7}), {2}, 2)), std::string("\xff\x07"));
        std::string packedShape = tensorWith(onnx::tensor::dimension, packed({1, 2}), {});
        putBytes(packedShape, onnx::tensor::rawData, "12345678");
        QCOMPARE(valuesOf(packedShape), std::string("12345678"));
    }

    void writerRefuses()
    {
        const auto refused = [this](auto change) {
            OnnxModel model = sample();
            change(model);
            const auto written = writeOnnx(m_path, model);
            return !written && written.error().code == ErrorCode::Usage && written.error().where == m_path.string();
        };
        QVERIFY(refused([](OnnxModel &m) { m.graphName.clear(); }));
        QVERIFY(refused([](OnnxModel &m) { m.nodes[0].opType.clear(); }));
        QVERIFY(refused([](OnnxModel &m) { m.nodes[0].inputs[0] = "z"; }));
        QVERIFY(refused([](OnnxModel &m) { std::swap(m.nodes[0], m.nodes[1]); }));
        QVERIFY(refused([](OnnxModel &m) { m.nodes[1].outputs[0] = "h"; }));
        QVERIFY(refused([](OnnxModel &m) { m.nodes[1].outputs[0] = "W"; }));
        QVERIFY(refused([](OnnxModel &m) { m.outputs[0].name = "z"; }));
        QVERIFY(refused([](OnnxModel &m) { m.inputs[1].name = "x"; }));
        QVERIFY(refused([](OnnxModel &m) { m.inputs[1].name.clear(); }));
        QVERIFY(refused([](OnnxModel &m) { m.initializers["W"].shape = {3, 3}; }));
        QVERIFY(refused([](OnnxModel &m) { m.initializers["W"].shape = {1ull << 63, 2}; }));
        QVERIFY(!refused([](OnnxModel &) {}));
    }

    void case39_hostileFilesAreRefused_data()
    {
        QTest::addColumn<std::string>("bytes");
        QTest::addColumn<std::string>("reason"); // part of what the error says
        const auto row = [](const char *name, const std::string &bytes, const std::string &reason) {
            QTest::newRow(name) << bytes << reason;
        };
        const std::string raw8(8, 'v');
        row("empty", "", "no graph");
        row("text", "<html>404 Not Found</html>", "damaged within the model");
        row("a pickle", "\x80\x04\x95" + std::string(100, '.'), "damaged within the model");
        row("no graph", opset(), "no graph");
        row("no operator set", repeated(onnx::model::graph, graphWith(99, "")), "names no operator set");
        row("two graphs", modelWith(graphWith(99, ""), modelWith(graphWith(99, ""))), "two graphs");
        row("two operator sets", modelWith(graphWith(99, ""), opset()), "twice");
        for (const char *place : {"../secret", "sub/../../x", "/etc/passwd", "weights.bin", "link", "folder/weights.bin",
                                  "hard", "fifo", "", "a\nb"})
            row(("weights in " + printable(place)).c_str(), external(place), "never opened");
        std::string located = tensorWith(onnx::tensor::rawData, raw8);
        putNumber(located, onnx::tensor::dataLocation, 1);
        row("weights elsewhere, said only by the location", weights(located), "never opened");
        row("weights elsewhere, said only by the place",
            weights(tensorWith(onnx::tensor::rawData, raw8) + repeated(onnx::tensor::externalData, "", 1)),
            "never opened");
        row("a segment", weights(tensorWith(onnx::tensor::rawData, raw8) + repeated(onnx::tensor::segment, "", 1)),
            "segment");
        row("graphs nested 200 deep", nested(200), "graphs and tensors inside attributes");
        row("groups nested 100,000 deep", std::string(100'000, '\x0b'), "damaged within the model");
        row("messages that claim 2^63 bytes", "\x3a\xff\xff\xff\xff\xff\xff\xff\xff\x7f", "damaged within the model");
        row("a number that never ends", std::string("\x08") + std::string(50, '\xff'), "damaged within the model");
        row("10,000,000 operations", modelWith(repeated(onnx::graph::node, "", 10'000'000)), "200000 parts");
        row("1,000,000 inputs of one", node(repeated(onnx::node::input, "", 1'000'000)), "200000 parts");
        row("10,000,000 numbers", node(attribute(7, std::string(20'000'000, '\x40'))), "200000 parts");
        row("10,000,000 numbers, packed",
            node(attribute(7, repeated(onnx::attribute::integers, std::string(10'000'000, '\1'), 1))), "200000 parts");
        row("10,000,000 fractions, packed",
            node(attribute(6, repeated(onnx::attribute::reals, std::string(40'000'000, '\1'), 1))), "200000 parts");
        row("10,000,000 lengths", weights(std::string(20'000'000, '\x08')), "are damaged");
        row("1,000,000 lengths of an input", input(tensorType(1, repeated(1, "", 1'000'000))), "200000 parts");
        row("raw values missing", weights(tensorWith(onnx::tensor::rawData, "1234")), "do not fit");
        row("raw values too many", weights(tensorWith(onnx::tensor::rawData, "123456789012")), "do not fit");
        row("no values", weights(tensorStart()), "do not fit");
        row("typed values missing", weights(tensorWith(4, "1234")), "do not fit");
        row("typed values too many", weights(tensorWith(4, "123456789012")), "do not fit");
        row("half a typed value", weights(tensorWith(4, "123456")), "do not fit");
        row("typed values of another type", weights(tensorWith(10, raw8)), "do not fit");
        row("a byte above 255", weights(tensorWith(5, "\x80\x02", {1}, 2)), "do not fit");
        row("an int32 above 2^31", weights(tensorWith(5, "\x80\x80\x80\x80\x08", {1}, 6)), "do not fit");
        row("a cut number among the values", weights(tensorWith(7, "\x80", {1}, 7)), "do not fit");
        row("the shape's product overflows", weights(tensorWith(9, raw8, {4194305, 4194305, 211106198978564})),
            "claim more");
        row("the product overflows to what is there", weights(tensorWith(9, raw8, {1ull << 32, 1ull << 32, 2})),
            "claim more");
        row("the bytes overflow to what is there", weights(tensorWith(9, raw8, {(1ull << 61) + 1}, 11)), "claim more");
        row("8 GiB promised", weights(tensorWith(9, raw8, {1ull << 31})), "claim more");
        row("a negative length", weights(tensorWith(9, raw8, {~0ull, 0})), "are damaged");
        row("no type", weights(tensorWith(9, raw8, {2}, 0)), "UNDEFINED");
        row("text as weights", weights(tensorWith(9, raw8, {2}, 8)), "STRING");
        row("halves as weights", weights(tensorWith(9, raw8, {4}, 10)), "FLOAT16");
        row("an unknown type", weights(tensorWith(9, raw8, {2}, 1ull << 40)), "number 1099511627776");
        row("the same weights twice",
            modelWith(graphWith(onnx::graph::initializer, tensorWith(9, raw8)) +
                      repeated(onnx::graph::initializer, tensorWith(9, raw8), 1)), "come twice");
        row("weights without a name",
            modelWith(graphWith(onnx::graph::initializer, onnx::encodeTensor("", {NpyType::UInt8, {}, "x"}))), "no name");
        row("sparse weights", modelWith(graphWith(onnx::graph::sparseInitializer, "")), "sparse");
        row("functions", modelWith(graphWith(99, ""), repeated(onnx::model::functions, "", 1)), "functions");
        row("another operator set", node(repeated(onnx::node::domain, "com.example", 1)), "com.example");
        row("an operation without a type", modelWith(graphWith(onnx::graph::node, "")), "has no type");
        row("an input that nothing gives", node(repeated(onnx::node::input, "z", 1)), "nothing before it gives");
        row("an output given twice", node(repeated(onnx::node::output, "z", 2)), "gives already");
        row("an output of the graph that nothing gives",
            modelWith(graphWith(onnx::graph::output, valueNamed("z", tensorType(1, "")))), "nothing gives");
        row("an attribute twice", node(attribute(2) + attribute(2)), "twice");
        row("an attribute without a type", node(attribute(0)), "none of numbers or text");
        row("a tensor as attribute", node(attribute(4)), "none of numbers or text");
        row("an attribute of type 2^63", node(attribute(1ull << 63)), "none of numbers or text");
        row("half a fraction", node(attribute(6, repeated(onnx::attribute::reals, "123", 1))), "damaged within an attr");
        row("an input without a type", modelWith(graphWith(onnx::graph::input, "")), "is no tensor");
        row("an input without a shape", input(std::string("\x08\x01")), "no shape");
        row("an input with two shapes", input(tensorType(1, "") + tensorType(1, "")), "two shapes");
        row("an input of text", input(tensorType(8, "")), "STRING");
        row("an input of negative length",
            input(tensorType(1, repeated(1, "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 1))), "negative length");
        row("metadata twice", modelWith(graphWith(99, ""), repeated(onnx::model::metadata, "", 2)), "twice");
    }

    void case39_hostileFilesAreRefused()
    {
        QFETCH(std::string, bytes);
        QFETCH(std::string, reason);
        save(bytes);
        const long before = peakKilobytes();
        const auto read = readOnnx(m_path);
        QVERIFY(!read);
        QVERIFY(read.error().code == ErrorCode::Corrupt || read.error().code == ErrorCode::Unsupported);
        QCOMPARE(read.error().where, m_path.string());
        QVERIFY2(read.error().what.find(reason) != std::string::npos, read.error().what.c_str());
        QVERIFY(!read.error().kept.empty() && !read.error().remedy.empty());
        const long allowed = (64 << 10) + 2 * static_cast<long>(bytes.size() >> 10);
        QVERIFY2(peakKilobytes() - before <= allowed, "more memory was used than the file accounts for");
    }

    void case39_weightsElsewhereAreNamed()
    {
        const auto read = decodeOnnx(external("sub/../../x"), "here");
        QVERIFY(!read);
        QCOMPARE(read.error().code, ErrorCode::Unsupported);
        QVERIFY(read.error().what.find("“w”") != std::string::npos);
        QVERIFY(read.error().what.find("“sub/../../x”") != std::string::npos);
    }

    void moreThan2GiBAreNotRead()
    {
        save("x");
        QVERIFY(::truncate(m_path.c_str(), (off_t{1} << 31)) == 0);
        const long before = peakKilobytes();
        QVERIFY(!readOnnx(m_path));
        QVERIFY(peakKilobytes() - before < 16 << 10);
        fs::remove(m_path);
    }

    /// Cut anywhere, it is refused, or lacks only what stands at the end and may be left out.
    void cutAtEveryByte()
    {
        OnnxModel model = sample();
        model.metadata.clear();
        const std::string good = encodeOnnx(model).value_or("");
        QVERIFY(good.size() > 300);
        for (std::size_t size = 0; size < good.size(); ++size)
            QVERIFY2(!decodeOnnx(std::string_view(good).substr(0, size), "here"), std::to_string(size).c_str());
    }

    void specialFiles()
    {
        const fs::path fifo = m_path.parent_path() / "fifo";
        QVERIFY(::mkfifo(fifo.c_str(), 0600) == 0);
        QVERIFY(!readOnnx(fifo));
        QVERIFY(!readOnnx("/dev/zero"));
        const auto missing = readOnnx(m_path.parent_path() / "none");
        QVERIFY(!missing);
        QCOMPARE(missing.error().code, ErrorCode::NotFound);
    }

private:
    static void verifyValues(const std::vector<OnnxValue> &values, const std::vector<OnnxValue> &wanted)
    {
        QCOMPARE(values.size(), wanted.size());
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            QCOMPARE(values[i].name, wanted[i].name);
            QVERIFY(values[i].type == wanted[i].type);
            QVERIFY(values[i].shape == wanted[i].shape);
        }
    }

    void save(const std::string &bytes) const
    {
        fs::remove(m_path); // file systems flush what replaces content in place
        std::ofstream(m_path, std::ios::binary) << bytes;
    }

    QTemporaryDir m_folder;
    fs::path m_path;
};

BOTTEGA_TEST_MAIN(TestOnnx)
#include "tst_onnx.moc"
