// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.h"
#include "tests/support/testcase.h"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace bottega::test {

/// What one call of the command line did.
struct CliOutcome
{
    int code = -1;
    std::string out;
    std::string err;

    [[nodiscard]] Json document() const; // of `out`; null where it is not exactly one JSON document
    [[nodiscard]] Json error() const;    // the object below "error" of `err`, null likewise
};

/// Calls the command line in this process, with buffers for streams; the programs it starts are the real ones.
class CliTest : public TestCase
{
    Q_OBJECT
protected:
    /// With --workspace where `m_workspace` is set.
    CliOutcome call(std::vector<std::string> words);
    /// The document of a call with --json that must succeed; null, and the test fails, where it does not.
    Json document(std::vector<std::string> words);
    /// Makes a workspace in a new folder and uses it from now on.
    void makeWorkspace();

    QTemporaryDir m_folder;
    std::string m_workspace;
    bool m_isTerminal = false;
    std::function<bool()> m_onPause = [] { return true; }; // false: as if Ctrl+C was pressed
};

} // namespace bottega::test

/// QCOMPARE for documents: says both where they differ.
#define QCOMPARE_JSON(actual, expected)                                                                                \
    do {                                                                                                               \
        const bottega::Json was = (actual);                                                                            \
        const bottega::Json wanted = (expected);                                                                       \
        QVERIFY2(was == wanted, (bottega::dumpJson(was) + " instead of " + bottega::dumpJson(wanted)).c_str());        \
    } while (false)
