// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QStringList>

#include <optional>
#include <string>

namespace bottega::test {

/// How a program ended in which one system call was tampered with.
struct Injected
{
    bool wasReached = false; // the call was made that often
    bool wasKilled = false;
    int exitCode = -1;
    std::string out;
    std::string err;
};

/// Runs bottega-cli under strace with `injection` ("rename:signal=KILL:when=2", "write:error=ENOSPC:when=3").
/// Nothing where this machine permits no tracing.
[[nodiscard]] std::optional<Injected> runInjected(const QString &injection, const QStringList &arguments);

/// The calls to tamper with: each N from 1 where $BOTTEGA_ALL_CALLS is set, else about a tenth of them, the first two
/// always. `attempt` tells whether the N-th call was reached; the series ends with the first that was not.
template <class Attempt>
int forEachCall(Attempt attempt)
{
    const bool isFull = qEnvironmentVariableIsSet("BOTTEGA_ALL_CALLS");
    int reached = 0;
    for (int n = 1; n < 2000; n = isFull || n < 2 ? n + 1 : n + 1 + n / 2) {
        if (!attempt(n))
            break;
        ++reached;
    }
    return reached;
}

} // namespace bottega::test
