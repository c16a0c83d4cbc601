// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/cli/command.h"
#include "core/workspace/trash.h"

namespace bottega::cli {

/// run restore, model restore, workspace empty-trash.
[[nodiscard]] CommandList trashCommands();

/// What `run list --trash` and `model list --trash` print: the runs, or the models, that can come back.
[[nodiscard]] Result<int> listTrash(const Workspace &workspace, bool ofRuns, bool asJson, Console &console);

/// What a delete that can be undone tells.
void printTrashed(const TrashItem &item, bool asJson, std::ostream &out);

} // namespace bottega::cli
