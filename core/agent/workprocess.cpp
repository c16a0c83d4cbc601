// SPDX-License-Identifier: Apache-2.0
#include "core/agent/workprocess.h"

#include "core/run/process.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bottega {

namespace {

enum class Step {
    Streams,
    Folder,
    Program,
};

struct StartFailure
{
    Step step = Step::Program;
    int reason = 0;
};

/// Everything the new process needs, made before the fork: after it, only system calls.
struct Plan
{
    std::vector<char *> arguments;
    std::vector<char *> environment;
    UniqueFd input;
    UniqueFd log;
    UniqueFd folder;
    UniqueFd released; // end of file without a byte: we are gone
    UniqueFd failure;
    int inherited = -1;
};

std::vector<char *> pointers(const std::vector<std::string> &texts)
{
    std::vector<char *> all;
    for (const std::string &text : texts)
        all.push_back(const_cast<char *>(text.c_str())); // execve writes to none of them
    all.push_back(nullptr);
    return all;
}

void restoreSignals()
{
    for (int signal = 1; signal < NSIG; ++signal)
        ::signal(signal, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

void closeOthersOnExec()
{
    if (::syscall(SYS_close_range, 3u, UINT_MAX, CLOSE_RANGE_CLOEXEC) == 0)
        return;
    struct rlimit limit = {};
    const rlim_t most = ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? std::min<rlim_t>(limit.rlim_cur, 65536) : 1024;
    for (int fd = 3; fd < static_cast<int>(most); ++fd)
        ::fcntl(fd, F_SETFD, FD_CLOEXEC);
}

bool connectStreams(const Plan &plan)
{
    return ::dup2(plan.input.get(), 0) == 0 && ::dup2(plan.log.get(), 1) == 1 && ::dup2(plan.log.get(), 2) == 2;
}

[[noreturn]] void giveUp(const Plan &plan, Step step)
{
    const StartFailure failure{step, errno};
    (void)!::write(plan.failure.get(), &failure, sizeof failure);
    ::_exit(127);
}

[[noreturn]] void becomeWork(const Plan &plan)
{
    char go = 0;
    ::setsid();
    restoreSignals();
    if (::read(plan.released.get(), &go, 1) != 1)
        ::_exit(127);
    if (!connectStreams(plan))
        giveUp(plan, Step::Streams);
    if (::fchdir(plan.folder.get()) != 0)
        giveUp(plan, Step::Folder);
    closeOthersOnExec();
    if (plan.inherited >= 0)
        ::fcntl(plan.inherited, F_SETFD, 0);
    ::execve(plan.arguments.front(), plan.arguments.data(), plan.environment.data());
    giveUp(plan, Step::Program);
}

Result<void> makePipe(UniqueFd &readEnd, UniqueFd &writeEnd)
{
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return fail(systemError(errno, "The work could not be started", "pipe"));
    readEnd.reset(ends[0]);
    writeEnd.reset(ends[1]);
    return {};
}

Result<UniqueFd> openFor(const std::filesystem::path &path, int flags)
{
    UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC, 0600));
    if (!fd)
        return fail(systemError(errno, "The work could not be started", path.string()));
    return fd;
}

/// Never waits for a reader, should somebody have put a pipe in the log's place.
Result<UniqueFd> openLog(const std::filesystem::path &path)
{
    auto fd = openFor(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK);
    if (fd)
        ::fcntl(fd->get(), F_SETFL, O_APPEND);
    return fd;
}

Result<Plan> makePlan(const WorkSettings &settings)
{
    auto input = openFor("/dev/null", O_RDONLY);
    auto log = openLog(settings.log);
    auto folder = openFor(settings.folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    for (const auto *fd : {&input, &log, &folder}) {
        if (!*fd)
            return fail(fd->error());
    }
    Plan plan;
    plan.arguments = pointers(settings.arguments);
    plan.environment = pointers(settings.environment);
    plan.input = std::move(*input);
    plan.log = std::move(*log);
    plan.folder = std::move(*folder);
    plan.inherited = settings.inherited;
    return plan;
}

std::string describeStep(Step step, const std::string &program)
{
    switch (step) {
    case Step::Streams: return "its output could not be connected";
    case Step::Folder: return "its working folder could not be entered";
    case Step::Program: break;
    }
    return program;
}

} // namespace

std::string Exit::text() const
{
    if (signal)
        return signalText(*signal);
    if (!status)
        return "exit status unknown: nobody was left to wait for it";
    return "exit status " + std::to_string(*status) + (isByRecord ? " by the work's own end record" : "");
}

Result<WorkProcess> WorkProcess::create(const WorkSettings &settings)
{
    auto plan = makePlan(settings);
    if (!plan)
        return fail(plan.error());
    WorkProcess work;
    work.m_program = settings.arguments.front();
    if (auto made = makePipe(plan->released, work.m_releasePipe); !made)
        return fail(made.error());
    if (auto made = makePipe(work.m_startPipe, plan->failure); !made)
        return fail(made.error());
    const pid_t pid = ::fork();
    if (pid < 0)
        return fail(systemError(errno, "The work could not be started", "fork"));
    if (pid == 0) {
        work.m_releasePipe.reset(); // else our own copy would hide that the agent is gone
        becomeWork(*plan);
    }
    work.m_identity = {pid, processStart(pid).value_or(0)};
    return work;
}

void WorkProcess::release()
{
    const char go = 1;
    (void)!::write(m_releasePipe.get(), &go, 1); // one that died meanwhile tells by its exit
    m_releasePipe.reset();
}

Result<void> WorkProcess::startResult()
{
    StartFailure failure;
    ssize_t count = -1;
    do {
        count = ::read(m_startPipe.get(), &failure, sizeof failure);
    } while (count < 0 && errno == EINTR);
    m_startPipe.reset();
    if (count != static_cast<ssize_t>(sizeof failure))
        return {};
    Error error = systemError(failure.reason, "The trainer could not be started: " + describeStep(failure.step, m_program), {});
    error.code = ErrorCode::Failed;
    error.remedy = "Install bottega-trainer beside bottega-agent, or name another with --trainer";
    return fail(std::move(error));
}

std::optional<Exit> WorkProcess::exit()
{
    siginfo_t info = {};
    const auto id = static_cast<id_t>(m_identity.pid);
    if (::waitid(P_PID, id, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0)
        return {};
    Exit exit;
    if (info.si_code == CLD_EXITED)
        exit.status = info.si_status;
    else
        exit.signal = info.si_status;
    return exit;
}

std::vector<TreeMember> WorkProcess::members()
{
    return processesBelow(::getpid());
}

void WorkProcess::signalGroup(int signal)
{
    if (::kill(-m_identity.pid, signal) != 0)
        ::kill(m_identity.pid, signal); // so young that it has no group of its own yet
}

void WorkProcess::reap()
{
    ::waitpid(m_identity.pid, nullptr, WNOHANG);
}

} // namespace bottega
