// SPDX-License-Identifier: Apache-2.0
#include "app/cli/commandline.h"
#include "app/cli/process.h"

#include <QCoreApplication>

#include <clocale>
#include <csignal>
#include <ostream>
#include <unistd.h>

int main(int argc, char **argv)
{
    using namespace bottega::cli;
    openMissingStreams();
    std::signal(SIGXFSZ, SIG_IGN); // a limit of file size is told by the write that meets it
    int applicationArguments = 1; // ours are not Qt's
    const QCoreApplication application(applicationArguments, argv);
    std::setlocale(LC_NUMERIC, "C"); // Qt took the user's; numbers here are read by programs too
    DescriptorBuffer outBuffer(STDOUT_FILENO);
    DescriptorBuffer errBuffer(STDERR_FILENO);
    std::ostream out(&outBuffer);
    std::ostream err(&errBuffer);
    Console console = processConsole(out, err);
    const int code = runCommandLine({argv + 1, argv + argc}, console); // flushes both
    return codeAfterWriting(code, outBuffer, console);
}
