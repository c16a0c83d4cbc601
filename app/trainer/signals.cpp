// SPDX-License-Identifier: Apache-2.0
#include "app/trainer/signals.h"

#include <csignal>

namespace bottega::trainer {

namespace {

volatile std::sig_atomic_t signalNumber = 0;

void remember(int number)
{
    signalNumber = number;
}

} // namespace

void catchSignals()
{
    struct sigaction action = {};
    action.sa_handler = remember;
    action.sa_flags = static_cast<int>(SA_RESTART | SA_RESETHAND); // whoever asks twice is in a hurry
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
    std::signal(SIGPIPE, SIG_IGN); // a reader that went away must not end the training
    std::signal(SIGXFSZ, SIG_IGN); // a limit of file size is told by the write that meets it
}

int caughtSignal()
{
    return signalNumber;
}

} // namespace bottega::trainer
