// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cuda/streamqueue.h"

#include "core/engine/backend/cuda/cudaerror.h"

#include <cstdio>
#include <cuda_runtime_api.h>
#include <type_traits>

namespace bottega::engine::cuda {

namespace {

/// Gives a handle of the CUDA runtime back. An error then has nowhere to go: what matters was checked before.
template <auto destroy>
struct Destroy
{
    template <class T>
    void operator()(T *handle) const
    {
        static_cast<void>(destroy(handle));
    }
};

using Stream = std::unique_ptr<std::remove_pointer_t<cudaStream_t>, Destroy<cudaStreamDestroy>>;
using EventHandle = std::unique_ptr<std::remove_pointer_t<cudaEvent_t>, Destroy<cudaEventDestroy>>;
using GraphHandle = std::unique_ptr<std::remove_pointer_t<cudaGraph_t>, Destroy<cudaGraphDestroy>>;
using GraphExec = std::unique_ptr<std::remove_pointer_t<cudaGraphExec_t>, Destroy<cudaGraphExecDestroy>>;

struct StreamEvent final : Event
{
    EventHandle handle;
};

struct StreamGraph final : Graph
{
    GraphExec handle;
};

std::string reasonOf(cudaError_t code)
{
    return std::string(cudaGetErrorString(code)) + " (" + cudaGetErrorName(code) + ")";
}

std::string versionText(int version)
{
    return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

/// As the driver's tools write it.
std::string uuidText(const cudaUUID_t &uuid)
{
    std::string text = "GPU";
    for (int i = 0; i < 16; ++i) {
        char digits[4];
        const bool isFirstOfGroup = i == 0 || i == 4 || i == 6 || i == 8 || i == 10;
        std::snprintf(digits, sizeof digits, "%s%02x", isFirstOfGroup ? "-" : "", static_cast<unsigned char>(uuid.bytes[i]));
        text += digits;
    }
    return text;
}

class StreamQueue final : public Queue
{
public:
    explicit StreamQueue(const DeviceFacts &facts) : m_facts(facts)
    {
        enter();
        cudaStream_t stream = nullptr;
        check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "cudaStreamCreate");
        m_stream.reset(stream);
        int hasPools = 0;
        check(cudaDeviceGetAttribute(&hasPools, cudaDevAttrMemoryPoolsSupported, facts.index), "cudaDeviceGetAttribute");
        m_hasPools = hasPools != 0;
    }

    const DeviceFacts &facts() const override { return m_facts; }

    MemoryUse memoryUse() override
    {
        enter();
        MemoryUse use;
        check(cudaMemGetInfo(&use.free, &use.total), "cudaMemGetInfo");
        return use;
    }

    void *allocate(std::size_t bytes) override
    {
        enter();
        void *memory = nullptr;
        const cudaError_t code = m_hasPools ? cudaMallocAsync(&memory, bytes, m_stream.get()) : cudaMalloc(&memory, bytes);
        if (code == cudaErrorMemoryAllocation) {
            static_cast<void>(cudaGetLastError());
            const MemoryUse use = memoryUse();
            throw OutOfMemory(m_facts, bytes, use.free, use.total);
        }
        check(code, "allocation of " + bytesText(bytes));
        return memory;
    }

    void release(void *memory) noexcept override
    {
        // In the stream's order where the device can: cudaFree would wait for everyone on the device
        static_cast<void>(cudaSetDevice(m_facts.index));
        static_cast<void>(m_hasPools ? cudaFreeAsync(memory, m_stream.get()) : cudaFree(memory));
    }

    void *allocatePinned(std::size_t bytes) override
    {
        enter();
        void *memory = nullptr;
        check(cudaMallocHost(&memory, bytes), "allocation of " + bytesText(bytes) + " of pinned memory");
        return memory;
    }

    void releasePinned(void *memory) noexcept override
    {
        static_cast<void>(cudaStreamSynchronize(m_stream.get())); // a copy may be on its way
        static_cast<void>(cudaFreeHost(memory));
    }

    void clear(void *memory, std::size_t bytes) override
    {
        enter();
        check(cudaMemsetAsync(memory, 0, bytes, m_stream.get()), "cudaMemsetAsync");
    }
    void copyIn(void *device, const void *host, std::size_t bytes) override
    {
        enter();
        check(cudaMemcpyAsync(device, host, bytes, cudaMemcpyHostToDevice, m_stream.get()), "copy to the device");
    }
    void copyOut(void *host, const void *device, std::size_t bytes) override
    {
        enter();
        check(cudaMemcpyAsync(host, device, bytes, cudaMemcpyDeviceToHost, m_stream.get()), "copy from the device");
    }

    void rehearse(bool isRehearsing) override { m_isRehearsing = isRehearsing; }

    void launch(const Launch &launch) override
    {
        if (m_isRehearsing)
            return load(launch);
        enter();
        const auto extent = [](std::int64_t blocks) { return static_cast<unsigned>(blocks); };
        const dim3 grid(extent(launch.blocks.x), extent(launch.blocks.y), extent(launch.blocks.z));
        void *arguments[] = {const_cast<std::byte *>(launch.kernel.data())};
        check(cudaLaunchKernel(launch.function, grid, dim3(static_cast<unsigned>(launch.threads)), arguments, 0,
                               m_stream.get()),
              std::string("launch of ") + launch.name);
    }

    void beginCapture() override
    {
        enter();
        // Thread local: what another thread of this process asks of its own device is no error of ours
        check(cudaStreamBeginCapture(m_stream.get(), cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
    }

    std::unique_ptr<Graph> endCapture() override
    {
        cudaGraph_t recorded = nullptr;
        check(cudaStreamEndCapture(m_stream.get(), &recorded), "cudaStreamEndCapture");
        const GraphHandle owner(recorded);
        cudaGraphExec_t ready = nullptr;
        check(cudaGraphInstantiate(&ready, recorded, 0), "cudaGraphInstantiate");
        auto graph = std::make_unique<StreamGraph>();
        graph->handle.reset(ready);
        return graph;
    }

    void abandonCapture() noexcept override
    {
        cudaGraph_t recorded = nullptr;
        static_cast<void>(cudaStreamEndCapture(m_stream.get(), &recorded));
        static_cast<void>(cudaGetLastError());
        const GraphHandle owner(recorded);
    }

    void replay(Graph &graph) override
    {
        enter();
        check(cudaGraphLaunch(static_cast<StreamGraph &>(graph).handle.get(), m_stream.get()), "cudaGraphLaunch");
    }

    std::unique_ptr<Event> makeEvent() override
    {
        enter();
        cudaEvent_t handle = nullptr;
        check(cudaEventCreateWithFlags(&handle, cudaEventDisableTiming), "cudaEventCreate");
        auto event = std::make_unique<StreamEvent>();
        event->handle.reset(handle);
        return event;
    }

    void record(Event &event) override
    {
        enter();
        check(cudaEventRecord(static_cast<StreamEvent &>(event).handle.get(), m_stream.get()), "cudaEventRecord");
    }

    bool isReached(const Event &event) override
    {
        const cudaError_t code = cudaEventQuery(static_cast<const StreamEvent &>(event).handle.get());
        if (code == cudaErrorNotReady) {
            static_cast<void>(cudaGetLastError());
            return false;
        }
        check(code, "the work before an event");
        return true;
    }

    void wait() override { check(cudaStreamSynchronize(m_stream.get()), "the work in the stream"); }

    void *stream() const override { return m_stream.get(); }

private:
    /// The device is a setting of the thread, and another backend of the process may have changed it.
    void enter() { check(cudaSetDevice(m_facts.index), "cudaSetDevice"); }

    void load(const Launch &launch)
    {
        enter();
        cudaFuncAttributes attributes = {};
        check(cudaFuncGetAttributes(&attributes, launch.function), std::string("loading ") + launch.name);
    }

    void check(cudaError_t code, const std::string &call)
    {
        if (code == cudaSuccess)
            return;
        static_cast<void>(cudaGetLastError());
        throw callFailed(call, m_facts, reasonOf(code));
    }

    DeviceFacts m_facts;
    Stream m_stream;
    bool m_hasPools = false;
    bool m_isRehearsing = false;
};

} // namespace

std::vector<DeviceFacts> visibleDevices(std::string &why)
{
    int count = 0;
    if (const cudaError_t code = cudaGetDeviceCount(&count); code != cudaSuccess || count == 0) {
        static_cast<void>(cudaGetLastError());
        why = code == cudaSuccess ? "the driver shows no device" : reasonOf(code);
        return {};
    }
    std::vector<DeviceFacts> devices;
    for (int index = 0; index < count; ++index) {
        cudaDeviceProp properties = {};
        if (const cudaError_t code = cudaGetDeviceProperties(&properties, index); code != cudaSuccess) {
            static_cast<void>(cudaGetLastError());
            why = reasonOf(code);
            continue;
        }
        devices.push_back({index, properties.name, uuidText(properties.uuid), properties.major, properties.minor, properties.multiProcessorCount,
                           properties.totalGlobalMem});
    }
    return devices;
}

MemoryUse memoryUseOf(int device)
{
    MemoryUse use;
    if (cudaSetDevice(device) != cudaSuccess || cudaMemGetInfo(&use.free, &use.total) != cudaSuccess)
        static_cast<void>(cudaGetLastError());
    return use;
}

std::string driverVersion()
{
    int version = 0;
    static_cast<void>(cudaDriverGetVersion(&version));
    return version == 0 ? "none" : versionText(version);
}

std::string runtimeVersion()
{
    int version = 0;
    static_cast<void>(cudaRuntimeGetVersion(&version));
    return versionText(version);
}

std::shared_ptr<Queue> makeStreamQueue(const DeviceFacts &facts)
{
    return std::make_shared<StreamQueue>(facts);
}

} // namespace bottega::engine::cuda
