// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace bottega {

/// The text of a file of the system's own (/proc, /sys, /etc), which may tell no size: its first `limit` bytes; empty where
/// there is none. Never for paths of foreign origin.
[[nodiscard]] std::string readKernelFile(const std::filesystem::path &path, std::size_t limit = std::size_t{1} << 20);

} // namespace bottega
