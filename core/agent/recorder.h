// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/run/journal.h"
#include "core/run/runfolder.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bottega {

/// One agent's pen in the run's journal: adds time, attempt, its own identity and the machine's to each line.
class Recorder
{
public:
    Recorder(const RunFolder &folder, int attempt);

    [[nodiscard]] int attempt() const { return m_attempt; }
    [[nodiscard]] const RunFolder &folder() const { return m_folder; }

    [[nodiscard]] Result<void> record(RunState state, std::string evidence);
    [[nodiscard]] Result<void> record(JournalEntry entry);

    /// Keeps the line where the disk refuses it now (full, read-only); `flush` tries again.
    void recordOrKeep(JournalEntry entry);
    /// True where nothing is left to write.
    bool flush();

    /// Who asked for the run to be canceled. Costs a stat while the journal has not grown.
    [[nodiscard]] std::optional<std::string> cancelRequest();

private:
    [[nodiscard]] JournalEntry signedEntry(JournalEntry entry) const;

    RunFolder m_folder;
    int m_attempt;
    std::uint64_t m_agentStart;
    std::vector<JournalEntry> m_kept;
    std::uint64_t m_readBytes = 0;
    std::optional<std::string> m_cancelRequest;
};

/// Where the journal has no end of a run that has ended (its agent and its work are gone from this machine), writes what
/// everyone who looks at the run sees, with its own time. Only for who holds the run's lock.
[[nodiscard]] Result<void> recordLostEnd(const RunFolder &folder);

} // namespace bottega
