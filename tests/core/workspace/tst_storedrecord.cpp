// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/storedrecord.h"
#include "tests/support/testcase.h"

#include <cmath>
#include <limits>

using namespace bottega;

/// What the index keeps of a run, and how its metrics are shared.
class StoredRecordTest : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void everyFieldComesBack();
    void partOfTheBytesIsNoRecord();
    void copiesShareUntilOneIsChanged();
    void itemsInAnyOrder();

private:
    static RunRecord full();
};

/// No field has its default, so that one left out is seen.
RunRecord StoredRecordTest::full()
{
    RunRecord record;
    record.id = "digits_1700000000_00c0ffee";
    record.job = {record.id, "digits", "mnist-mlp", {{"epochs", "3"}, {"note", std::string("a\0b", 3)}},
                  {"mnist", "/data/mnist", "abc", 60'000, 10'000}, "cluster", "require", "cuda", 7, "bf16",
                  "digits_1600000000_00c0ffee", "/checkpoints/epoch-2.npz", 12.5, 1u << 30, 1u << 31, 1.7e9, "0.1.0"};
    record.status = {RunState::Failed, "exit status 3", 1.7e9 + 4, 1.7e9 + 1, 1.7e9 + 3, 2.25, 0, 2, 1, false, "exit status 3"};
    record.attempts = {{1, RunState::Failed, "signal 9", 1.7e9, 1.7e9 + 1}, {2, RunState::Failed, "exit status 3", 5, 6}};
    const double infinity = std::numeric_limits<double>::infinity();
    record.metrics["train/loss"] = {0.1, 0.05, 40, 50, 51};
    record.metrics["val/accuracy"] = {-infinity, infinity, -1, std::int64_t{1} << 60, 3};
    return record;
}

void StoredRecordTest::everyFieldComesBack()
{
    const RunRecord record = full();
    const auto again = unpackRecord(record.id, packRecord(record));
    QVERIFY(again);
    QCOMPARE(again->id, record.id);
    QCOMPARE(dumpJson(storedRecordToJson(*again)), dumpJson(storedRecordToJson(record)));
    QCOMPARE(dumpJson(runRecordToJson(*again)), dumpJson(runRecordToJson(record)));
    const Json empty = storedRecordToJson(RunRecord());
    const Json all = storedRecordToJson(*again);
    for (const char *part : {"job", "status"}) {
        for (const auto &[key, value] : all.at(part).items())
            QVERIFY2(key == "format" || !empty.at(part).contains(key) || empty.at(part).at(key) != value, key.c_str());
    }
    RunRecord nothing = record;
    nothing.metrics["train/loss"].last = std::nan("");
    QVERIFY(std::isnan(unpackRecord(record.id, packRecord(nothing))->metrics.at("train/loss").last));
}

void StoredRecordTest::partOfTheBytesIsNoRecord()
{
    const std::string bytes = packRecord(full());
    for (std::size_t size = 0; size < bytes.size(); ++size)
        QVERIFY2(!unpackRecord("x", std::string_view(bytes).substr(0, size)), std::to_string(size).c_str());
    QVERIFY(!unpackRecord("x", bytes + '\0'));
    // Counts that promise more than there is cost nothing.
    for (std::size_t at = 0; at + 4 <= bytes.size(); ++at) {
        std::string wrong = bytes;
        wrong.replace(at, 4, 4, '\xFF');
        static_cast<void>(unpackRecord("x", wrong));
    }
}

void StoredRecordTest::copiesShareUntilOneIsChanged()
{
    MetricSummaries first;
    QVERIFY(first.empty() && !first.contains("loss") && first.find("loss") == first.end());
    first["loss"].last = 1;
    MetricSummaries second = first;
    QCOMPARE(&*second.begin(), &*first.begin());
    second["loss"].last = 2;
    second["accuracy"].last = 3;
    QCOMPARE(first.at("loss").last, 1.0);
    QCOMPARE(first.size(), std::size_t{1});
    QCOMPARE(second.at("loss").last, 2.0);
    QCOMPARE(second.begin()->first, std::string("accuracy"));
    const auto *place = &*second.begin();
    second["loss"].last = 4; // alone again: nothing is copied
    QCOMPARE(&*second.begin(), place);
    QVERIFY_THROWS_EXCEPTION(std::out_of_range, static_cast<void>(second.at("none")));
}

void StoredRecordTest::itemsInAnyOrder()
{
    const MetricSummaries metrics({{"b", {1}}, {"a", {2}}, {"b", {3}}});
    QCOMPARE(metrics.size(), std::size_t{2});
    QCOMPARE(metrics.begin()->first, std::string("a"));
    QCOMPARE(metrics.at("b").last, 3.0);
}

BOTTEGA_TEST_MAIN(StoredRecordTest)
#include "tst_storedrecord.moc"
