// SPDX-License-Identifier: Apache-2.0
#include "tests/core/engine/cuda/emulatedqueue.h"

#include "core/engine/backend/cuda/cudaerror.h"

#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace bottega::engine::cuda {

struct EmulatedQueue::RecordedGraph : Graph
{
    std::vector<Work> works;
};

struct EmulatedQueue::Mark : Event
{
    std::shared_ptr<bool> isReached = std::make_shared<bool>(false);
};

EmulatedQueue::EmulatedQueue(std::shared_ptr<EmulatedDevice> device, ThreadOrder order)
    : m_device(std::move(device)), m_order(order), m_name("queue " + std::to_string(m_device->queues++)), m_memory(m_device->isGuarded)
{
}

EmulatedQueue::~EmulatedQueue()
{
    runAll();
    for (const auto &[memory, bytes] : m_memory.blocks())
        m_device->log.push_back(m_name + ": leaked " + std::to_string(bytes));
}

void EmulatedQueue::call(const std::string &what)
{
    m_device->log.push_back(m_name + ": " + what);
    if (m_device->failingCall.empty() || !what.starts_with(m_device->failingCall))
        return;
    m_device->failingCall.clear();
    throw callFailed(what, m_device->facts, "injected");
}

void EmulatedQueue::put(Work work)
{
    if (m_isCapturing)
        m_captured.push_back(std::move(work));
    else
        m_pending.push_back(std::move(work));
}

void EmulatedQueue::runOne()
{
    const DeviceMemory::Access access(m_memory);
    const Work work = std::move(m_pending.front());
    m_pending.pop_front();
    work();
}

void EmulatedQueue::runAll()
{
    const DeviceMemory::Access access(m_memory);
    while (!m_pending.empty())
        runOne();
}

MemoryUse EmulatedQueue::memoryUse()
{
    return {m_device->facts.memory - m_device->used, m_device->facts.memory};
}

void *EmulatedQueue::allocate(std::size_t bytes)
{
    call("allocate " + std::to_string(bytes));
    if (m_isCapturing)
        throw std::logic_error("memory asked for while a graph is recorded");
    const MemoryUse use = memoryUse();
    if (bytes > use.free)
        throw OutOfMemory(m_device->facts, bytes, use.free, use.total);
    void *memory = m_memory.allocate(bytes);
    const DeviceMemory::Access access(m_memory);
    std::memset(memory, 0xff, bytes);
    m_device->used += bytes;
    return memory;
}

void EmulatedQueue::release(void *memory) noexcept
{
    m_pending.push_back([this, memory] {
        m_device->used -= m_memory.blocks().at(memory);
        m_memory.release(memory);
    });
}

void *EmulatedQueue::allocatePinned(std::size_t bytes)
{
    call("allocatePinned " + std::to_string(bytes));
    void *memory = std::malloc(bytes);
    std::memset(memory, 0xff, bytes);
    return memory;
}

void EmulatedQueue::releasePinned(void *memory) noexcept
{
    runAll();
    std::free(memory);
}

void EmulatedQueue::clear(void *memory, std::size_t bytes)
{
    call("clear " + std::to_string(bytes));
    put([memory, bytes] { std::memset(memory, 0, bytes); });
}

void EmulatedQueue::copyIn(void *device, const void *host, std::size_t bytes)
{
    call("copyIn " + std::to_string(bytes));
    put([device, host, bytes] { std::memcpy(device, host, bytes); });
}

void EmulatedQueue::copyOut(void *host, const void *device, std::size_t bytes)
{
    call("copyOut " + std::to_string(bytes));
    put([device, host, bytes] { std::memcpy(host, device, bytes); });
}

void EmulatedQueue::launch(const Launch &launch)
{
    const Blocks &grid = launch.blocks;
    constexpr std::int64_t mostX = (std::int64_t{1} << 31) - 1, mostOther = 65535; // what CUDA allows
    if (grid.x < 1 || grid.y < 1 || grid.z < 1 || grid.x > mostX || grid.y > mostOther || grid.z > mostOther ||
        launch.threads > 1024 || launch.sharedBytes > 48 * 1024)
        throw callFailed(std::string("launch of ") + launch.name, facts(), "invalid configuration");
    const std::string kernel = launch.name + std::string(" ") + std::to_string(launch.kernel.size());
    if (m_isRehearsing) {
        m_loaded.insert(kernel);
        return;
    }
    if (m_isCapturing && !m_loaded.contains(kernel))
        throw std::logic_error(kernel + " would be loaded while a graph is recorded");
    call(std::string("launch of ") + launch.name);
    put([this, launch] { execute(launch); });
}

void EmulatedQueue::execute(const Launch &launch)
{
    const Blocks &grid = launch.blocks;
    m_device->runs.push_back(m_name + ": " + launch.name + " " + std::to_string(grid.x) + "x" + std::to_string(grid.y) +
                             "x" + std::to_string(grid.z) + " of " + std::to_string(launch.threads));
    const auto narrow = [](std::int64_t i) { return static_cast<std::int32_t>(i); };
    for (std::int64_t z = 0; z < grid.z; ++z)
        for (std::int64_t y = 0; y < grid.y; ++y)
            for (std::int64_t x = 0; x < grid.x; ++x)
                launch.emulate(launch.kernel.data(), {narrow(x), narrow(y), narrow(z), 0}, m_order);
}

void EmulatedQueue::beginCapture()
{
    call("beginCapture");
    m_isCapturing = true;
}

std::unique_ptr<Graph> EmulatedQueue::endCapture()
{
    call("endCapture");
    m_isCapturing = false;
    auto graph = std::make_unique<RecordedGraph>();
    graph->works.swap(m_captured);
    return graph;
}

void EmulatedQueue::abandonCapture() noexcept
{
    m_device->log.push_back(m_name + ": abandonCapture");
    m_isCapturing = false;
    m_captured.clear();
}

void EmulatedQueue::replay(Graph &graph)
{
    const auto &works = static_cast<RecordedGraph &>(graph).works;
    call("replay " + std::to_string(works.size()));
    put([works] {
        for (const Work &work : works)
            work();
    });
}

std::unique_ptr<Event> EmulatedQueue::makeEvent()
{
    call("makeEvent");
    return std::make_unique<Mark>();
}

void EmulatedQueue::record(Event &event)
{
    call("record");
    auto isReached = static_cast<Mark &>(event).isReached;
    *isReached = false;
    put([isReached] { *isReached = true; });
}

bool EmulatedQueue::isReached(const Event &event)
{
    const bool isReached = *static_cast<const Mark &>(event).isReached;
    if (!isReached && !m_pending.empty())
        runOne();
    return isReached;
}

void EmulatedQueue::wait()
{
    call("wait");
    if (m_isCapturing)
        throw std::logic_error("waited while a graph is recorded");
    runAll();
}

} // namespace bottega::engine::cuda
