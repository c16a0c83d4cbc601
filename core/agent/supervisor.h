// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/agent/agent.h"
#include "core/agent/gpuwatch.h"
#include "core/agent/limits.h"
#include "core/agent/oomwatch.h"
#include "core/agent/processtree.h"
#include "core/agent/recorder.h"
#include "core/agent/slotqueue.h"
#include "core/agent/telemetry.h"
#include "core/agent/work.h"
#include "core/run/endrecord.h"
#include "core/run/filesync.h"
#include "core/run/job.h"

#include <optional>
#include <string>
#include <vector>

namespace bottega {

/// Blocks SIGTERM and SIGCHLD into a descriptor, ignores what a closing terminal sends, becomes the reaper of orphans
/// below. For the whole process, once.
[[nodiscard]] Result<UniqueFd> takeSignals();

/// One attempt from the start of its work, or from the work's adoption, to the last line in the journal: a single thread
/// that sleeps in poll and wakes for a signal, or ten times a second to look at the journal and the clock.
class Supervisor
{
public:
    /// `slots`, the work's share of the machine, is given back once the work is gone; null where only the work has it.
    Supervisor(Recorder &recorder, const Job &job, const AgentOptions &options, int signalFd, Work &work,
               SlotQueue *slots = nullptr);

    /// Goes on where the attempt's dead agent was: the duration counts from the work's start, a stop goes on.
    void takeOver(const Attempt &attempt);
    /// An error where the run did not complete: code Failed or Canceled with the evidence.
    [[nodiscard]] Result<void> supervise();

private:
    enum class Cause {
        None,
        CancelRequested,
        AgentStopped,
        Limit,
        FolderGone,
    };

    void begin(double runningSince, const std::string &writer);
    void wait();
    void readSignals();
    void readStart();
    void look();
    void checkLimits(double now);
    void stop(Cause cause);
    void stopAtLimit(const std::string &limit);
    void terminate();
    void killWhatIsLeft(const std::vector<TreeMember> &living);
    void reapOrphans();
    [[nodiscard]] bool isOver();
    [[nodiscard]] bool isFolderGone() const;
    [[nodiscard]] std::vector<TreeMember> members();
    [[nodiscard]] std::vector<TreeMember> livingMembers();

    [[nodiscard]] JournalEntry outcome();
    [[nodiscard]] std::optional<EndRecord> endRecord() const;
    [[nodiscard]] std::string failureText(const Exit &exit) const;
    [[nodiscard]] std::string killedText(const Exit &exit) const;
    [[nodiscard]] std::string cancelText(const Exit &exit);
    [[nodiscard]] std::string finalizingText(const Exit &exit) const;
    [[nodiscard]] Result<void> finish();
    void keepUntilWritten();

    Recorder &m_recorder;
    const Job &m_job;
    const AgentOptions &m_options;
    int m_signalFd;
    UniqueFd m_root;
    Work &m_work;
    SlotQueue *m_slots;
    std::optional<Telemetry> m_telemetry;
    std::optional<FileSync> m_logSync;
    GpuWatch m_gpus;
    OomWatch m_oom;
    Limits m_limits;
    std::optional<Error> m_startError;
    std::optional<Exit> m_exit;
    Cause m_cause = Cause::None;
    std::string m_limit;          // reached, in words
    bool m_stopRequested = false; // SIGTERM to the agent
    bool m_killed = false;
    double m_runningSince = 0;    // steady seconds, as all below; 0: not yet
    double m_killAt = 0;
    double m_giveUpAt = 0;
    double m_nextSample = 0;
    double m_nextFlush = 0;
};

} // namespace bottega
