// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/cuda/launch.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace bottega::engine::cuda {

/// What is known of a device.
struct DeviceFacts
{
    int index = 0;
    std::string name;         // "NVIDIA H100 80GB HBM3"
    std::string uuid;         // "GPU-8f6d…"
    int major = 0;            // compute capability
    int minor = 0;
    int multiprocessors = 1;
    std::size_t memory = 0;   // bytes
};

struct MemoryUse
{
    std::size_t free = 0;  // bytes
    std::size_t total = 0;
};

/// Work that was recorded once and can be replayed.
class Graph
{
public:
    virtual ~Graph() = default;
};

/// A mark between two pieces of work.
class Event
{
public:
    virtual ~Event() = default;
};

/// The calls that drive one device, all in order in one stream of its own: what CUDA offers, cut down to what is needed, so
/// that tests can put a recording fake in its place. There is no global state and no call that concerns the whole device:
/// several queues of one process, or of many, share a GPU without waiting for each other.
/// Calls return when the work is enqueued unless they say otherwise, and throw CudaError. Not thread safe.
class Queue
{
public:
    virtual ~Queue() = default;

    [[nodiscard]] virtual const DeviceFacts &facts() const = 0;
    [[nodiscard]] virtual MemoryUse memoryUse() = 0;

    /// Uninitialised memory of the device, aligned to 256 bytes; throws OutOfMemory.
    [[nodiscard]] virtual void *allocate(std::size_t bytes) = 0;
    virtual void release(void *memory) noexcept = 0;
    /// Memory of the host that the device can reach by itself. May be slow: call when making things ready.
    [[nodiscard]] virtual void *allocatePinned(std::size_t bytes) = 0;
    virtual void releasePinned(void *memory) noexcept = 0;

    virtual void clear(void *memory, std::size_t bytes) = 0;
    /// The host's memory must stay as it is until the copy is through.
    virtual void copyIn(void *device, const void *host, std::size_t bytes) = 0;
    virtual void copyOut(void *host, const void *device, std::size_t bytes) = 0;

    virtual void launch(const Launch &launch) = 0;
    /// From now on launches only load their kernels, until told otherwise: nothing is to be loaded while a graph is recorded.
    virtual void rehearse(bool isRehearsing) = 0;

    /// Between the two nothing runs: launches, clears and copies are recorded.
    virtual void beginCapture() = 0;
    [[nodiscard]] virtual std::unique_ptr<Graph> endCapture() = 0;
    virtual void abandonCapture() noexcept = 0; // after an error
    virtual void replay(Graph &graph) = 0;

    [[nodiscard]] virtual std::unique_ptr<Event> makeEvent() = 0;
    virtual void record(Event &event) = 0;
    [[nodiscard]] virtual bool isReached(const Event &event) = 0; // asks, never waits

    /// Waits for this queue's own work.
    virtual void wait() = 0;

    /// cudaStream_t for libraries; null where there is no device.
    [[nodiscard]] virtual void *stream() const { return nullptr; }

protected:
    Queue() = default;
    Queue(const Queue &) = delete;
    Queue &operator=(const Queue &) = delete;
};

/// Values in one allocation of a queue, pinned on the host or on the device. Move only; keeps the queue alive.
template <class T>
class Buffer
{
public:
    Buffer() = default;
    static Buffer onDevice(const std::shared_ptr<Queue> &queue, std::size_t count)
    {
        return Buffer(queue, count, static_cast<T *>(queue->allocate(count * sizeof(T))), false);
    }
    static Buffer pinned(const std::shared_ptr<Queue> &queue, std::size_t count)
    {
        return Buffer(queue, count, static_cast<T *>(queue->allocatePinned(count * sizeof(T))), true);
    }
    Buffer(Buffer &&other) noexcept { *this = std::move(other); }
    Buffer &operator=(Buffer &&other) noexcept
    {
        std::swap(m_queue, other.m_queue);
        std::swap(m_data, other.m_data);
        std::swap(m_count, other.m_count);
        std::swap(m_isPinned, other.m_isPinned);
        return *this;
    }
    ~Buffer()
    {
        if (m_data && m_isPinned)
            m_queue->releasePinned(m_data);
        else if (m_data)
            m_queue->release(m_data);
    }

    [[nodiscard]] T *data() { return m_data; }
    [[nodiscard]] const T *data() const { return m_data; }
    [[nodiscard]] std::size_t count() const { return m_count; }
    [[nodiscard]] std::size_t bytes() const { return m_count * sizeof(T); }

private:
    Buffer(std::shared_ptr<Queue> queue, std::size_t count, T *data, bool isPinned)
        : m_queue(std::move(queue)), m_data(data), m_count(count), m_isPinned(isPinned)
    {
    }

    std::shared_ptr<Queue> m_queue;
    T *m_data = nullptr;
    std::size_t m_count = 0;
    bool m_isPinned = false;
};

} // namespace bottega::engine::cuda
