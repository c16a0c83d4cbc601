// SPDX-License-Identifier: Apache-2.0
#include "app/cli/commandline.h"
#include "app/cli/output.h"
#include "app/cli/parser.h"
#include "app/cli/progressline.h"
#include "tests/app/cli/clitest.h"

#include <QDir>

#include <algorithm>
#include <limits>
#include <algorithm>
#include <set>
#include <sstream>

using namespace Qt::StringLiterals;
using namespace bottega;
using namespace bottega::cli;

namespace {

const Command &commandNamed(const std::string &noun, const std::string &verb)
{
    const auto isIt = [&](const auto &command) {
        return command->declaration().noun == noun && command->declaration().verb == verb;
    };
    return **std::find_if(allCommands().begin(), allCommands().end(), isIt);
}

} // namespace

/// What the declarations alone decide: parsing, help, usage errors, and how things are laid out.
class TestCliUsage : public test::CliTest
{
    Q_OBJECT
private:
    static bool contains(const std::string &text, std::string_view part) { return text.find(part) != std::string::npos; }

private Q_SLOTS:
    void helpIsMadeFromTheDeclarations()
    {
        const auto program = call({"--help"});
        QCOMPARE(program.code, Done);
        for (const auto &command : allCommands()) {
            const Declaration &declaration = command->declaration();
            QVERIFY(contains(program.out, declaration.verb));
            const auto noun = call({declaration.noun, "--help"});
            QCOMPARE(noun.code, Done);
            QVERIFY(contains(noun.out, declaration.summary));
            for (const std::vector<std::string> &words :
                 {std::vector{declaration.noun, declaration.verb, std::string("--help")},
                  std::vector{declaration.noun, std::string("-h"), declaration.verb}}) {
                const auto help = call(words);
                QCOMPARE(help.code, Done);
                QVERIFY(help.err.empty());
                QVERIFY2(contains(help.out, "Usage: " + command->usage()), help.out.c_str());
                for (const Option &option : declaration.options)
                    QVERIFY(contains(help.out, option.name));
                for (const Option &option : commonOptions())
                    QVERIFY(contains(help.out, option.name));
            }
        }
    }

    void everyCommandOfTheDesignIsThere()
    {
        std::set<std::string> names;
        for (const auto &command : allCommands())
            names.insert(command->declaration().noun + " " + command->declaration().verb);
        const std::set<std::string> wanted = {
            "workspace init", "workspace show", "workspace verify", "workspace rebuild", "workspace export",
            "workspace import", "workspace trust", "data list",     "data get",
            "data import",    "data verify",    "run submit",       "run list",          "run show",      "run metrics",
            "run logs",       "run files",      "run download",     "run cancel",        "run delete",    "model register",
            "model list",     "model show",     "model download",   "model delete",      "model eval",    "model export",
            "target list",    "target show",  "run restore",        "model restore",     "workspace empty-trash"};
        for (const std::string &name : wanted)
            QVERIFY2(names.contains(name), name.c_str());
    }

    void recipesExplainThemselves()
    {
        const auto help = call({"run", "submit", "--help"});
        for (const char *word : {"mnist-mlp", "batchsize", "momentum", "hidden", "batchsize 128"})
            QVERIFY2(contains(help.out, word), word);
    }

    void versionIsOneLineOrOneDocument()
    {
        QCOMPARE(call({"--version"}).out, std::string("bottega-cli " BOTTEGA_VERSION "\n"));
        QCOMPARE(call({"--version", "--json"}).document().value("version", ""), std::string(BOTTEGA_VERSION));
        QVERIFY(call({"run", "show", "--help", "--json"}).document().value("help", "").starts_with("Show a run"));
    }

