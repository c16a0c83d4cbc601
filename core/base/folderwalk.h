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

/// What to do with a folder that can't be read, or that lies deeper than the walk goes.
enum class Unreadable {
    Refuse,   // an error; 64 folders in each other are the most
    PassOver, // visited itself, but not what is in it; 512 are the most
};

/// Visits everything below `root`, folders before what is in them, names of one folder in the order of their bytes. No
/// link is followed, also when somebody swaps folders meanwhile: each folder is opened through its parent's handle. What
/// vanishes meanwhile is passed over. A `root` that can't be opened is an error in any case.
[[nodiscard]] Result<void> walkBeneath(const std::filesystem::path &root, const std::function<void(const Walked &)> &visit,
                                       Unreadable unreadable = Unreadable::Refuse);
/// The same for the folder at the slash path `start` beneath `root`, no link followed on the way either; the paths that
/// are visited are relative to `start`.
[[nodiscard]] Result<void> walkBeneath(const std::filesystem::path &root, const std::string &start,
                                       const std::function<void(const Walked &)> &visit,
                                       Unreadable unreadable = Unreadable::Refuse);

/// Bytes that a file, or a folder with all that is below it, takes on disk; what can't be read counts as nothing.
[[nodiscard]] std::uint64_t diskUsage(const std::filesystem::path &path);

} // namespace bottega
