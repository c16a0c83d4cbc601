// SPDX-License-Identifier: Apache-2.0
#include "core/agent/supervisor.h"

#include "core/agent/logtail.h"
#include "core/base/clock.h"
#include "core/base/safename.h"
#include "core/run/process.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bottega {

namespace {

constexpr int wakeUpMilliseconds = 100;
constexpr double flushInterval = 1;
constexpr double killPatience = 10; // for processes stuck in the kernel

double seconds(std::chrono::milliseconds duration)
{
    return std::chrono::duration<double>(duration).count();
}

std::string shortNumber(double value)
{
    char text[32];
    std::snprintf(text, sizeof text, "%g", value);
    return text;
}

JournalEntry entryOf(RunState state, std::string evidence)
{
    JournalEntry entry;
    entry.state = state;
    entry.evidence = std::move(evidence);
    return entry;
}

/// As the C library, Python and we word ENOSPC and EDQUOT.
bool tellsOfFullDisk(const std::string &log)
{
    return log.find("No space left on device") != std::string::npos || log.find("Disk quota exceeded") != std::string::npos;
}

std::uint64_t freeBytes(const RunFolder &folder)
{
    struct statvfs info = {};
    return ::statvfs(folder.root().c_str(), &info) == 0 ? std::uint64_t{info.f_bavail} * info.f_frsize : 0;
}

} // namespace

Result<UniqueFd> takeSignals()
{
    for (const int signal : {SIGHUP, SIGINT, SIGPIPE, SIGQUIT, SIGXFSZ, SIGTTIN, SIGTTOU})
        ::signal(signal, SIG_IGN);
    ::signal(SIGCHLD, SIG_DFL); // ignored by whoever started us, it would reap the work unseen
    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGTERM);
    ::sigaddset(&signals, SIGCHLD);
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    UniqueFd fd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!fd)
        return fail(systemError(errno, "The agent could not be started", "signalfd"));
    return fd;
}

Supervisor::Supervisor(Recorder &recorder, const Job &job, const AgentOptions &options, int signalFd, Work &work,
                       SlotQueue *slots)
    : m_recorder(recorder)
    , m_job(job)
    , m_options(options)
    , m_signalFd(signalFd)
    , m_root(::open(recorder.folder().root().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC))
    , m_work(work)
    , m_slots(slots)
    , m_gpus(job, options.kernelFiles)
    , m_oom(options.kernelFiles)
    , m_limits(recorder.folder(), job)
{
}

void Supervisor::takeOver(const Attempt &attempt)
{
    begin(attempt.steadyRunning > 0 ? attempt.steadyRunning : steadyStart(m_work.identity().start),
          "agent-" + std::to_string(::getpid()));
    if (!attempt.limit.empty())
        stopAtLimit(attempt.limit);
}

Result<void> Supervisor::supervise()
{
    while (!isOver()) {
        wait();
        readSignals();
        look();
    }
    if (m_slots)
        m_slots->leave();
    return finish();
}

void Supervisor::begin(double runningSince, const std::string &writer)
{
    m_runningSince = runningSince;
    m_telemetry.emplace(m_recorder.folder(), m_recorder.attempt(), writer, runningSince, members());
    m_logSync.emplace(m_recorder.folder().driverLog());
}

void Supervisor::wait()
{
    pollfd descriptors[] = {{m_signalFd, POLLIN, 0}, {m_work.startFd(), POLLIN, 0}, {m_work.endFd(), POLLIN, 0}}; // a closed one, -1, is passed over
    if (::poll(descriptors, std::size(descriptors), wakeUpMilliseconds) > 0 && descriptors[1].revents != 0)
        readStart();
}