    void wrongCallsAreUsageErrors_data()
    {
        QTest::addColumn<QStringList>("words");
        QTest::addColumn<QString>("said");
        QTest::newRow("nothing") << QStringList() << u"Usage: bottega-cli"_s;
        QTest::newRow("no verb") << QStringList{u"run"_s} << u"submit"_s;
        QTest::newRow("unknown noun") << QStringList{u"runs"_s, u"list"_s} << u"workspace, data, run, model, target"_s;
        QTest::newRow("unknown noun alone") << QStringList{u"frobnicate"_s} << u"There are workspace"_s;
        QTest::newRow("verb of later") << QStringList{u"run"_s, u"clone"_s, u"X"_s} << u"submit, list, show, metrics"_s;
        QTest::newRow("slip of the verb") << QStringList{u"run"_s, u"sumbit"_s} << u"Did you mean submit?"_s;
        QTest::newRow("option before noun") << QStringList{u"--name"_s, u"x"_s} << u"first, then the options"_s;
        QTest::newRow("unknown option") << QStringList{u"run"_s, u"list"_s, u"--colour"_s} << u"Its options are --experiment"_s;
        QTest::newRow("slip of an option")
            << QStringList{u"run"_s, u"list"_s, u"--experimant=e"_s} << u"Did you mean --experiment?"_s;
        QTest::newRow("option of later")
            << QStringList{u"run"_s, u"submit"_s, u"--source"_s, u"."_s} << u"There is no option --source"_s;
        QTest::newRow("missing argument") << QStringList{u"run"_s, u"show"_s} << u"RUN is missing"_s;
        QTest::newRow("empty argument") << QStringList{u"run"_s, u"show"_s, QString()} << u"RUN is empty"_s;
        QTest::newRow("one too many") << QStringList{u"run"_s, u"show"_s, u"a"_s, u"b"_s} << u"one argument too many"_s;
        QTest::newRow("missing value") << QStringList{u"run"_s, u"list"_s, u"--experiment"_s} << u"needs a value"_s;
        QTest::newRow("option for a value")
            << QStringList{u"run"_s, u"submit"_s, u"--experiment"_s, u"--wait"_s} << u"needs a value"_s;
        QTest::newRow("empty value") << QStringList{u"run"_s, u"list"_s, u"--experiment="_s} << u"is empty"_s;
        QTest::newRow("value for a switch")
            << QStringList{u"run"_s, u"cancel"_s, u"x"_s, u"--wait=yes"_s} << u"takes no value"_s;
        QTest::newRow("given twice")
            << QStringList{u"run"_s, u"list"_s, u"--experiment=a"_s, u"--experiment=b"_s} << u"given twice"_s;
        QTest::newRow("required option")
            << QStringList{u"run"_s, u"download"_s, u"x"_s, u"y"_s} << u"--to DIR is missing"_s;
    }
    void wrongCallsAreUsageErrors()
    {
        QFETCH(QStringList, words);
        QFETCH(QString, said);
        std::vector<std::string> call;
        for (const QString &word : words)
            call.push_back(word.toStdString());
        const auto plain = this->call(call);
        QCOMPARE(plain.code, int(UsageError));
        QVERIFY(plain.out.empty());
        QVERIFY2(contains(plain.err, said.toStdString()), plain.err.c_str());
        call.emplace_back("--json");
        if (!words.isEmpty() && words.last() != u"--experiment"_s) // there --json is the missing value's neighbour
            QCOMPARE(this->call(call).error().value("code", ""), std::string("usage"));
        QCOMPARE(this->call(call).code, int(UsageError));
    }

    void optionsStandAnywhere()
    {
        const Command &submit = commandNamed("run", "submit");
        const auto call = submit.parse({"--param", "a=1", "--wait", "--param=b=2", "--experiment=-x", "--recipe", "r"});
        QVERIFY_RESULT(call);
        QVERIFY((call->values("--param") == std::vector<std::string>{"a=1", "b=2"}));
        QCOMPARE(call->value("--experiment"), std::string("-x"));
        QVERIFY(call->has("--wait"));
        const Command &metrics = commandNamed("run", "metrics");
        const auto dashes = metrics.parse({"--name", "loss", "--", "--strange"});
        QVERIFY_RESULT(dashes);
        QCOMPARE(dashes->argument(0), std::string("--strange"));
    }

    void theWorkspaceIsFound()
    {
        const std::string home = m_folder.path().toStdString();
        const std::string here = QDir::currentPath().toStdString();
        QVERIFY(QDir::setCurrent(m_folder.path()));
        const auto none = call({"run", "list", "--json"});
        QCOMPARE(none.code, int(NotFound));
        QCOMPARE(none.error().value("code", ""), std::string("not-found"));
        for (const char *key : {"code", "what", "where", "kept", "remedy"})
            QVERIFY2(none.error().contains(key), key);

        QCOMPARE(call({"workspace", "init", "first"}).code, int(Done));
        QCOMPARE(call({"workspace", "init", "second", "--name", "Other"}).code, int(Done));
        QCOMPARE(call({"workspace", "init", "second"}).code, int(Failed)); // it is one already
        QCOMPARE(call({"--workspace", home + "/second", "workspace", "show", "--json"}).document().value("name", ""),
                 std::string("Other"));
        QCOMPARE(call({"workspace", "show", "--json", "--workspace=first"}).document().value("name", ""), std::string("first"));

        qputenv("BOTTEGA_WORKSPACE", QByteArray::fromStdString(home + "/second"));
        QCOMPARE(call({"workspace", "show", "--json"}).document().value("name", ""), std::string("Other"));
        QVERIFY(QDir::setCurrent(m_folder.filePath(u"first/runs"_s)));
        QCOMPARE(call({"workspace", "show", "--json"}).document().value("name", ""), std::string("first"));
        qunsetenv("BOTTEGA_WORKSPACE");
        QVERIFY(QDir::setCurrent(QString::fromStdString(here)));

        const auto shown = call({"--workspace", home + "/first", "workspace", "show"});
        QVERIFY(contains(shown.out, "first"));
        QVERIFY(contains(shown.out, "none ready"));
    }

