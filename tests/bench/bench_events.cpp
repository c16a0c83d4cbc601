// SPDX-License-Identifier: Apache-2.0
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/formats/tfevents/eventreader.h"
#include "core/formats/tfevents/eventwriter.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

using namespace bottega;

namespace {

constexpr int repeats = 5;

/// Seconds of processor time: what other programs do meanwhile does not count.
double processorTime()
{
    timespec time = {};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

void stop(const Error &error)
{
    std::fprintf(stderr, "%s\n", describe(error).c_str());
    std::exit(1);
}

/// Writes `steps` records of `width` values; prints what an append costs the one who logs.
void writeOut(const std::filesystem::path &folder, int steps, std::size_t width)
{
    auto writer = EventWriter::create(folder, 1, "bench");
    if (!writer)
        stop(writer.error());
    std::vector<std::string> tags;
    for (std::size_t i = 0; i < width; ++i)
        tags.push_back("train/metric" + std::to_string(i));
    std::vector<double> cost; // seconds
    for (int step = 0; step < steps; ++step) {
        std::vector<ScalarValue> values;
        for (std::size_t i = 0; i < width; ++i)
            values.push_back({tags[i], 1.0 / (step + 3)});
        const double start = steadyTime();
        if (auto done = writer->append(step, values); !done)
            stop(done.error());
        cost.push_back(steadyTime() - start);
    }
    std::sort(cost.begin(), cost.end());
    std::printf("append, %zu values a step: median %.1f us, 99 %% %.1f us, worst %.1f ms\n", width,
                1e6 * cost[cost.size() / 2], 1e6 * cost[cost.size() * 99 / 100], 1e3 * cost.back());
}

/// Reads the one file of the folder; prints the best of several tries.
void readBack(const std::filesystem::path &folder)
{
    const std::filesystem::path path = std::filesystem::directory_iterator(folder)->path();
    double best = 0;
    std::size_t count = 0;
    for (int i = 0; i < repeats; ++i) {
        EventReader reader(path);
        std::vector<ScalarPoint> points;
        const double start = processorTime();
        for (bool isMore = true; isMore;) {
            const auto more = reader.read(points);
            if (!more)
                stop(more.error());
            isMore = *more;
        }
        best = std::max(best, static_cast<double>(points.size()) / (processorTime() - start));
        count = points.size();
    }
    std::printf("read, %zu points: %.2f million points a second of one core, %.1f bytes a point\n", count, best / 1e6,
                static_cast<double>(std::filesystem::file_size(path)) / static_cast<double>(count));
}

} // namespace

/// How fast event files are written and read: bench_events [FOLDER for the files].
int main(int argc, char **argv)
{
    std::string folder = std::string(argc > 1 ? argv[1] : "/tmp") + "/bench-events.XXXXXX";
    if (!::mkdtemp(folder.data()))
        stop(systemError(errno, "The folder could not be made", folder));
    for (const std::size_t width : {1, 4}) {
        const std::filesystem::path inner = std::filesystem::path(folder) / std::to_string(width);
        if (auto made = makeFolder(inner); !made)
            stop(made.error());
        writeOut(inner, 500'000, width);
        readBack(inner);
    }
    return removeTree(folder) ? 0 : 1;
}
