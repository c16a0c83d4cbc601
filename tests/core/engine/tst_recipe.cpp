// SPDX-License-Identifier: Apache-2.0
#include "core/engine/recipe.h"
#include "tests/support/testcase.h"

using namespace bottega;
using namespace bottega::engine;
using namespace Qt::StringLiterals;

class RecipeTest : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void defaultsAreTheTutorials();
    void givenValuesWinInTheRecipesOrder();
    void wrongValuesAreNamed_data();
    void wrongValuesAreNamed();
    void goodValuesPass_data();
    void goodValuesPass();
    void everyDefaultPassesItsOwnCheck();
    void unknownAndRepeatedNamesAreRefused();
    void unknownRecipeListsTheKnown();
};

namespace {

const Recipe &mlp()
{
    return *findRecipe("mnist-mlp").value();
}

QString said(const Error &error)
{
    return QString::fromStdString(describe(error));
}

} // namespace

void RecipeTest::defaultsAreTheTutorials()
{
    const auto params = completeParams(mlp(), {});
    QVERIFY_RESULT(params);
    const Params expected = {{"epochs", "10"}, {"batchsize", "128"}, {"output_dir", "./outputs"}, {"lr", "0.01"},
                             {"momentum", "0.9"}, {"hidden", "100"}, {"seed", "0"}};
    QVERIFY(*params == expected);
}

void RecipeTest::givenValuesWinInTheRecipesOrder()
{
    const auto params = completeParams(mlp(), {{"seed", "7"}, {"epochs", "2"}});
    QVERIFY_RESULT(params);
    QCOMPARE(params->front().first, "epochs");
    QCOMPARE(params->front().second, "2");
    QCOMPARE(params->back().second, "7");
}

void RecipeTest::wrongValuesAreNamed_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("message");
    const auto row = [](const QString &name, const QString &value, const QString &message) {
        QTest::addRow("%s=%s", qPrintable(name), qPrintable(value.left(20))) << name << value << message;
    };
    row(u"epochs"_s, u"ten"_s, u"epochs=ten: a whole number from 1 to 100,000 is needed"_s);
    row(u"epochs"_s, u""_s, u"epochs=: a whole number"_s);
    row(u"epochs"_s, u"1.5"_s, u"epochs=1.5: a whole number"_s);
    row(u"epochs"_s, u"1e3"_s, u"epochs=1e3: a whole number"_s);
    row(u"epochs"_s, u" 3"_s, u"a whole number"_s);
    row(u"epochs"_s, u"99999999999999999999"_s, u"a whole number"_s);
    row(u"batchsize"_s, u"0"_s, u"batchsize=0: a whole number from 1 to 65,536 is needed"_s);
    row(u"batchsize"_s, u"-128"_s, u"batchsize=-128: a whole number"_s);
    row(u"lr"_s, u"nan"_s, u"lr=nan: a number from 0 to 1,000 is needed"_s);
    row(u"lr"_s, u"inf"_s, u"lr=inf: a number"_s);
    row(u"lr"_s, u"0,01"_s, u"lr=0,01: a number"_s);
    row(u"lr"_s, u"-0.1"_s, u"lr=-0.1: a number"_s);
    row(u"momentum"_s, u"1.1"_s, u"momentum=1.1: a number from 0 to 1 is needed"_s);
    row(u"hidden"_s, u"5000"_s, u"hidden=5000: a whole number from 1 to 4,096"_s);
    row(u"seed"_s, u"4294967296"_s, u"from 0 to 4,294,967,295"_s);
    row(u"output_dir"_s, u""_s, u"output_dir=: a text"_s);
    row(u"output_dir"_s, u"a\nb"_s, u"a text"_s);
    row(u"output_dir"_s, QString(2000, u'x'), u"a text"_s);
}

void RecipeTest::wrongValuesAreNamed()
{
    QFETCH(QString, name);
    QFETCH(QString, value);
    QFETCH(QString, message);
    const auto params = completeParams(mlp(), {{name.toStdString(), value.toStdString()}});
    QVERIFY(!params);
    QVERIFY(params.error().code == ErrorCode::Usage);
    QVERIFY2(said(params.error()).contains(message), qPrintable(said(params.error())));
    QVERIFY2(params.error().what.size() < 400, "a long value must not flood the message");
    QVERIFY(!params.error().remedy.empty());
}

void RecipeTest::goodValuesPass_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("value");
    QTest::newRow("smallest") << u"batchsize"_s << u"1"_s;
    QTest::newRow("largest") << u"batchsize"_s << u"65536"_s;
    QTest::newRow("exponent") << u"lr"_s << u"1e-3"_s;
    QTest::newRow("zero") << u"lr"_s << u"0"_s;
    QTest::newRow("largest seed") << u"seed"_s << u"4294967295"_s;
    QTest::newRow("folder") << u"output_dir"_s << u"/somewhere else/è"_s;
}

void RecipeTest::goodValuesPass()
{
    QFETCH(QString, name);
    QFETCH(QString, value);
    QVERIFY_RESULT(completeParams(mlp(), {{name.toStdString(), value.toStdString()}}));
}

void RecipeTest::everyDefaultPassesItsOwnCheck()
{
    for (const Recipe &recipe : recipes()) {
        QVERIFY(!recipe.title.empty() && !recipe.description.empty());
        for (const ParamSpec &spec : recipe.params) {
            QVERIFY_RESULT(checkParam(spec, spec.defaultValue));
            QVERIFY(!spec.help.empty());
        }
    }
}

void RecipeTest::unknownAndRepeatedNamesAreRefused()
{
    const auto unknown = completeParams(mlp(), {{"batch_size", "1"}});
    QVERIFY(!unknown);
    QVERIFY(unknown.error().code == ErrorCode::Usage);
    QVERIFY(said(unknown.error()).contains(u"\"batch_size\""_s));
    QVERIFY(said(unknown.error()).contains(u"epochs, batchsize, output_dir"_s));
    const auto twice = completeParams(mlp(), {{"epochs", "1"}, {"epochs", "2"}});
    QVERIFY(!twice);
    QVERIFY(said(twice.error()).contains(u"epochs is given twice"_s));
}

void RecipeTest::unknownRecipeListsTheKnown()
{
    const auto recipe = findRecipe("mnist-transformer");
    QVERIFY(!recipe);
    QVERIFY(recipe.error().code == ErrorCode::NotFound);
    QVERIFY(said(recipe.error()).contains(u"mnist-mlp"_s));
}

BOTTEGA_TEST_MAIN(RecipeTest)
#include "tst_recipe.moc"
