// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"

#include <string>

namespace bottega {

class RunFolder;
class Workspace;

/// A workspace is trusted where this user made it with `init` on this machine, or said so. Any other, one that was
/// imported, copied or moved here or belongs to somebody else, is for browsing only: nothing in it is executed, no host
/// is contacted for it, nothing that it names decides what a program does. Trust is recorded in
/// $XDG_CONFIG_HOME/bottega/trusted/, never in the workspace, and is bound to the folder's real path, its owner and the
/// workspace's id: what is put in its place later is not trusted.
[[nodiscard]] bool isTrusted(const Workspace &workspace);
[[nodiscard]] Result<void> trustWorkspace(const Workspace &workspace);
[[nodiscard]] Result<void> distrustWorkspace(const Workspace &workspace); // no error where it wasn't

/// Permission, with the remedy, unless it is trusted. `what` completes "… needs a trusted workspace": "Training".
[[nodiscard]] Result<void> requireTrust(const Workspace &workspace, const std::string &what);
[[nodiscard]] Result<void> requireTrust(const RunFolder &run, const std::string &what); // of the workspace that it lies in

} // namespace bottega