void Supervisor::readSignals()
{
    signalfd_siginfo info = {};
    bool hasEndedChild = false;
    while (::read(m_signalFd, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
        m_stopRequested = m_stopRequested || info.ssi_signo == SIGTERM;
        hasEndedChild = hasEndedChild || info.ssi_signo == SIGCHLD;
    }
    if (hasEndedChild)
        reapOrphans();
}

void Supervisor::readStart()
{
    if (auto started = m_work.startResult(); !started) {
        m_startError = started.error();
        return;
    }
    const int pid = m_work.identity().pid;
    JournalEntry entry = entryOf(RunState::Running, "pid " + std::to_string(pid) + " started");
    entry.pid = pid;
    entry.pidStart = m_work.identity().start;
    m_recorder.recordOrKeep(std::move(entry));
    begin(steadyTime(), "agent");
}

/// Everything that is asked or due by now.
void Supervisor::look()
{
    const double now = steadyTime();
    if (isFolderGone())
        stop(Cause::FolderGone);
    else if (m_recorder.cancelRequest())
        stop(Cause::CancelRequested);
    else if (m_stopRequested)
        stop(Cause::AgentStopped);
    else
        checkLimits(now);
    if (m_telemetry && now >= m_nextSample && m_cause != Cause::FolderGone) {
        m_telemetry->sample(members());
        m_telemetry->add(m_gpus.poll(now));
        m_nextSample = now + seconds(m_options.telemetryInterval);
    }
    if (now >= m_nextFlush && m_cause != Cause::FolderGone) {
        m_recorder.flush();
        m_nextFlush = now + flushInterval;
    }
}

void Supervisor::checkLimits(double now)
{
    if (m_killAt > 0 || m_exit)
        return;
    const auto limit = m_limits.reached(now, m_runningSince, m_limits.needsMembers(now) ? members() : std::vector<TreeMember>());
    if (limit)
        stopAtLimit(*limit);
}

/// Journaled before the signal: whoever adopts the work then knows why it is being stopped.
void Supervisor::stopAtLimit(const std::string &limit)
{
    if (m_killAt > 0 || m_exit)
        return;
    m_limit = limit;
    JournalEntry entry = entryOf(RunState::Running, limit + ", the work was asked to end");
    entry.limit = limit;
    m_recorder.recordOrKeep(std::move(entry));
    stop(Cause::Limit);
}

void Supervisor::stop(Cause cause)
{
    if (cause == Cause::FolderGone)
        m_cause = cause; // whatever else was asked, there is nothing to record it in
    if (m_killAt > 0 || m_work.exit())
        return; // already on its way, or ended by itself before we asked it to
    m_cause = cause;
    terminate();
}

void Supervisor::terminate()
{
    m_killAt = steadyTime() + seconds(m_options.grace);
    m_work.signalGroup(SIGTERM);
    m_work.signalGroup(SIGCONT); // a stopped process would never see the TERM
}

/// Over when the work has ended and with it its group, and after a stop every other process below us too. What merely
/// left the group (a service that the work meant to stay) outlives a work that ended by itself.
bool Supervisor::isOver()
{
    if (!m_exit)
        m_exit = m_work.exit();
    if (m_exit && m_work.startFd() >= 0)
        readStart();
    if (!m_exit && m_killAt == 0)
        return false;
    std::vector<TreeMember> living = livingMembers();
    if (m_cause == Cause::None) {
        const int group = m_work.identity().pid;
        std::erase_if(living, [group](const TreeMember &member) { return member.stat.group != group; });
    }
    if (m_exit && living.empty())
        return true;
    if (m_exit && m_killAt == 0)
        terminate();
    if (m_killAt > 0 && steadyTime() >= m_killAt)
        killWhatIsLeft(living);
    return m_exit && m_killed && steadyTime() >= m_giveUpAt;
}

void Supervisor::killWhatIsLeft(const std::vector<TreeMember> &living)
{
    if (!m_killed)
        m_giveUpAt = steadyTime() + killPatience;
    m_killed = true;
    if (!m_exit)
        m_work.signalGroup(SIGKILL);
    for (const TreeMember &member : living)
        signalProcess({member.pid, member.stat.start}, SIGKILL);
}

void Supervisor::reapOrphans()
{
    for (const int pid : childrenOf(::getpid())) {
        struct rusage usage = {};
        if (pid == m_work.identity().pid || pid == m_gpus.pid() || ::wait4(pid, nullptr, WNOHANG, &usage) != pid || !m_telemetry)
            continue;
        const auto inSeconds = [](const timeval &time) {
            return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
        };
        m_telemetry->addEnded(inSeconds(usage.ru_utime) + inSeconds(usage.ru_stime));
    }
}

/// Also gone where it was renamed or replaced: what we write would land elsewhere.
bool Supervisor::isFolderGone() const
{
    struct stat ours = {};
    struct stat now = {};
    const RunFolder &folder = m_recorder.folder();
    if (::fstat(m_root.get(), &ours) != 0)
        return false;
    if (::stat(folder.root().c_str(), &now) != 0)
        return errno == ENOENT || errno == ENOTDIR;
    if (ours.st_dev != now.st_dev || ours.st_ino != now.st_ino)
        return true;
    return ::stat(folder.journal().c_str(), &now) != 0 && errno == ENOENT; // somebody is removing it right now
}

/// The work's, not what we started beside it.
std::vector<TreeMember> Supervisor::members()
{
    std::vector<TreeMember> members = m_work.members();
    std::erase_if(members, [own = m_gpus.pid()](const TreeMember &member) {
        return own > 0 && (member.pid == own || member.stat.session == own);
    });
    return members;
}

std::vector<TreeMember> Supervisor::livingMembers()
{
    std::vector<TreeMember> members = this->members();
    std::erase_if(members, [](const TreeMember &member) { return member.stat.hasEnded(); });
    return members;
}

Result<void> Supervisor::finish()
{
    if (m_telemetry && m_cause != Cause::FolderGone)
        m_telemetry->finish(members());
    m_work.reap();
    if (m_cause == Cause::FolderGone)
        return fail(ErrorCode::NotFound, "The run folder is gone", m_recorder.folder().root().string(),
                    "the work was stopped");
    if (m_runningSince > 0)
        m_recorder.recordOrKeep(entryOf(RunState::Finalizing, finalizingText(*m_exit)));
    const JournalEntry last = outcome();
    m_recorder.recordOrKeep(last);
    keepUntilWritten();
    if (last.state == RunState::Completed)
        return {};
    const auto code = last.state == RunState::Canceled ? ErrorCode::Canceled : ErrorCode::Failed;
    return fail(code, last.evidence, m_recorder.folder().root().string());
}

JournalEntry Supervisor::outcome()
{
    if (m_startError)
        return entryOf(RunState::Failed, describe(*m_startError));
    const Exit &exit = *m_exit;
    JournalEntry entry;
    if (m_cause == Cause::Limit)
        entry = entryOf(RunState::Failed, m_limit);
    else if (m_cause == Cause::AgentStopped)
        entry = entryOf(RunState::Canceled, "agent asked to stop; " + exit.text());
    else if (m_cause == Cause::None && exit.isSuccess())
        entry = entryOf(RunState::Completed, exit.text());
    else if (m_recorder.cancelRequest())
        entry = entryOf(RunState::Canceled, cancelText(exit));
    else if (exit.isByRecord && endRecord() && endRecord()->state == RunState::Canceled)
        entry = entryOf(RunState::Canceled, exit.text());
    else
        entry = entryOf(RunState::Failed, failureText(exit));
    entry.pid = m_work.identity().pid;
    entry.pidStart = m_work.identity().start;
    entry.exitStatus = exit.status;
    entry.signal = exit.signal;
    return entry;
}

std::string Supervisor::cancelText(const Exit &exit)
{
    const std::string by = m_recorder.cancelRequest().value_or(std::string());
    std::string text = by.empty() ? "canceled; " : "canceled by " + by + "; ";
    if (m_cause == Cause::None && exit.isKnown())
        return text + "the work had ended by itself: " + exit.text();
    if (m_killed)
        text += "did not end within " + shortNumber(seconds(m_options.grace)) + " s: ";
    return text + exit.text();
}

std::optional<EndRecord> Supervisor::endRecord() const
{
    return readEndRecord(m_recorder.folder(), m_recorder.attempt(), m_work.identity().pid);
}

/// The work's own words where it left some; else the end of its output, which says nothing of a signal from outside.
std::string Supervisor::failureText(const Exit &exit) const
{
    const auto record = endRecord();
    if (record && record->error)
        return exit.text() + (record->error->code == ErrorCode::DiskFull ? ": the disk was full: " : ": ") +
               describe(*record->error);
    if (!m_killed && (exit.signal == SIGKILL || !exit.isKnown()))
        return killedText(exit);
    const bool isFromOutside = exit.signal == SIGKILL || exit.signal == SIGTERM;
    const std::string tail = isFromOutside ? std::string() : logTail(m_recorder.folder().file(driverLogName));
    std::string cause;
    if (tellsOfFullDisk(tail))
        cause = ": the disk was likely full (" + sizeWords(freeBytes(m_recorder.folder())) + " are free now)";
    return exit.text() + cause + (tail.empty() ? "" : ": " + tail);
}

/// Who kills with signal 9 is not told to the parent.
std::string Supervisor::killedText(const Exit &exit) const
{
    const auto evidence = m_oom.evidence();
    if (!evidence)
        return exit.text();
    std::string text = exit.text() + ", which no agent sent; likely by " + *evidence + " while the work ran";
    if (m_telemetry && m_telemetry->mostMemoryMib() > 0)
        text += ", which was seen to use " + sizeWords(static_cast<std::uint64_t>(m_telemetry->mostMemoryMib() * 1024 * 1024));
    return text + ". Use a smaller batch size, or a machine with more memory";
}

std::string Supervisor::finalizingText(const Exit &exit) const
{
    std::string text = exit.text();
    if (const auto artifacts = m_recorder.folder().artifacts()) {
        std::uint64_t bytes = 0;
        for (const Artifact &artifact : *artifacts)
            bytes += artifact.size;
        text += "; " + std::to_string(artifacts->size()) + " artifacts, " + sizeWords(bytes);
    }
    const auto record = endRecord();
    for (const std::string &warning : record ? record->warnings : std::vector<std::string>())
        text += "; " + printable(warning, 500);
    if (const auto failure = m_logSync ? m_logSync->failure() : std::nullopt)
        text += "; " + describe(*failure);
    if (m_telemetry && m_telemetry->failure())
        text += "; telemetry incomplete: " + describe(*m_telemetry->failure());
    if (!m_gpus.note().empty())
        text += "; " + m_gpus.note();
    return text;
}

/// A full disk may become free again, and only we know how the run ended.
void Supervisor::keepUntilWritten()
{
    while (!m_recorder.flush() && !isFolderGone() && !m_stopRequested) {
        pollfd descriptor = {m_signalFd, POLLIN, 0};
        ::poll(&descriptor, 1, static_cast<int>(flushInterval * 1000));
        readSignals();
    }
}

} // namespace bottega
