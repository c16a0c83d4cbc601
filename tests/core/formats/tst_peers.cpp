// SPDX-License-Identifier: Apache-2.0
#include "core/formats/npz/npz.h"
#include "core/formats/tfevents/eventreader.h"
#include "core/formats/tfevents/eventwriter.h"
#include "tests/core/formats/peer.h"
#include "tests/support/testcase.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <cmath>
#include <limits>

using namespace bottega;
using namespace bottega::test;
using namespace Qt::StringLiterals;
namespace fs = std::filesystem;

namespace {

Answer ask(const QString &action, const fs::path &path)
{
    return askPeer("BOTTEGA_PEER_PYTHON", action, path);
}

double numberOf(const QJsonValue &value)
{
    if (value.isDouble())
        return value.toDouble();
    if (value.toString() == u"nan")
        return std::numeric_limits<double>::quiet_NaN();
    return value.toString() == u"inf" ? std::numeric_limits<double>::infinity()
                                      : -std::numeric_limits<double>::infinity();
}

} // namespace

/// Our files in the hands of the programs that everybody has, and theirs in ours.
class TestPeers : public TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_root = m_folder.path().toStdString(); }

    void numpyReadsOurs()
    {
        std::vector<float> weights(100 * 784);
        for (std::size_t i = 0; i < weights.size(); ++i)
            weights[i] = std::sin(static_cast<float>(i));
        NpzArrays arrays;
        arrays["l1/W"] = NpyArray::fromFloats({100, 784}, weights.data());
        arrays["l1/b"] = NpyArray::fromFloats({100}, weights.data());
        arrays["scalar"] = NpyArray::fromFloats({}, weights.data() + 1);
        arrays["none"] = NpyArray::fromFloats({0, 3}, weights.data());
        arrays["zeros"] = NpyArray{NpyType::Int64, {50'000}, std::string(400'000, '\0')};
        arrays["large"] = NpyArray{NpyType::UInt64, {1}, "\xff\xff\xff\xff\xff\xff\xff\xff"};
        const fs::path path = m_root / "ours.npz";
        QVERIFY_RESULT(writeNpz(path, arrays));
        const Answer answer = ask(u"show-npz"_s, path);
        ANSWER_OR_SKIP(answer, "numpy");
        QVERIFY(shown(answer.document.object()) == shown(arrays));
    }

    void weReadNumpys()
    {
        const Answer answer = ask(u"make-npz"_s, m_root);
        ANSWER_OR_SKIP(answer, "numpy");
        QCOMPARE(answer.document.object().size(), 7);
        for (const char *name : {"plain.npz", "packed.npz"}) {
            const auto arrays = readNpz(m_root / name);
            QVERIFY_RESULT(arrays);
            QVERIFY2(shown(*arrays) == shown(answer.document.object()), name);
        }
        const auto objects = readNpz(m_root / "objects.npz");
        QVERIFY(!objects);
        QVERIFY(objects.error().what.find("pickle") != std::string::npos);
    }

    void tensorBoardReadsOurs()
    {
        const fs::path folder = m_root / "ours";
        fs::create_directory(folder);
        const std::vector<double> special = {std::nan(""), std::numeric_limits<double>::infinity(),
                                             -std::numeric_limits<double>::infinity(), 0.1, -0.0};
        {
            auto writer = EventWriter::create(folder, 1, "train");
            QVERIFY_RESULT(writer);
            for (int step = 0; step < 500; ++step)
                QVERIFY_RESULT(writer->append(step, {{"train/loss", 1.0 / (1 + step)},
                                                     {"special", special[std::size_t(step) % special.size()]}}));
        }
        const Answer answer = ask(u"show-events"_s, folder);
        ANSWER_OR_SKIP(answer, "TensorBoard");
        EventReader reader(fs::directory_iterator(folder)->path());
        std::vector<ScalarPoint> points;
        QVERIFY_RESULT(reader.read(points));
        QCOMPARE(points.size(), std::size_t{1000});
        QCOMPARE(answer.document.object().size(), 2);
        QMap<QString, int> taken;
        for (const ScalarPoint &point : points) {
            const QString tag = QString::fromStdString(reader.tags()[point.tag]);
            const QJsonArray theirs = answer.document.object().value(tag).toArray().at(taken[tag]++).toArray();
            const double value = numberOf(theirs.at(2));
            const auto rounded = static_cast<double>(static_cast<float>(point.value));
            QCOMPARE(theirs.at(0).toInteger(), qint64{point.step});
            QCOMPARE(theirs.at(1).toDouble(), point.wallTime);
            QVERIFY(std::isnan(rounded) ? std::isnan(value) : value == rounded);
        }
        for (const QString &tag : taken.keys())
            QCOMPARE(answer.document.object().value(tag).toArray().size(), taken[tag]);
    }

    void weReadTensorBoards()
    {
        const fs::path folder = m_root / "theirs";
        fs::create_directory(folder);
        const Answer answer = ask(u"make-events"_s, folder);
        ANSWER_OR_SKIP(answer, "TensorBoard");
        EventReader reader(fs::directory_iterator(folder)->path());
        std::vector<ScalarPoint> points;
        QVERIFY_RESULT(reader.read(points));
        QCOMPARE(reader.damagedRecords(), std::uint64_t{0});
        QCOMPARE(reader.tags(), (std::vector<std::string>{"old", "new"}));
        QCOMPARE(points.size(), std::size_t{200});
        for (std::size_t i = 0; i < points.size(); ++i) {
            const auto step = static_cast<std::int64_t>(i / 2);
            const float expected = static_cast<float>(static_cast<double>(step) / (i % 2 == 0 ? 7 : 3));
            QCOMPARE(points[i].step, step);
            QCOMPARE(points[i].wallTime, 1.5e9 + static_cast<double>(step));
            QCOMPARE(points[i].value, static_cast<double>(expected));
            QCOMPARE(points[i].sequence, std::uint64_t{0});
        }
    }

private:
    QTemporaryDir m_folder;
    fs::path m_root;
};

BOTTEGA_TEST_MAIN(TestPeers)
#include "tst_peers.moc"
