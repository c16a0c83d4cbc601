// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/cuda/queue.h"
#include "tests/core/engine/cuda/devicememory.h"

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace bottega::engine::cuda {

/// A device that is none: kernels run thread after thread on the host. All queues on it share its facts and its log of
/// calls.
struct EmulatedDevice
{
    DeviceFacts facts{0, "Emulated GPU", "GPU-0", 9, 0, 4, std::size_t{1} << 30};
    std::size_t used = 0;          // bytes
    std::vector<std::string> log;  // "queue 0: replay 12 launches"
    std::vector<std::string> runs; // what ran, in order: "queue 0: linearForward 4×1×1 of 256"
    std::string failingCall;       // the next call that starts so throws
    int queues = 0;
    bool isGuarded = false;        // the host's own accesses to its memory end the program, as on a real device; slow
};

/// Work piles up as in a stream and runs later: one piece whenever someone asks for an event, all of it on wait(). So host
/// memory that is changed too early, or read before it is filled, shows. Device memory starts as NaN.
class EmulatedQueue final : public Queue
{
public:
    explicit EmulatedQueue(std::shared_ptr<EmulatedDevice> device, ThreadOrder order = ThreadOrder::Forward);
    ~EmulatedQueue() override;

    [[nodiscard]] const DeviceFacts &facts() const override { return m_device->facts; }
    [[nodiscard]] MemoryUse memoryUse() override;
    [[nodiscard]] void *allocate(std::size_t bytes) override;
    void release(void *memory) noexcept override;
    [[nodiscard]] void *allocatePinned(std::size_t bytes) override;
    void releasePinned(void *memory) noexcept override;
    void clear(void *memory, std::size_t bytes) override;
    void copyIn(void *device, const void *host, std::size_t bytes) override;
    void copyOut(void *host, const void *device, std::size_t bytes) override;
    void launch(const Launch &launch) override;
    void rehearse(bool isRehearsing) override { m_isRehearsing = isRehearsing; }
    void beginCapture() override;
    [[nodiscard]] std::unique_ptr<Graph> endCapture() override;
    void abandonCapture() noexcept override;
    void replay(Graph &graph) override;
    [[nodiscard]] std::unique_ptr<Event> makeEvent() override;
    void record(Event &event) override;
    [[nodiscard]] bool isReached(const Event &event) override;
    void wait() override;
    [[nodiscard]] void *stream() const override { return const_cast<EmulatedQueue *>(this); }

    using Work = std::function<void()>;
    void put(Work work); // for fakes of libraries that work in the stream

private:
    struct RecordedGraph;
    struct Mark;

    void call(const std::string &what); // logs, and fails where it should
    void runOne();
    void runAll();
    void execute(const Launch &launch);

    std::shared_ptr<EmulatedDevice> m_device;
    ThreadOrder m_order;
    std::string m_name;
    std::deque<Work> m_pending;
    std::vector<Work> m_captured;
    bool m_isCapturing = false;
    bool m_isRehearsing = false;
    std::set<std::string> m_loaded; // kernels, by name and shape of their struct
    DeviceMemory m_memory;
};

} // namespace bottega::engine::cuda
