// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/base/uniquefd.h"
#include "core/run/attempt.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace bottega {

struct WorkSettings
{
    std::vector<std::string> arguments;   // the first is the program's absolute path
    std::vector<std::string> environment; // all of it
    std::filesystem::path folder;         // working directory
    std::filesystem::path log;            // stdout and stderr are appended here by the kernel: no pipe, no reader to die
};

/// How a process ended.
struct Exit
{
    std::optional<int> status;
    std::optional<int> signal;

    [[nodiscard]] bool isSuccess() const { return status == 0; }
    [[nodiscard]] std::string text() const; // "exit status 1", "signal 9 (Killed)"
};

/// The work: a process in a session and group of its own, with default signals and no descriptor but its three streams.
/// Not reaped before `reap`, so that until then its id and its group's are no one else's.
class WorkProcess
{
public:
    /// Makes the process, which then waits for `release`: its id can be journaled before it does anything. It ends by
    /// itself if we die before that.
    [[nodiscard]] static Result<WorkProcess> create(const WorkSettings &settings);

    /// Lets it execute its program.
    void release();
    /// Readable once the program runs or could not be executed: then call `startResult`.
    [[nodiscard]] int startFd() const { return m_startPipe.get(); }
    /// Waits for the outcome of the execution; an error names the program and the system's reason. Call once.
    [[nodiscard]] Result<void> startResult();

    [[nodiscard]] ProcessIdentity identity() const { return m_identity; }
    /// How it ended; nothing while it lives.
    [[nodiscard]] std::optional<Exit> exit() const;
    void signalGroup(int signal) const;
    void reap();

private:
    WorkProcess() = default;

    ProcessIdentity m_identity;
    std::string m_program;
    UniqueFd m_releasePipe;
    UniqueFd m_startPipe;
};

} // namespace bottega
