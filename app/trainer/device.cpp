// SPDX-License-Identifier: Apache-2.0
#include "app/trainer/device.h"

#include "core/base/safename.h"
#include "core/engine/backend/cpu/cpubackend.h"
#include "core/engine/backend/reference/referencebackend.h"

namespace bottega::trainer {

std::vector<Device> hostDevices()
{
    std::vector<Device> devices;
    for (const engine::cpu::InstructionSet &set : engine::cpu::instructionSets()) {
        const engine::CpuBackend backend(set);
        devices.push_back({backend.name(), backend.description(),
                           [set] { return std::make_unique<engine::CpuBackend>(set); }});
    }
    const engine::ReferenceBackend reference;
    devices.push_back({reference.name(), reference.description(),
                       [] { return std::make_unique<engine::ReferenceBackend>(); }});
    return devices;
}

Result<Device> findDevice(const std::vector<Device> &devices, const std::string &name)
{
    std::string known = "auto";
    for (const Device &device : devices) {
        if (name == "auto" || device.name == name || device.name.starts_with(name + ":"))
            return device;
        known += ", " + device.name;
    }
    return fail(ErrorCode::NotFound, "There is no device \"" + printable(name, 40) + "\" here", {}, {},
                "This machine has " + known);
}

} // namespace bottega::trainer
