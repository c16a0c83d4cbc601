// SPDX-License-Identifier: Apache-2.0
#include "core/formats/csv/csv.h"
#include "tests/support/testcase.h"

#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>

using namespace bottega;

class TestCsv : public test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void rowsAsTheyStand()
    {
        QCOMPARE(csvRow({std::string("name"), 1.5, std::int64_t{-3}}), std::string("name,1.5,-3\r\n"));
        QCOMPARE(csvRow({std::string("a,b"), std::string("say \"x\""), std::string()}), std::string("\"a,b\",\"say \"\"x\"\"\",\"\"\r\n"));
        for (const char *broken : {"\"open", "a\"b", "\"a\"b,c", "x\r\n\"y"})
            QVERIFY2(!readCsv(broken) && !readCsv(broken).error().where.empty(), broken);
    }

    void case55_textCellsAreNoFormulas()
    {
        for (const std::string &text : {std::string("=1+1"), std::string("+cmd|' /C calc'!A0"), std::string("-2"), std::string("@SUM(A1)"), std::string("\t=1"),
                                        std::string("\r=1"), std::string("'quoted"), std::string("<script>"), std::string("a|b\\c")}) {
            const std::string row = csvRow({text});
            const std::size_t first = row.front() == '"' ? 1 : 0;
            QVERIFY2(std::string("=+-@\t\r").find(row[first]) == std::string::npos, row.c_str());
            const auto back = readCsv(row);
            QVERIFY_RESULT(back);
            QCOMPARE(back->at(0).at(0), text);
        }
        QCOMPARE(csvRow({-0.5, std::int64_t{-7}}), std::string("-0.5,-7\r\n")); // numbers are never touched
        QCOMPARE(csvRow({std::nan(""), -std::numeric_limits<double>::infinity()}), std::string("NaN,-Infinity\r\n"));
    }

    void case55_whatIsWrittenReadsBackEqual()
    {
        std::mt19937_64 random(20261123);
        static const std::string alphabet = "ab=+-@'\"\t\r\n, |\\<>;\xC3\xA9";
        for (int i = 0; i < 5000; ++i) {
            std::vector<CsvCell> cells;
            std::vector<std::string> texts;
            std::vector<double> numbers;
            for (std::uint64_t cell = random() % 4 + 1; cell > 0; --cell) {
                std::string text;
                for (std::uint64_t length = random() % 8; length > 0; --length)
                    text += alphabet[random() % alphabet.size()];
                const auto number = std::bit_cast<double>(random());
                cells.insert(cells.end(), {text, number});
                texts.push_back(text);
                numbers.push_back(number);
            }
            const auto rows = readCsv(csvRow(cells));
            QVERIFY_RESULT(rows);
            QCOMPARE(rows->size(), std::size_t(1));
            for (std::size_t cell = 0; cell < texts.size(); ++cell) {
                QCOMPARE(rows->at(0).at(2 * cell), texts[cell]);
                if (std::isfinite(numbers[cell]))
                    QCOMPARE(std::bit_cast<std::uint64_t>(std::strtod(rows->at(0).at(2 * cell + 1).c_str(), nullptr)),
                             std::bit_cast<std::uint64_t>(numbers[cell]));
            }
        }
    }
};

BOTTEGA_TEST_MAIN(TestCsv)
#include "tst_csv.moc"
