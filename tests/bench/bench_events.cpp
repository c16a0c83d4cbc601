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
#include <fcntl.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
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

/// Scalars a second of processor time.
double readBack(const std::filesystem::path &path, std::size_t &count)
{
    EventReader reader(path);
    std::vector<ScalarPoint> points;
    const double start = processorTime();
    for (bool isMore = true; isMore;) {
        const auto more = reader.read(points);
        if (!more)
            stop(more.error());
        isMore = *more;
    }
    count = points.size();
    return static_cast<double>(count) / (processorTime() - start);
}

/// TensorBoard's own loaders, in a Python of their own that is asked through pipes.
class Peer
{
public:
    Peer()
    {
        const char *python = std::getenv("BOTTEGA_PEER_PYTHON");
        int requests[2], answers[2];
        if (!python || ::pipe2(requests, O_CLOEXEC) != 0 || ::pipe2(answers, O_CLOEXEC) != 0)
            return;
        if (::fork() == 0) {
            ::dup2(requests[0], 0);
            ::dup2(answers[1], 1);
            ::execl(python, python, BOTTEGA_SOURCE_DIR "/tests/bench/peers/tensorboard_events.py", nullptr);
            std::_Exit(127);
        }
        ::close(requests[0]);
        ::close(answers[1]);
        m_requests = ::fdopen(requests[1], "w");
        m_answers = ::fdopen(answers[0], "r");
        char version[64] = "";
        if (std::fscanf(m_answers, "%63s", version) == 1)
            m_version = version;
    }
    ~Peer()
    {
        if (!m_requests)
            return;
        std::fclose(m_requests); // which ends it
        std::fclose(m_answers);
        ::wait(nullptr);
    }
    Peer(const Peer &) = delete;
    Peer &operator=(const Peer &) = delete;

    [[nodiscard]] const std::string &version() const { return m_version; } // empty: it is not there
    /// Scalars a second of processor time.
    double read(const char *loader, const std::filesystem::path &path, std::size_t expected)
    {
        std::fprintf(m_requests, "%s %s\n", loader, path.c_str());
        std::fflush(m_requests);
        std::size_t count = 0;
        double seconds = 0;
        if (std::fscanf(m_answers, "%zu %lf", &count, &seconds) != 2 || count != expected)
            stop({ErrorCode::Failed, std::string(loader) + " read " + std::to_string(count) + " scalars of " +
                                         std::to_string(expected), path.string(), {}, {}});
        return static_cast<double>(count) / seconds;
    }

private:
    std::FILE *m_requests = nullptr;
    std::FILE *m_answers = nullptr;
    std::string m_version;
};

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

/// Reads the one file of the folder by ours and by the peer's loaders in turn.
void compare(const std::filesystem::path &folder, Peer &peer)
{
    const std::filesystem::path path = std::filesystem::directory_iterator(folder)->path();
    const char *loaders[] = {"EventFileLoader", "EventAccumulator"};
    std::vector<double> ours, theirs[2];
    std::size_t count = 0;
    for (int i = 0; i < repeats; ++i) {
        ours.push_back(readBack(path, count));
        for (std::size_t k = 0; k < 2 && !peer.version().empty(); ++k)
            theirs[k].push_back(peer.read(loaders[k], path, count));
    }
    std::printf("read, %zu points of %.1f bytes: median %.2f, best %.2f million points a second of one core\n", count,
                static_cast<double>(std::filesystem::file_size(path)) / static_cast<double>(count), median(ours) / 1e6,
                *std::max_element(ours.begin(), ours.end()) / 1e6);
    for (std::size_t k = 0; k < 2 && !peer.version().empty(); ++k)
        std::printf("  TensorBoard %s, %-16s: median %.4f million a second; ours is %.0f times that\n", peer.version().c_str(),
                    loaders[k], median(theirs[k]) / 1e6, median(ours) / median(theirs[k]));
}

} // namespace

/// How fast event files are written and read: bench_events [FOLDER for the files] [STEPS]. With BOTTEGA_PEER_PYTHON, a Python
/// that has TensorBoard, beside its loaders on the same files.
int main(int argc, char **argv)
{
    std::string folder = std::string(argc > 1 ? argv[1] : "/tmp") + "/bench-events.XXXXXX";
    if (!::mkdtemp(folder.data()))
        stop(systemError(errno, "The folder could not be made", folder));
    const int steps = argc > 2 ? std::atoi(argv[2]) : 500'000;
    double load = 0;
    if (::getloadavg(&load, 1) == 1)
        std::printf("the machine's load before: %.1f\n", load);
    Peer peer;
    if (peer.version().empty())
        std::printf("TensorBoard is left out: BOTTEGA_PEER_PYTHON names no Python that has it\n");
    for (const std::size_t width : {1, 4}) {
        const std::filesystem::path inner = std::filesystem::path(folder) / std::to_string(width);
        if (auto made = makeFolder(inner); !made)
            stop(made.error());
        writeOut(inner, steps, width);
        compare(inner, peer);
    }
    return removeTree(folder) ? 0 : 1;
}
