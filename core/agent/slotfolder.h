// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/base/uniquefd.h"

#include <filesystem>

namespace bottega {

struct SlotFolder
{
    std::filesystem::path path;
    UniqueFd handle;
};

/// Opens the folder of this machine's queue, and makes it where it is missing: one per user and machine, private, on a
/// local disk, since locks of a network file system are not inherited. It is $XDG_STATE_HOME/bottega/slots/<machine>
/// (~/.local/state), or where that is no local disk /var/tmp/bottega-<uid>/slots: places that outlast a login, as runs do,
/// and are the same for every login. (The runtime folder of a login is neither.) A link, a foreign owner or rights for
/// others are an error of code Permission.
[[nodiscard]] Result<SlotFolder> openSlotFolder();

/// True where an open file is on a network file system, or that is unknown.
[[nodiscard]] bool isOnNetwork(int fd);

} // namespace bottega
