// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/agent/work.h"
#include "core/base/result.h"
#include "core/base/uniquefd.h"

#include <filesystem>
#include <string>
#include <vector>

namespace bottega {

struct WorkSettings
{
    std::vector<std::string> arguments;   // the first is the program's absolute path
    std::vector<std::string> environment; // all of it
    std::filesystem::path folder;         // working directory
    int inherited = -1;                   // one more descriptor than the three streams; -1: none
    std::filesystem::path log;            // stdout and stderr are appended here by the kernel: no pipe, no reader to die
};

/// The work: a process in a session and group of its own, with default signals and no descriptor but its three streams
/// and the one that it inherits.
/// Not reaped before `reap`, so that until then its id and its group's are no one else's.
class WorkProcess final : public Work
{
public:
    /// Makes the process, which then waits for `release`: its id can be journaled before it does anything. It ends by
    /// itself if we die before that.
    [[nodiscard]] static Result<WorkProcess> create(const WorkSettings &settings);

    /// Lets it execute its program.
    void release();

    [[nodiscard]] ProcessIdentity identity() const override { return m_identity; }
    [[nodiscard]] int startFd() const override { return m_startPipe.get(); }
    [[nodiscard]] Result<void> startResult() override;
    [[nodiscard]] std::optional<Exit> exit() override;
    /// Everything below this process, which must be the reaper of orphans.
    [[nodiscard]] std::vector<TreeMember> members() override;
    void signalGroup(int signal) override;
    void reap() override;

private:
    WorkProcess() = default;

    ProcessIdentity m_identity;
    std::string m_program;
    UniqueFd m_releasePipe;
    UniqueFd m_startPipe;
};

} // namespace bottega
