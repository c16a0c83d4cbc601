// SPDX-License-Identifier: Apache-2.0
#include "core/compute/devicechoice.h"

#include "core/base/processors.h"
#include "core/base/safename.h"
#include "core/compute/devices.h"
#include "core/compute/local/localtarget.h"
#include "core/engine/backend/precision.h"

namespace bottega {

namespace {

tl::unexpected<Error> refused(const std::string &what, const std::string &remedy)
{
    return fail(ErrorCode::Usage, what, {}, "no run was made", remedy);
}

bool isCuda(const std::string &device)
{
    return device == "cuda" || (device.starts_with("cuda:") && device.size() > 5);
}

bool needsGpu(const JobRequest &request)
{
    return isCuda(request.device) || request.gpu == "require" || request.precision != Job().precision;
}

Result<void> checkPrecision(const JobRequest &request)
{
    if (!engine::precisionNamed(request.precision))
        return refused("“" + printable(request.precision, 80) + "” is not a precision", "Use fp32, tf32 or bf16");
    if (request.precision != Job().precision && (request.device == "cpu" || request.gpu == "never"))
        return refused("The precision " + request.precision + " needs a GPU, but the CPU is asked for",
                       "Use fp32, or choose a GPU");
    return {};
}

Result<void> checkAgreement(const JobRequest &request)
{
    if (request.gpu != "auto" && request.gpu != "never" && request.gpu != "require")
        return refused("“" + printable(request.gpu, 80) + "” is not a way to use GPUs", "Use auto, never or require");
    if (request.device != "auto" && request.device != "cpu" && !isCuda(request.device))
        return refused("“" + printable(request.device, 80) + "” is not a device", "Use auto, cpu, or a GPU such as cuda:0");
    if (request.gpu == "never" && isCuda(request.device))
        return refused("A GPU is asked for by the device and refused by “GPU never”", "Leave one of them out");
    if (request.gpu == "require" && request.device == "cpu")
        return refused("A GPU is required, but the device is the CPU", "Leave one of them out");
    const int processors = usableProcessors();
    if (request.threads < 0 || request.threads > processors)
        return refused("threads=" + std::to_string(request.threads) + ": this computer lets " +
                           std::to_string(processors) + (processors == 1 ? " processor" : " processors") + " be used",
                       "Give a number from 1 to " + std::to_string(processors) + ", or leave it out for all of them");
    return checkPrecision(request);
}

std::string listOf(const std::vector<GpuDevice> &gpus)
{
    std::string text;
    for (const GpuDevice &gpu : gpus)
        text += (text.empty() ? "" : ", ") + ("cuda:" + std::to_string(gpu.index)) + " (" + gpu.name + ", " + gpu.uuid + ")";
    return text;
}

/// "cuda", or "cuda:" with the UUID of the GPU that is named by index or UUID.
Result<std::string> findGpu(const std::string &device)
{
    if (const auto trainer = findTool("bottega-trainer-cuda"); !trainer)
        return fail(ErrorCode::Unsupported, "This installation trains on the CPU only: bottega-trainer-cuda is missing",
                    trainer.error().where, "no run was made", "Install Bottega's trainer for NVIDIA GPUs, or use the CPU");
    const DeviceList devices = readDevices();
    if (devices.gpus.empty())
        return fail(ErrorCode::Unsupported, "This computer trains on the CPU only: " + absenceText(devices), {},
                    "no run was made", "Use the CPU");
    if (device == "cuda")
        return device;
    const std::string wanted = device.substr(5);
    for (const GpuDevice &gpu : devices.gpus) {
        if (wanted == gpu.uuid || wanted == std::to_string(gpu.index))
            return "cuda:" + gpu.uuid;
    }
    return fail(ErrorCode::NotFound, "There is no GPU “" + printable(wanted, 80) + "” here", {}, "no run was made",
                "There are: " + listOf(devices.gpus));
}

} // namespace

Result<void> chooseDevice(Job &job, const JobRequest &request)
{
    if (auto agreed = checkAgreement(request); !agreed)
        return agreed;
    job.gpu = request.gpu;
    job.device = request.device;
    job.threads = request.threads;
    job.precision = request.precision;
    if (!needsGpu(request))
        return {};
    auto found = findGpu(isCuda(request.device) ? request.device : "cuda");
    if (!found && request.precision != Job().precision && found.error().code == ErrorCode::Unsupported)
        found.error().remedy += ", with the precision fp32"; // the CPU, which it ends with, has no other
    if (!found)
        return fail(found.error());
    job.device = std::move(*found);
    return {};
}

} // namespace bottega
