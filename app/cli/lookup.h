// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/cli/command.h"
#include "core/run/runfolder.h"
#include "core/workspace/models.h"
#include "core/workspace/runrecord.h"
#include "core/workspace/workspace.h"

#include <string>
#include <utility>
#include <vector>

namespace bottega::cli {

/// --workspace, else the workspace that the current folder lies in, else $BOTTEGA_WORKSPACE.
[[nodiscard]] Result<Workspace> openWorkspace(const Invocation &invocation);

/// By id or a unique beginning of it; `latest` is the newest run.
[[nodiscard]] Result<RunFolder> findRun(const Workspace &workspace, const std::string &text);
/// The same in the workspace of the invocation, for commands that need nothing else of it. The run is argument `index`.
[[nodiscard]] Result<RunFolder> findRun(const Invocation &invocation, std::size_t index = 0);

/// A registered model, and the registry that it is in.
struct FoundModel
{
    Workspace workspace;
    Models models;
    Model model;
};

/// The model that argument 0 names, in the workspace of the invocation.
[[nodiscard]] Result<FoundModel> findModel(const Invocation &invocation);

/// Starts an agent for a run that has lost its own; a failure is a note.
void adoptIfOrphaned(const RunFolder &folder, std::ostream &notes);

/// All runs, newest first, without artifacts: from the index, or from the run folders where there can be no index.
/// Those that have lost their agents get new ones.
[[nodiscard]] Result<std::vector<RunRecord>> listRuns(const Workspace &workspace);

/// "NAME=VALUE" taken apart at the first '='; the error names the option it was given to.
[[nodiscard]] Result<std::pair<std::string, std::string>> splitPair(const std::string &option, const std::string &text);

/// What help says of an argument RUN, MODEL.
inline constexpr const char *runHelp = "id of the run, or a unique beginning of it, or latest";
inline constexpr const char *modelHelp = "NAME, NAME:VERSION or NAME:latest";

} // namespace bottega::cli
