// SPDX-License-Identifier: Apache-2.0
#include "core/base/file.h"
#include "core/formats/safetensors/safetensors.h"
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

private:
    QTemporaryDir m_folder;
    fs::path m_root;
};

BOTTEGA_TEST_MAIN(TestModelPeers)
#include "tst_modelpeers.moc"
