// SPDX-License-Identifier: Apache-2.0
#include "core/agent/slotwait.h"

#include "core/agent/gpus.h"
#include "core/base/clock.h"
#include "core/base/processors.h"
#include "core/base/safename.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bottega {

namespace {

constexpr int longestPause = 250;        // milliseconds; a share that becomes free is taken within that time
constexpr int shortestPause = 8;         // while others decide
constexpr double longestSilence = 64;    // seconds between two lines of the journal
constexpr double fullLookInterval = 5;   // seconds; for our place, and what `hasNews` does not see

bool hasCudaTrainer(const std::filesystem::path &trainer)
{
    return ::access((trainer.parent_path() / "bottega-trainer-cuda").c_str(), X_OK) == 0;
}

int machineCpus()
{
    const char *text = std::getenv("BOTTEGA_CPU_SLOTS");
    const int given = text ? std::atoi(text) : 0;
    return given > 0 ? std::min(given, 65'536) : usableProcessors();
}

/// One run's stay in the queue.
class Wait
{
public:
    Wait(Recorder &recorder, SlotQueue &queue, int signalFd) : m_recorder(recorder), m_queue(queue), m_signalFd(signalFd) {}

    Result<void> untilTaken()
    {
        while (true) {
            const auto taken = m_queue.hasNews() || steadyTime() >= m_nextFullLook ? look() : Result<bool>(false);
            if (!taken)
                return fail(taken.error());
            if (*taken)
                return {};
            if (auto asked = checkRequests(); !asked)
                return asked;
            pause();
        }
    }

private:
    Result<bool> look()
    {
        auto taken = m_queue.tryTake();
        std::string reason = taken ? m_queue.reason() : describe(taken.error());
        if (!taken && taken.error().code == ErrorCode::DiskFull)
            taken = false; // there may be room again
        if (!taken || *taken)
            return taken;
        // Who looks at n tickets, as n others do, should do so more rarely.
        m_nextFullLook = steadyTime() + std::max(fullLookInterval, 0.2 * m_queue.waitingRuns());
        m_reason = reason.empty() && steadyTime() >= m_patience ? "waiting for another agent, which has the queue" : reason;
        return tell();
    }

    Result<bool> tell()
    {
        const double now = steadyTime();
        if (m_reason.empty() || m_reason == m_told || now < m_nextLine)
            return false;
        m_silence = std::min(longestSilence, std::max(1.0, 2 * m_silence));
        m_nextLine = now + m_silence;
        m_told = m_reason;
        JournalEntry entry;
        entry.state = RunState::Queued;
        entry.evidence = m_reason;
        m_recorder.recordOrKeep(std::move(entry));
        return false;
    }

    Result<void> checkRequests()
    {
        struct stat info = {};
        if (::lstat(m_recorder.folder().root().c_str(), &info) != 0)
            return fail(ErrorCode::NotFound, "The run folder is gone", m_recorder.folder().root().string(),
                        "the work was not started");
        if (const auto by = m_recorder.cancelRequest())
            return fail(ErrorCode::Canceled, (by->empty() ? "canceled" : "canceled by " + *by) + " before the work was started");
        signalfd_siginfo signal = {};
        while (::read(m_signalFd, &signal, sizeof signal) == static_cast<ssize_t>(sizeof signal)) {
            if (signal.ssi_signo == SIGTERM)
                return fail(ErrorCode::Canceled, "agent asked to stop before the work was started");
        }
        return {};
    }

    void pause()
    {
        m_pause = std::min(m_queue.hasNews() ? shortestPause : longestPause, m_pause * 2);
        pollfd descriptor = {m_signalFd, POLLIN, 0};
        ::poll(&descriptor, 1, m_pause);
        (void)tell();
        m_recorder.flush();
    }

    Recorder &m_recorder;
    SlotQueue &m_queue;
    int m_signalFd;
    int m_pause = 1;
    double m_patience = steadyTime() + 2; // a decision of another agent is nothing to tell of
    double m_nextFullLook = 0;
    std::string m_reason;
    std::string m_told;
    double m_silence = 0;
    double m_nextLine = 0;
};

} // namespace

Result<SlotNeeds> slotNeeds(const Job &job, const std::filesystem::path &trainer)
{
    constexpr std::string_view named = "cuda:";
    if (job.device.starts_with(named)) {
        const std::string gpu = job.device.substr(named.size());
        if (isGpuName(gpu))
            return SlotNeeds{1, {gpu}};
        return fail(ErrorCode::Usage, "“" + printable(gpu, 80) + "” is no GPU's UUID", {}, "the work was not started",
                    "Submit the run again with one of the GPUs that 'bottega-cli target show local' lists");
    }
    if (job.device == "cuda")
        return SlotNeeds{1, visibleGpus()}; // where there is none, the trainer knows best why
    if (job.device == "auto" && job.gpu != "never" && hasCudaTrainer(trainer)) {
        if (auto gpus = visibleGpus(); !gpus.empty())
            return SlotNeeds{1, std::move(gpus)};
    }
    return SlotNeeds{job.threads, {}};
}

Result<SlotQueue> waitForSlots(Recorder &recorder, Job &job, const std::filesystem::path &trainer, int signalFd)
{
    auto needs = slotNeeds(job, trainer);
    if (!needs)
        return fail(needs.error());
    auto folder = openSlotFolder();
    if (!folder)
        return fail(folder.error());
    SlotQueue queue(std::move(*folder), recorder.folder(), std::move(*needs), machineCpus());
    if (auto waited = Wait(recorder, queue, signalFd).untilTaken(); !waited)
        return fail(waited.error());
    if (job.device == "cuda" && !queue.share().gpu.empty())
        job.device = "cuda:" + queue.share().gpu;
    if (job.threads > 0)
        job.threads = std::min(job.threads, queue.share().cpus);
    return queue;
}

std::vector<std::string> slotEnvironment(const SlotShare &share)
{
    std::vector<std::string> variables = {"BOTTEGA_CPU_SLOTS=" + std::to_string(share.cpus)};
    if (!share.gpu.empty())
        variables.push_back("CUDA_VISIBLE_DEVICES=" + share.gpu);
    return variables;
}

} // namespace bottega
