// SPDX-License-Identifier: Apache-2.0
#include "tests/support/testcase.h"

#include <QDirIterator>
#include <QFile>
#include <QMap>
#include <QRegularExpression>
#include <QSet>

using namespace Qt::StringLiterals;

namespace {

const QString folder = QStringLiteral(BOTTEGA_SOURCE_DIR "/tests/");

QStringList linesOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()).split(u'\n') : QStringList();
}

/// Numbers of the cases that a test function is named after.
QSet<int> provedCases()
{
    static const QRegularExpression declaration(u"^    void case([0-9]+)_[A-Za-z0-9]+\\(\\);?$"_s);
    QSet<int> cases;
    QDirIterator files(folder, {u"tst_*.cpp"_s}, QDir::Files, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        for (const QString &line : linesOf(files.next())) {
            if (const auto match = declaration.match(line); match.hasMatch())
                cases.insert(match.captured(1).toInt());
        }
    }
    return cases;
}

/// "59 nothing listens": the number and why no test proves the case.
QMap<int, QString> leftOutCases()
{
    QMap<int, QString> cases;
    for (const QString &line : linesOf(folder + u"project/cases-left-out.txt"_s)) {
        if (!line.isEmpty() && !line.startsWith(u'#'))
            cases.insert(line.section(u' ', 0, 0).toInt(), line.section(u' ', 1).trimmed());
    }
    return cases;
}

} // namespace

/// The cases of faults and attacks that are promised to be proved: each by a test that bears its number, or a reason.
class TestCases : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void everyCaseIsProvedOrLeftOutWithAReason_data()
    {
        QTest::addColumn<int>("number");
        for (const auto &[first, last] : {std::pair(1, 23), std::pair(35, 49), std::pair(53, 60)}) {
            for (int number = first; number <= last; ++number)
                QTest::addRow("%d", number) << number;
        }
    }
    void everyCaseIsProvedOrLeftOutWithAReason()
    {
        static const QSet<int> proved = provedCases();
        static const QMap<int, QString> leftOut = leftOutCases();
        QFETCH(int, number);
        QVERIFY2(proved.contains(number) != leftOut.contains(number),
                 proved.contains(number) ? "a test proves what is said to be left out" : "no test bears its number");
        if (leftOut.contains(number))
            QVERIFY(leftOut.value(number).size() > 10);
    }
};

BOTTEGA_TEST_MAIN(TestCases)
#include "tst_cases.moc"
