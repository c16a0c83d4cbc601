// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace bottega::trainer {

/// Whether the command line is work for a GPU.
enum class Wish {
    Cpu,   // another device is named, or nothing is computed
    Gpu,   // a CUDA device is named
    Either, // auto
};
[[nodiscard]] Wish wishOf(const std::vector<std::string> &arguments);

/// The kernel's part of NVIDIA's driver is loaded: device node and /proc entry below `root`.
inline constexpr const char *noDriver = "there is no NVIDIA driver on this machine";
[[nodiscard]] bool hasNvidiaDriver(const std::filesystem::path &root = "/");

/// bottega-trainer-cuda in $BOTTEGA_LIBEXEC or beside this program; empty where it is missing.
[[nodiscard]] std::filesystem::path findCudaTrainer();

/// Runs `program --version` to its end: why it can't run here, in one line, or empty.
[[nodiscard]] std::string whyNotRunnable(const std::filesystem::path &program);

/// Becomes bottega-trainer-cuda, with the same arguments, where a GPU is wished for, or none is refused and a driver is
/// there. Returns only where that was not to be: with the reason in one line, or empty where there was nothing to hand over.
[[nodiscard]] std::string handOver(const std::vector<std::string> &arguments, const std::filesystem::path &root = "/");

} // namespace bottega::trainer
