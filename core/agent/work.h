// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/agent/processtree.h"
#include "core/base/result.h"
#include "core/run/attempt.h"

#include <optional>
#include <string>
#include <vector>

namespace bottega {

/// How a process ended. Neither status nor signal: nobody who could have waited for it was left, and it left no record.
struct Exit
{
    std::optional<int> status;
    std::optional<int> signal;
    bool isByRecord = false; // the status is the work's own word, in its end record

    [[nodiscard]] bool isSuccess() const { return status == 0; }
    [[nodiscard]] bool isKnown() const { return status || signal; }
    [[nodiscard]] std::string text() const; // "exit status 1", "signal 9 (Killed)"
};

/// The work of a run as its supervisor sees it: its own child, or processes that outlived the agent they had.
class Work
{
public:
    virtual ~Work() = default;

    [[nodiscard]] virtual ProcessIdentity identity() const = 0;

    /// Readable once the program runs or could not be executed: then call `startResult`. -1: that is known already.
    [[nodiscard]] virtual int startFd() const { return -1; }
    /// Waits for the outcome of the execution; an error names the program and the system's reason. Call once.
    [[nodiscard]] virtual Result<void> startResult() { return {}; }

    /// Readable once it has ended; -1 where a SIGCHLD tells.
    [[nodiscard]] virtual int endFd() const { return -1; }
    /// How it ended; nothing while it lives.
    [[nodiscard]] virtual std::optional<Exit> exit() = 0;
    /// All processes of the work, those that left its group and those that ended and were not waited for included. Where
    /// they can't be seen by descent, the ones that have come apart from it in the last seconds are missing until it ends.
    [[nodiscard]] virtual std::vector<TreeMember> members() = 0;
    virtual void signalGroup(int signal) = 0;
    virtual void reap() {}
};

} // namespace bottega
