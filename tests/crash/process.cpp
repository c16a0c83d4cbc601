// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/process.h"

#include "core/base/clock.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bottega::crash {

namespace {

struct Pipe
{
    UniqueFd out;
    UniqueFd in;

    explicit Pipe(bool isSocket = false)
    {
        int ends[2] = {-1, -1};
        if ((isSocket ? ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) : ::pipe2(ends, O_CLOEXEC)) != 0)
            std::abort();
        out = UniqueFd(::fcntl(ends[0], F_DUPFD_CLOEXEC, 10)); // above what the child's own numbers are
        in = UniqueFd(::fcntl(ends[1], F_DUPFD_CLOEXEC, 10));
        ::close(ends[0]);
        ::close(ends[1]);
    }
};

/// More bytes behind `rest`; false at the end or when the time is over.
bool readMore(int fd, std::string &rest, double deadline)
{
    pollfd poll{fd, POLLIN, 0};
    const double left = deadline - steadyTime();
    if (left <= 0 || ::poll(&poll, 1, static_cast<int>(left * 1000) + 1) <= 0)
        return false;
    char buffer[65536];
    const ssize_t count = ::read(fd, buffer, sizeof buffer);
    if (count > 0)
        rest.append(buffer, static_cast<std::size_t>(count));
    return count > 0;
}

} // namespace

Process::Process(const std::vector<std::string> &arguments, const std::vector<std::string> &environment, bool talks)
{
    Pipe notes(true), input, output;
    std::vector<char *> argv;
    for (const std::string &argument : arguments)
        argv.push_back(const_cast<char *>(argument.c_str()));
    argv.push_back(nullptr);
    m_pid = ::fork();
    if (m_pid == 0) {
        ::setpgid(0, 0);
        for (const std::string &variable : environment)
            ::putenv(const_cast<char *>(variable.c_str()));
        ::dup2(notes.in.get(), 3);
        if (talks) {
            ::dup2(input.out.get(), 0);
            ::dup2(output.in.get(), 1);
        }
        ::execvp(argv[0], argv.data());
        ::_exit(127);
    }
    ::setpgid(m_pid, m_pid);
    m_notes = std::move(notes.out);
    m_input = std::move(input.in);
    m_output = std::move(output.out);
}

Process::~Process()
{
    if (!m_isOver)
        kill(), wait(5);
}

void Process::kill()
{
    if (!m_isOver)
        ::kill(-m_pid, SIGKILL);
}

void Process::readNotes(const std::function<bool(std::string_view)> &line, double seconds)
{
    const double deadline = steadyTime() + seconds;
    do {
        std::size_t from = 0;
        for (std::size_t end = 0; (end = m_notesRest.find('\n', from)) != std::string::npos; from = end + 1) {
            if (!line(std::string_view(m_notesRest).substr(from, end - from))) {
                m_notesRest.erase(0, end + 1);
                return;
            }
        }
        m_notesRest.erase(0, from);
    } while (readMore(m_notes.get(), m_notesRest, deadline));
}

int Process::wait(double seconds)
{
    const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, m_pid, 0));
    pollfd poll{pidfd, POLLIN, 0};
    const bool ended = m_isOver || pidfd < 0 || ::poll(&poll, 1, static_cast<int>(seconds * 1000)) == 1;
    ::close(pidfd);
    if (!m_isOver) {
        kill(); // also whatever it left in its group
        while (::waitpid(m_pid, &m_status, 0) < 0 && errno == EINTR) {
        }
        m_isOver = true;
    }
    return ended ? m_status : -1;
}

bool Process::say(const std::string &line)
{
    const std::string bytes = line + '\n';
    return ::write(m_input.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
}

bool Process::hear(std::string &line, double seconds)
{
    const double deadline = steadyTime() + seconds;
    std::size_t end = std::string::npos;
    while ((end = m_outputRest.find('\n')) == std::string::npos) {
        if (!readMore(m_output.get(), m_outputRest, deadline))
            return false;
    }
    line = m_outputRest.substr(0, end);
    m_outputRest.erase(0, end + 1);
    return true;
}

} // namespace bottega::crash
