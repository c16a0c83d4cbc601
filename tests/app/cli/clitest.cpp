// SPDX-License-Identifier: Apache-2.0
#include "tests/app/cli/clitest.h"

#include "app/cli/commandline.h"

#include <sstream>
#include <thread>

namespace bottega::test {

using namespace Qt::StringLiterals;

Json CliOutcome::document() const
{
    return parseJson(out, "standard output").value_or(Json());
}

Json CliOutcome::error() const
{
    const Json json = parseJson(err, "standard error").value_or(Json());
    return json.is_object() ? json.value("error", Json()) : Json();
}

CliOutcome CliTest::call(std::vector<std::string> words)
{
    qputenv("BOTTEGA_LIBEXEC", BOTTEGA_BIN_DIR);
    if (!m_workspace.empty())
        words.insert(words.begin(), {"--workspace", m_workspace});
    std::ostringstream out;
    std::ostringstream err;
    cli::Console console{out, err, m_isTerminal, m_isTerminal, true, [] { return 80; },
                         [this](std::chrono::milliseconds time) {
                             std::this_thread::sleep_for(time);
                             return m_onPause();
                         }};
    CliOutcome outcome;
    outcome.code = cli::runCommandLine(words, console);
    outcome.out = out.str();
    outcome.err = err.str();
    return outcome;
}

Json CliTest::document(std::vector<std::string> words)
{
    words.emplace_back("--json");
    const CliOutcome outcome = call(std::move(words));
    if (outcome.code != 0 || !outcome.err.empty())
        QTest::qFail(outcome.err.c_str(), __FILE__, __LINE__);
    return outcome.document();
}

void CliTest::makeWorkspace()
{
    m_workspace.clear();
    const std::string folder = m_folder.filePath(u"cli-ws"_s).toStdString();
    const CliOutcome made = call({"workspace", "init", folder});
    QVERIFY2(made.code == 0, made.err.c_str());
    m_workspace = folder;
}

} // namespace bottega::test
