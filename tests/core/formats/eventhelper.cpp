// SPDX-License-Identifier: Apache-2.0
// A process that logs metrics, for tests that make the system fail it: eventhelper FOLDER COUNT PAUSE_MS LINGER_MS.
// Appends COUNT points with values 1…COUNT, pausing between them, then goes on living for LINGER_MS without appending,
// then syncs. Prints one line per point, "ack N" or "held N", and at the end
// "end synced N held N lost N worst MICROSECONDS", the last for the slowest append. Exits 3 where there was no writer.
#include "core/base/clock.h"
#include "core/formats/tfevents/eventwriter.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

int main(int argc, char **argv)
{
    using namespace bottega;
    if (argc != 5)
        return 2;
    std::signal(SIGXFSZ, SIG_IGN);
    auto writer = EventWriter::create(argv[1], 1, "helper");
    if (!writer) {
        std::printf("none %s\n", describe(writer.error()).c_str());
        return 3;
    }
    double worst = 0;
    for (int i = 1; i <= std::atoi(argv[2]); ++i) {
        const double start = steadyTime();
        const bool isTaken = writer->append(i, {{"loss", static_cast<double>(i)}}).has_value();
        worst = std::max(worst, steadyTime() - start);
        std::printf("%s %d\n", isTaken ? "ack" : "held", i);
        std::fflush(stdout);
        ::usleep(static_cast<useconds_t>(std::atoi(argv[3]) * 1000));
    }
    ::usleep(static_cast<useconds_t>(std::atoi(argv[4]) * 1000));
    const auto synced = writer->sync();
    const WriterStatus status = writer->status();
    std::printf("end synced %llu held %llu lost %llu worst %.0f\n", static_cast<unsigned long long>(status.synced),
                static_cast<unsigned long long>(status.held), static_cast<unsigned long long>(status.lost), 1e6 * worst);
    if (!synced)
        std::printf("problem %s\n", describe(synced.error()).c_str());
    return 0;
}
