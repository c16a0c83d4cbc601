// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/uniquefd.h"

#include <functional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace bottega::crash {

/// A child process in a group of its own, whose notes (descriptor 3, a socket) are read here. Killed when this goes.
class Process
{
public:
    /// `environment` holds "NAME=value" to add. With `talks` its stdin and stdout are pipes too.
    Process(const std::vector<std::string> &arguments, const std::vector<std::string> &environment = {}, bool talks = false);
    ~Process();
    Process(const Process &) = delete;
    Process &operator=(const Process &) = delete;

    [[nodiscard]] pid_t pid() const { return m_pid; }
    void kill();
    /// Gives each whole line of the notes until the pipe is closed, `seconds` have passed or `line` returns false.
    void readNotes(const std::function<bool(std::string_view)> &line, double seconds);
    /// Waits for the end: the status of waitpid. -1 where it took longer, and it is killed then.
    int wait(double seconds);

    bool say(const std::string &line);
    /// The next line of its stdout; false at its end or after `seconds`.
    bool hear(std::string &line, double seconds);

private:
    pid_t m_pid = -1;
    int m_status = -1;
    bool m_isOver = false;
    UniqueFd m_notes;
    UniqueFd m_input;
    UniqueFd m_output;
    std::string m_notesRest;
    std::string m_outputRest;
};

} // namespace bottega::crash
