// SPDX-License-Identifier: Apache-2.0
#include "tests/support/testcase.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>

using namespace Qt::StringLiterals;

namespace {

QJsonObject round(const QString &peer, const QString &program, const QJsonArray &speeds, double accuracy)
{
    QJsonObject record = {{u"kind"_s, u"round"_s},  {u"net"_s, u"mlp"_s},    {u"threads"_s, 2},
                          {u"peer"_s, peer},        {u"program"_s, program}, {u"round"_s, 1},
                          {u"images"_s, 0},         {u"epochs"_s, 3},        {u"imagesPerSecond"_s, speeds},
                          {u"accuracy"_s, accuracy}};
    if (program == u"bottega"_s) {
        record[u"flopsPerImage"_s] = 1e6;
        record[u"peakFlops"_s] = 1e9;
    } else {
        record[u"variant"_s] = u"index"_s;
        record[u"setting"_s] = u"2 threads"_s;
        record[u"versions"_s] = QJsonObject{{u"Peer"_s, u"1.5"_s}};
    }
    return record;
}

QJsonObject onGpu(QJsonObject record)
{
    record[u"threads"_s] = 0;
    record[u"peakFlops"_s] = 0;
    return record;
}

QJsonObject peer(const QString &key, const QString &name, const QString &missing)
{
    return {{u"kind"_s, u"peer"_s},
            {u"peer"_s, key},
            {u"name"_s, name},
            {u"missing"_s, missing},
            {u"package"_s, u""_s}};
}

} // namespace

/// How tests/bench/compare makes its document and its table; the peers themselves are never run by tests.
class TestCompare : public bottega::test::TestCase
{
    Q_OBJECT
private:
    QTemporaryDir m_folder;
    QJsonObject m_document;
    QString m_table;

private Q_SLOTS:
    void initTestCase()
    {
        QJsonObject failed = round(u"slow"_s, u"peer"_s, {}, 0);
        failed[u"accuracy"_s] = QJsonValue();
        failed[u"error"_s] = u"still running"_s;
        const QJsonObject machine = {{u"processor"_s, u"ACME 9000, family 1 model 2"_s},
                                     {u"cores"_s, 2},
                                     {u"instructionSet"_s, u"AVX-512"_s}};
        const QList<QJsonObject> records = {
            {{u"kind"_s, u"machine"_s},
             {u"version"_s, u"0.1"_s},
             {u"quick"_s, false},
             {u"loadBefore"_s, 0.1},
             {u"machine"_s, machine}},
            peer(u"slow"_s, u"Slow"_s, {}),
            peer(u"quick"_s, u"Quick"_s, {}),
            peer(u"absent"_s, u"Absent"_s, u"not installed"_s),
            {{u"kind"_s, u"search"_s}, {u"peer"_s, u"quick"_s}, {u"imagesPerSecond"_s, QJsonArray{9'000}}},
            round(u"slow"_s, u"bottega"_s, {480, 520}, 0.9),
            failed,
            round(u"quick"_s, u"bottega"_s, {100, 600, 400}, 0.9), // the median counts, not the mean
            round(u"quick"_s, u"peer"_s, {200, 250, 10}, 0.8),
            onGpu(round(u"quick"_s, u"bottega"_s, {900}, 0.9)),
            onGpu(round(u"quick"_s, u"peer"_s, {300}, 0.8)),
        };
        QFile file(m_folder.filePath(u"records.jsonl"_s));
        QVERIFY(file.open(QIODevice::WriteOnly));
        for (const QJsonObject &record : records)
            file.write(QJsonDocument(record).toJson(QJsonDocument::Compact) + '\n');
        file.close();
        QProcess compare;
        compare.start(u"/usr/bin/python3"_s,
                      {u"-B"_s, QStringLiteral(BOTTEGA_SOURCE_DIR "/tests/bench/compare"), u"--replay"_s,
                       file.fileName(), u"--results"_s, m_folder.path()});
        QVERIFY(compare.waitForFinished(60'000));
        QVERIFY2(compare.exitCode() == 0, compare.readAllStandardError().constData());
        QFile document(m_folder.filePath(u"acme-9000-2-cores-avx-512.json"_s)),
            table(m_folder.filePath(u"acme-9000-2-cores-avx-512.md"_s));
        QVERIFY(document.open(QIODevice::ReadOnly) && table.open(QIODevice::ReadOnly));
        m_document = QJsonDocument::fromJson(document.readAll()).object();
        m_table = QString::fromUtf8(table.readAll());
    }

    void documentHoldsMediansOfNeighbours()
    {
        const QJsonArray results = m_document[u"results"_s].toArray();
        QCOMPARE(results.size(), 3);
        const QJsonObject result = results[1].toObject();
        QCOMPARE(result[u"name"_s].toString(), u"mnist-mlp"_s);
        QCOMPARE(result[u"threads"_s].toInt(), 2);
        QCOMPARE(result[u"imagesPerSecond"_s].toDouble(), 400);
        QCOMPARE(result[u"peerImagesPerSecond"_s].toDouble(), 200);
        QCOMPARE(result[u"ratio"_s].toDouble(), 2);
        QCOMPARE(result[u"shareOfPeak"_s].toDouble(), 0.4);
        QCOMPARE(result[u"accuracy"_s].toDouble(), 0.9);
        QCOMPARE(result[u"peerAccuracy"_s].toDouble(), 0.8);
        QCOMPARE(result[u"peer"_s].toString(), u"Quick"_s);
        QCOMPARE(result[u"peerVersion"_s].toString(), u"1.5"_s);
        QCOMPARE(m_document[u"versions"_s][u"Bottega"_s].toString(), u"0.1"_s);
        QCOMPARE(m_document[u"machine"_s][u"cores"_s].toInt(), 2);
    }

    void failedPeerHasNoRatio()
    {
        const QJsonObject result = m_document[u"results"_s].toArray().first().toObject();
        QCOMPARE(result[u"imagesPerSecond"_s].toDouble(), 500);
        QVERIFY(result[u"ratio"_s].isNull());
        QCOMPARE(result[u"error"_s].toString(), u"still running"_s);
    }

    void tableNamesEveryPeer()
    {
        QVERIFY(m_table.contains(u"ACME 9000, family 1 model 2, 2 cores, AVX-512"_s));
        QVERIFY(m_table.contains(u"2 threads: 1 GFLOP/s"_s));
        QVERIFY(m_table.contains(
            u"| Quick 1.5 | index; 2 threads | all × 3 | 200 | 20 % | 80.0 % | 400 | 40 % | 90.0 % | **2.00×** |"_s));
        QVERIFY(m_table.contains(u"MLP 784-100-100-10, on the GPU\n"_s));
        QVERIFY(m_table.contains(u"| all × 3 | 300 |  | 80.0 % | 900 |  | 90.0 % | **3.00×** |"_s));
        QVERIFY(m_table.contains(u"| still running |"_s));
        QVERIFY(m_table.contains(u"* Absent: not installed"_s));
        QVERIFY(m_table.indexOf(u"| Quick"_s) < m_table.indexOf(u"| Slow"_s));
    }
};

BOTTEGA_TEST_MAIN(TestCompare)
#include "tst_compare.moc"
