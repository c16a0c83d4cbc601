// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace bottega {

enum class WalkedKind {
    File,
    Folder,
    Link,
    Other, // FIFO, socket, device
};

struct Walked
{
    std::string path; // slash path relative to the root
    WalkedKind kind = WalkedKind::Other;
    std::uint64_t size = 0;
    std::uint64_t diskBytes = 0;
};

/// Visits everything below `root`, folders before what is in them, names of one folder in the order of their bytes. No
/// link is followed, also when somebody swaps folders meanwhile: each folder is opened through its parent's handle. What
/// vanishes meanwhile is passed over; a folder that can't be read, or more than 64 of them in each other, is an error.
[[nodiscard]] Result<void> walkBeneath(const std::filesystem::path &root, const std::function<void(const Walked &)> &visit);

} // namespace bottega
