// SPDX-License-Identifier: Apache-2.0
#include "app/trainer/cudadevices.h"

#include "app/trainer/handover.h"
#include "core/engine/backend/cuda/cudabackend.h"
#include "core/engine/backend/cuda/cudaerror.h"
#include "core/engine/backend/cuda/module.h"
#include "core/engine/backend/cuda/streamqueue.h"

namespace bottega::trainer {

namespace {

using engine::cuda::DeviceFacts;

std::string describe(const DeviceFacts &facts)
{
    return facts.name + ", " + engine::cuda::bytesText(facts.memory) + ", compute capability " +
           std::to_string(facts.major) + "." + std::to_string(facts.minor);
}

Json detailsOf(const DeviceFacts &facts)
{
    const engine::cuda::MemoryUse use = engine::cuda::memoryUseOf(facts.index);
    return {{"uuid", facts.uuid},
            {"computeCapability", std::to_string(facts.major) + "." + std::to_string(facts.minor)},
            {"multiprocessors", facts.multiprocessors},
            {"memory", facts.memory},
            {"memoryFree", use.free}};
}

std::unique_ptr<engine::Backend> open(const DeviceFacts &facts, engine::Precision precision)
{
    auto queue = engine::cuda::makeStreamQueue(facts);
    return std::make_unique<engine::cuda::CudaBackend>(queue, engine::cuda::loadLibraries(queue, {precision}));
}

std::vector<engine::Precision> precisionsOf(const DeviceFacts &facts)
{
    if (facts.major < 8) // tensor cores of Ampere are the first for them
        return {engine::Precision::Float32};
    return {engine::Precision::Float32, engine::Precision::Tf32, engine::Precision::Bfloat16};
}

std::vector<std::pair<std::string, std::string>> versions()
{
    std::vector<std::pair<std::string, std::string>> all = {{"CUDA driver", engine::cuda::driverVersion()},
                                                            {"CUDA runtime", engine::cuda::runtimeVersion()}};
    for (auto &version : engine::cuda::libraryVersions())
        all.push_back(std::move(version));
    return all;
}

} // namespace

Machine cudaMachine()
{
    Machine machine;
    for (const DeviceFacts &facts : engine::cuda::visibleDevices(machine.whyNoGpu)) {
        machine.devices.push_back({"cuda:" + std::to_string(facts.index), describe(facts),
                                   [facts](const DeviceSettings &settings) { return open(facts, settings.precision); },
                                   "cuda:" + facts.uuid, [facts] { return detailsOf(facts); }, precisionsOf(facts)});
    }
    if (!machine.devices.empty())
        machine.whyNoGpu.clear();
    else if (!hasNvidiaDriver())
        machine.whyNoGpu = noDriver;
    for (Device &device : hostDevices())
        machine.devices.push_back(std::move(device));
    machine.versions = versions;
    return machine;
}

} // namespace bottega::trainer
