// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace bottega::test {

/// Runs `work` in a child process in which `folder` is a file system of its own with room for `bytes`: a disk that is
/// really full, without any privilege. `work` returns what went wrong, or nothing. No value: this machine does not permit
/// it, and the test should be skipped loudly.
[[nodiscard]] std::optional<std::string> onSmallDisk(const std::filesystem::path &folder, std::uint64_t bytes,
                                                     const std::function<std::string()> &work);

/// Fills the file system of `folder` with a file "filler" until not one byte more fits.
void fillDisk(const std::filesystem::path &folder);

} // namespace bottega::test
