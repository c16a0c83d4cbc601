// SPDX-License-Identifier: Apache-2.0
#include "core/compute/devices.h"

#include "core/base/kernelfile.h"
#include "core/base/processors.h"
#include "core/base/safename.h"
#include "core/engine/backend/cpu/instructionset.h"

#include <QProcess>
#include <QStandardPaths>

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

std::string processorName()
{
    constexpr std::string_view key = "model name";
    std::istringstream file(readKernelFile("/proc/cpuinfo"));
    for (std::string line; std::getline(file, line);) {
        const std::size_t colon = line.find(": ");
        if (line.starts_with(key) && colon != std::string::npos)
            return printable(line.substr(colon + 2));
    }
    return {};
}

std::string trimmed(std::string_view text)
{
    constexpr std::string_view blanks = " \t\r";
    const std::size_t first = text.find_first_not_of(blanks);
    return first == std::string_view::npos
               ? std::string()
               : std::string(text.substr(first, text.find_last_not_of(blanks) - first + 1));
}

template <class T> std::optional<T> wholeNumber(const std::string &text)
{
    T value = 0;
    const char *end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data(), end, value);
    return failure == std::errc() && stop == end ? std::optional(value) : std::nullopt;
}

/// Takes the next piece off `rest`, up to `separator`.
std::string_view next(std::string_view &rest, char separator)
{
    const std::size_t end = std::min(rest.find(separator), rest.size());
    const std::string_view piece = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return piece;
}

std::optional<GpuDevice> parseGpu(std::string_view line)
{
    std::array<std::string, 7> fields;
    for (std::string &field : fields)
        field = trimmed(next(line, ','));
    const auto index = wholeNumber<int>(fields[0]);
    if (!index || !fields[1].starts_with("GPU-") || fields[2].empty())
        return std::nullopt;
    GpuDevice gpu;
    gpu.index = *index;
    gpu.uuid = printable(fields[1]);
    gpu.name = printable(fields[2]);
    gpu.memoryBytes = wholeNumber<std::uint64_t>(fields[3]).value_or(0) << 20;
    gpu.memoryUsedBytes = wholeNumber<std::uint64_t>(fields[4]).value_or(0) << 20;
    gpu.busyPercent = wholeNumber<int>(fields[5]); // "[N/A]" on a GPU in partitions
    gpu.driver = printable(fields[6]);
    return gpu;
}

std::string firstLine(const QByteArray &output)
{
    return printable(output.trimmed().split('\n').constFirst().toStdString());
}

void readGpus(DeviceList &devices, std::chrono::milliseconds patience)
{
    const QString program = QStandardPaths::findExecutable(u"nvidia-smi"_s);
    devices.absence = GpuAbsence::NoDriver;
    if (program.isEmpty())
        return;
    QProcess process;
    process.start(program, {u"--query-gpu=index,uuid,name,memory.total,memory.used,utilization.gpu,driver_version"_s,
                            u"--format=csv,noheader,nounits"_s});
    if (!process.waitForFinished(static_cast<int>(patience.count()))) {
        devices.absence = process.state() == QProcess::NotRunning ? GpuAbsence::Failed : GpuAbsence::TimedOut;
        devices.reason = process.errorString().toStdString();
        process.kill();
        process.waitForFinished(1'000);
        return;
    }
    const QByteArray output = process.readAllStandardOutput();
    devices.gpus = parseGpus(output.toStdString());
    const bool isSaid = output.contains("No devices") || process.readAllStandardError().contains("No devices");
    if (!devices.gpus.empty())
        devices.absence = GpuAbsence::None;
    else if (isSaid || (process.exitCode() == 0 && output.trimmed().isEmpty()))
        devices.absence = GpuAbsence::NoGpu;
    else {
        devices.absence = GpuAbsence::Failed;
        devices.reason = firstLine(output);
    }
}

} // namespace

DeviceList readDevices(std::chrono::milliseconds patience)
{
    DeviceList devices;
    devices.cpu = {processorName(), usableProcessors(),
                   std::string(engine::cpu::instructionSets().front().title)};
    readGpus(devices, patience);
    return devices;
}

std::string absenceText(const DeviceList &devices)
{
    switch (devices.absence) {
    case GpuAbsence::None: return {};
    case GpuAbsence::NoDriver: return "No NVIDIA driver is installed: nvidia-smi was not found";
    case GpuAbsence::NoGpu: return "The NVIDIA driver finds no GPU";
    case GpuAbsence::Failed: return "nvidia-smi failed: " + devices.reason;
    case GpuAbsence::TimedOut: return "nvidia-smi does not answer";
    }
    return {};
}

std::vector<GpuDevice> parseGpus(std::string_view csv)
{
    std::vector<GpuDevice> gpus;
    while (!csv.empty()) {
        if (auto gpu = parseGpu(next(csv, '\n')))
            gpus.push_back(std::move(*gpu));
    }
    return gpus;
}

Json devicesToJson(const DeviceList &devices)
{
    Json gpus = Json::array();
    for (const GpuDevice &gpu : devices.gpus) {
        gpus.push_back({{"device", "cuda:" + std::to_string(gpu.index)},
                        {"uuid", gpu.uuid},
                        {"name", gpu.name},
                        {"memoryBytes", gpu.memoryBytes},
                        {"memoryUsedBytes", gpu.memoryUsedBytes},
                        {"busyPercent", gpu.busyPercent ? Json(*gpu.busyPercent) : Json()},
                        {"driver", gpu.driver}});
    }
    return {{"cpu", {{"name", devices.cpu.name},
                     {"processors", devices.cpu.processors},
                     {"instructionSet", devices.cpu.instructionSet}}},
            {"gpus", std::move(gpus)},
            {"gpuNote", absenceText(devices)}};
}

} // namespace bottega