    void errorsHaveTheirParts()
    {
        std::ostringstream plain, json;
        const Error error{ErrorCode::Io, "It broke\x1b[31m", "here\nthere", "", "Mend it"};
        printError(plain, error, false);
        QCOMPARE(plain.str(), std::string("Error: It broke\\x1b[31m\n  where:  here\\nthere\n  to do:  Mend it\n"));
        printError(json, error, true);
        const test::CliOutcome outcome{0, {}, json.str()};
        QCOMPARE(outcome.error().value("where", ""), std::string("here\nthere"));
        QCOMPARE(outcome.error().size(), std::size_t(5));
    }

    void exitCodesFollowTheError()
    {
        QCOMPARE(exitCodeFor(ErrorCode::Usage), 2);
        QCOMPARE(exitCodeFor(ErrorCode::NotFound), 3);
        QCOMPARE(exitCodeFor(ErrorCode::Unreachable), 4);
        QCOMPARE(exitCodeFor(ErrorCode::Exists), 1);
        QCOMPARE(exitCodeFor(ErrorCode::Canceled), 130);
    }

    void tablesAlignCharactersNotBytes()
    {
        Table table({{"NAME"}, {"N", Align::Right}});
        table.add({"é\x1b[2J", "7"});
        table.add({"abcdefghij", "1,000"});
        std::ostringstream out;
        table.print(out);
        QCOMPARE(out.str(), std::string("NAME            N\né\\x1b[2J        7\nabcdefghij  1,000\n"));
    }

    void logsKeepTheirLinesOnly()
    {
        QCOMPARE(printableLines("a\tb\r\nc\x1b]0;t\x07\rd\n"), std::string("a\tb\nc\\x1b]0;t\\x07\nd\n"));
        const std::string longLine(10'000, 'x');
        QCOMPARE(printableLines(longLine), longLine);
        QCOMPARE(printableLines(std::string(500, '\x01')).size(), std::size_t(2000));
    }

    void numbersAreReadable()
    {
        QCOMPARE(durationText(7.9), std::string("0:07"));
        QCOMPARE(durationText(3723), std::string("1:02:03"));
        QCOMPARE(durationText(std::numeric_limits<double>::quiet_NaN()), std::string("-"));
        QCOMPARE(countText(0), std::string("0"));
        QCOMPARE(countText(-1234567), std::string("-1,234,567"));
        QCOMPARE(countText(-123), std::string("-123"));
        QCOMPARE(bytesText(999), std::string("999 B"));
        QCOMPARE(bytesText(999'960), std::string("1.0 MB"));
        QCOMPARE(numberText(0.123456), std::string("0.1235"));
        QCOMPARE(numberText(-std::numeric_limits<double>::infinity()), std::string("-Infinity"));
        QCOMPARE(shareText(0.97), std::string("0.9700"));
        QCOMPARE(timeText(0), std::string("-"));
        QCOMPARE(countOf(1, "run", "runs"), std::string("1 run"));
        QCOMPARE(agoText(7200), std::string("2 h ago"));
    }

    void theBarFitsTheTerminal()
    {
        for (int width = 0; width < 200; ++width) {
            const std::string line = progressText("epoch 3/10", 0.314, "loss 0.213  accuracy 0.94  0:12 left", width, true);
            QVERIFY(displayWidth(line) <= std::size_t(width));
            QCOMPARE(contains(line, "█"), width >= 62);
            if (width >= 62)
                QVERIFY(line.ends_with("31%  loss 0.213  accuracy 0.94  0:12 left"));
        }
        QCOMPARE(progressText("a", 0.5, "", 40, false), "a " + std::string(17, '#') + std::string(16, '-') + "  50%");
        QVERIFY(contains(progressText("a", 7, "", 40, false), "100%"));
        QVERIFY(contains(progressText("a", std::numeric_limits<double>::quiet_NaN(), "", 40, false), " 0%"));
    }

    void targetsAreListedAndShown()
    {
        const auto local = call({"target", "show", "local", "--json"});
        QCOMPARE(local.code, int(Done));
        QCOMPARE(local.document().value("name", ""), std::string("local"));
        QVERIFY(local.document().value("cpus", 0) > 0);
        QCOMPARE(call({"target", "list", "--json"}).document().at("items").size(), std::size_t(1));
        QCOMPARE(call({"target", "list"}).out, std::string("local\n"));
        QVERIFY(contains(call({"target", "show", "local"}).out, "cpus"));
        const auto none = call({"target", "show", "cluster"});
        QCOMPARE(none.code, int(NotFound));
        QVERIFY(contains(none.err, "local"));
    }
};

BOTTEGA_TEST_MAIN(TestCliUsage)
#include "tst_cliusage.moc"
