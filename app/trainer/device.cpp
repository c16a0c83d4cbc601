// SPDX-License-Identifier: Apache-2.0
#include "app/trainer/device.h"

#include "core/base/safename.h"
#include "core/engine/backend/cpu/cpubackend.h"
#include "core/engine/backend/cpu/team.h"
#include "core/engine/backend/reference/referencebackend.h"

#include <algorithm>

namespace bottega::trainer {

std::vector<Device> hostDevices()
{
    std::vector<Device> devices;
    for (const engine::cpu::InstructionSet &set : engine::cpu::instructionSets()) {
        devices.push_back({"cpu:" + std::string(set.name), "CPU, " + std::string(set.title), [set](const DeviceSettings &settings) {
                               return std::make_unique<engine::CpuBackend>(
                                   set, settings.threads > 0 ? settings.threads : engine::cpu::availableThreads());
                           },
                           {}, {}, {engine::Precision::Float32}});
    }
    const engine::ReferenceBackend reference;
    devices.push_back({reference.name(), reference.description(),
                       [](const DeviceSettings &) { return std::make_unique<engine::ReferenceBackend>(); }, {}, {},
                       {engine::Precision::Float32}});
    return devices;
}

Result<Device> findDevice(const std::vector<Device> &devices, const std::string &name, const std::string &whyNoGpu)
{
    std::string known = "auto";
    for (const Device &device : devices) {
        if (name == "auto" || device.name == name || device.alias == name || device.name.starts_with(name + ":"))
            return device;
        known += ", " + device.name;
    }
    if (name.starts_with("cuda") && !whyNoGpu.empty())
        return fail(ErrorCode::NotFound, "The device " + printable(name, 40) + " can't be used: " + whyNoGpu, {}, {},
                    "Use --device cpu, or auto");
    return fail(ErrorCode::NotFound, "There is no device \"" + printable(name, 40) + "\" here", {}, {},
                "This machine has " + known);
}

Result<void> checkPrecision(const Device &device, engine::Precision precision, const std::string &whyNoGpu)
{
    const auto &able = device.precisions;
    if (std::find(able.begin(), able.end(), precision) != able.end())
        return {};
    return fail(ErrorCode::Usage,
                "The precision " + std::string(engine::nameOf(precision)) +
                    " needs a GPU of compute capability 8.0 or later; " + device.name + " computes in fp32 only" +
                    (whyNoGpu.empty() ? std::string() : ": " + whyNoGpu),
                {}, "nothing was computed", "Leave --precision out, or name such a GPU: 'bottega-trainer info' lists them");
}

} // namespace bottega::trainer
