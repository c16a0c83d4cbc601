// SPDX-License-Identifier: Apache-2.0
#include "app/cli/process.h"

#include "app/cli/command.h"
#include "app/cli/output.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <langinfo.h>
#include <poll.h>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>

namespace bottega::cli {

namespace {

volatile std::sig_atomic_t interrupted = 0;

bool pauseOrInterrupt(std::chrono::milliseconds time)
{
    static const bool isCaught = [] {
        struct sigaction action = {};
        action.sa_handler = [](int) { interrupted = 1; }; // without SA_RESTART: it ends the poll below
        return ::sigaction(SIGINT, &action, nullptr) == 0;
    }();
    (void)isCaught;
    if (!interrupted && time.count() > 0)
        ::poll(nullptr, 0, static_cast<int>(time.count()));
    return !interrupted;
}

/// A dumb terminal cannot redraw a line.
bool isTerminal(int fd)
{
    const char *kind = std::getenv("TERM");
    return ::isatty(fd) && kind && std::strcmp(kind, "dumb") != 0;
}

int terminalWidth(int fd)
{
    winsize size = {};
    return ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

} // namespace

DescriptorBuffer::DescriptorBuffer(int fd) : m_fd(fd)
{
    setp(m_bytes.data(), m_bytes.data() + m_bytes.size());
}

DescriptorBuffer::~DescriptorBuffer()
{
    sync();
}

DescriptorBuffer::int_type DescriptorBuffer::overflow(int_type character)
{
    if (sync() != 0)
        return traits_type::eof();
    if (!traits_type::eq_int_type(character, traits_type::eof()))
        sputc(traits_type::to_char_type(character));
    return traits_type::not_eof(character);
}

int DescriptorBuffer::sync()
{
    const std::string_view bytes(pbase(), static_cast<std::size_t>(pptr() - pbase()));
    for (std::size_t done = 0; m_error == 0 && done < bytes.size();) {
        const ssize_t written = ::write(m_fd, bytes.data() + done, bytes.size() - done);
        if (written >= 0)
            done += static_cast<std::size_t>(written);
        else if (errno != EINTR)
            m_error = errno;
    }
    setp(m_bytes.data(), m_bytes.data() + m_bytes.size());
    return m_error == 0 ? 0 : -1;
}

void openMissingStreams()
{
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            (void)::open("/dev/null", O_RDWR); // takes the lowest free number: this one
    }
}

Console processConsole(std::ostream &out, std::ostream &err)
{
    const bool outIsTerminal = isTerminal(STDOUT_FILENO);
    return {out,
            err,
            outIsTerminal,
            isTerminal(STDERR_FILENO),
            std::strcmp(::nl_langinfo(CODESET), "UTF-8") == 0,
            [fd = outIsTerminal ? STDOUT_FILENO : STDERR_FILENO] { return terminalWidth(fd); },
            pauseOrInterrupt};
}

int codeAfterWriting(int code, const DescriptorBuffer &out, Console &console)
{
    if (out.error() == 0)
        return code;
    if (out.error() == EPIPE)
        return 128 + SIGPIPE;
    printError(console.err, systemError(out.error(), "The output could not be written", "standard output"), false);
    return code == Done ? Failed : code;
}

} // namespace bottega::cli
