// SPDX-License-Identifier: Apache-2.0
#include "core/engine/recipe.h"
#include "tests/support/testcase.h"

#include <QFile>
#include <QTemporaryDir>

#include <algorithm>

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
    void recipesShareTheirParameters();
    void presetsFillWhatIsNotGiven();
    void networksAreReadFromFiles();
    void listsAreTakenApart();
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
    QVERIFY(Params(params->begin(), params->begin() + 7) == expected); // and first
    for (std::size_t i = 7; i < params->size(); ++i) { // what came later changes nothing unasked
        const std::string &value = (*params)[i].second;
        QVERIFY2(value == "0" || mlp().params[i].type == ParamType::Choice || mlp().params[i].name.starts_with("step_"),
                 (*params)[i].first.c_str());
    }
    QCOMPARE(paramOf(*params, "optimizer"), "momentum");
    QCOMPARE(paramOf(*params, "schedule"), "constant");
}

void RecipeTest::givenValuesWinInTheRecipesOrder()
{
    const auto params = completeParams(mlp(), {{"seed", "7"}, {"epochs", "2"}});
    QVERIFY_RESULT(params);
    QCOMPARE(params->front().first, "epochs");
    QCOMPARE(params->front().second, "2");
    QCOMPARE(paramOf(*params, "seed"), "7");
    QCOMPARE(params->size(), mlp().params.size());
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
    row(u"hidden"_s, u"5000"_s, u"hidden=5000: a list of whole numbers from 1 to 4,096"_s);
    row(u"hidden"_s, u"100,"_s, u"a list of whole numbers"_s);
    row(u"hidden"_s, u"100, 100"_s, u"a list of whole numbers"_s);
    row(u"hidden"_s, u"0,5"_s, u"a list of whole numbers"_s);
    row(u"hidden"_s, QString(u"1,"_s).repeated(32) + u'1', u"a list of whole numbers"_s);
    row(u"optimizer"_s, u"Adam"_s, u"optimizer=Adam: one of momentum, sgd, nesterov, adam, adamw is needed"_s);
    row(u"schedule"_s, u""_s, u"schedule=: one of constant"_s);
    row(u"label_smoothing"_s, u"1"_s, u"label_smoothing=1: a number from 0 to 0.99"_s);
    row(u"average"_s, u"1"_s, u"average=1: a number from 0 to 0.999999"_s);
    row(u"validation"_s, u"0.95"_s, u"a number from 0 to 0.9"_s);
    row(u"patience"_s, u"-1"_s, u"a whole number from 0"_s);
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
    QTest::newRow("layers") << u"hidden"_s << u"300,100,30"_s;
    QTest::newRow("optimizer") << u"optimizer"_s << u"adamw"_s;
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
            QVERIFY(!spec.help.empty() && !spec.group.empty());
            QCOMPARE(spec.type == ParamType::Choice, !spec.choices.empty());
        }
        for (const Preset &preset : recipe.presets) {
            QVERIFY(!preset.title.empty());
            QVERIFY_RESULT(completeParams(recipe, preset.params));
        }
    }
}

void RecipeTest::recipesShareTheirParameters()
{
    for (const Recipe &recipe : recipes()) {
        for (const ParamSpec &spec : mlp().params) {
            const auto found = std::find_if(recipe.params.begin(), recipe.params.end(),
                                            [&](const ParamSpec &other) { return other.name == spec.name; });
            if (spec.name == "hidden")
                continue;
            QVERIFY2(found != recipe.params.end(), spec.name.c_str());
            QVERIFY(found->help == spec.help && found->group == spec.group && found->type == spec.type);
        }
    }
}

void RecipeTest::presetsFillWhatIsNotGiven()
{
    const Recipe &cnn = *findRecipe("mnist-cnn").value();
    const auto params = withPreset(cnn, "accurate", {{"epochs", "3"}});
    QVERIFY_RESULT(params);
    QCOMPARE(paramOf(*params, "epochs"), "3");
    QCOMPARE(paramOf(*params, "average"), "0.999");
    const auto unknown = withPreset(cnn, "fast", {});
    QVERIFY(!unknown);
    QCOMPARE(unknown.error().code, ErrorCode::NotFound);
    QVERIFY2(said(unknown.error()).contains(u"It has accurate"_s), qPrintable(said(unknown.error())));
    QVERIFY(said(withPreset(mlp(), "fast", {}).error()).contains(u"It has none"_s));
}

void RecipeTest::networksAreReadFromFiles()
{
    const Recipe &own = *findRecipe("network").value();
    const QTemporaryDir folder;
    const auto write = [&folder](const QString &name, const QByteArray &text) {
        QFile file(folder.filePath(name));
        return file.open(QIODevice::WriteOnly) && file.write(text) == text.size();
    };
    const QByteArray text = R"({"layers": [{"type": "linear", "units": 5}, {"type": "tanh"}, {"type": "linear"}]})";
    QVERIFY(write(u"mine.json"_s, text) && write(u"wrong.json"_s, R"({"layers": [{"type": "lstm"}]})"));
    const auto read = withFilesRead(own, {{"network", folder.filePath(u"mine.json"_s).toStdString()}, {"epochs", "2"}});
    QVERIFY_RESULT(read);
    QCOMPARE(paramOf(*read, "network"), text.toStdString());
    QVERIFY_RESULT(completeParams(own, *read));
    const auto wrong = withFilesRead(own, {{"network", folder.filePath(u"wrong.json"_s).toStdString()}});
    QVERIFY(!wrong);
    QVERIFY2(said(wrong.error()).contains(u"layer 1"_s) && said(wrong.error()).contains(u"wrong.json"_s),
             qPrintable(said(wrong.error())));
    QCOMPARE(withFilesRead(own, {{"network", "/nowhere.json"}}).error().code, ErrorCode::NotFound);
    const auto refused = completeParams(own, {{"network", R"({"layers": [{"type": "conv2d", "channels": 5}]})"}});
    QVERIFY(!refused);
    QVERIFY2(said(refused.error()).contains(u"layer 1 (conv2d) lacks \"kernel\""_s), qPrintable(said(refused.error())));
    QVERIFY(!completeParams(own, {{"network", std::string(70'000, ' ') + text.toStdString()}}));
}

void RecipeTest::listsAreTakenApart()
{
    QCOMPARE(integersOf("100"), (std::vector<std::int64_t>{100}));
    QCOMPARE(integersOf("300,100,1"), (std::vector<std::int64_t>{300, 100, 1}));
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
