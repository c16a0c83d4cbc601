// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace bottega {

/// UUIDs of the GPUs that this process may use, in nvidia-smi's order; empty where there is none, or no driver, or one that
/// does not answer in time. $CUDA_VISIBLE_DEVICES restricts them, by UUID or by nvidia-smi's index. Blocks so long.
[[nodiscard]] std::vector<std::string> visibleGpus(std::chrono::milliseconds patience = std::chrono::seconds(5));

/// The driver's tool, from an absolute folder of PATH: never what lies where the program happens to stand. Empty: none.
[[nodiscard]] std::string nvidiaSmi();

/// Of the lines "index, uuid…" those that `visible` names, which is a value of CUDA_VISIBLE_DEVICES; null: all.
[[nodiscard]] std::vector<std::string> gpusNamed(std::string_view lines, const char *visible);

/// The form of a UUID as the driver gives it ("GPU-…", "MIG-…"): letters, digits and '-'.
[[nodiscard]] bool isGpuName(std::string_view text);

} // namespace bottega
