// SPDX-License-Identifier: Apache-2.0
#include "app/trainer/device.h"

#include "core/base/safename.h"
#include "core/engine/backend/cpu/cpubackend.h"
#include "core/engine/backend/cpu/team.h"
#include "core/engine/backend/reference/referencebackend.h"

namespace bottega::trainer {

std::vector<Device> hostDevices()
{
    std::vector<Device> devices;
    for (const engine::cpu::InstructionSet &set : engine::cpu::instructionSets()) {
        devices.push_back({"cpu:" + std::string(set.name), "CPU, " + std::string(set.title), [set](int threads) {
                               return std::make_unique<engine::CpuBackend>(
                                   set, threads > 0 ? threads : engine::cpu::availableThreads());
                           },
                           {}, {}});
    }
    const engine::ReferenceBackend reference;
    devices.push_back({reference.name(), reference.description(),
                       [](int) { return std::make_unique<engine::ReferenceBackend>(); }, {}, {}});
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

} // namespace bottega::trainer
