// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/workspace/objectstore.h"
#include "core/workspace/workspace.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace bottega {

/// Something in the workspace that is not what it was.
struct Finding
{
    std::string kind;    // "model", "object", "dataset", "checkpoint", "run"
    std::string subject; // "digits:2", a hash, a data set's name, a run id
    Error error;         // names the file, and the byte offset where it is known
};

[[nodiscard]] Json findingToJson(const Finding &finding);

/// The part-th of `of` equal parts of all there is, told by names, so that all parts together are everything.
struct Share
{
    std::uint32_t part = 1;
    std::uint32_t of = 1;

    [[nodiscard]] bool holds(const std::string &name) const;
};

struct DataCheck
{
    std::vector<Finding> findings;
    std::uint64_t items = 0; // model versions, objects, data sets, checkpoints, runs' records
    std::uint64_t bytes = 0; // read
};

/// Reads everything that has a sum and holds it against it: the files of all model versions, objects (and that none is
/// missing that a run refers to), data sets, checkpoints, journals and event files. Blocks for as long as that takes;
/// `progress` is called for each thing and stops it by returning false (Canceled).
[[nodiscard]] Result<DataCheck> verifyData(const Workspace &workspace, const Share &share = {},
                                           const std::function<bool(const std::string &subject)> &progress = {});

/// The objects that runs, also those in the trash, and models refer to, each with the name of one that does. A run.json or
/// model.json that cannot be read is an error: what it refers to must not be removed.
[[nodiscard]] Result<std::map<std::string, std::string>> objectReferences(const Workspace &workspace);

/// Removes the objects that nobody refers to, in the workspace's store.
[[nodiscard]] Result<ObjectStore::Collected> collectObjects(const Workspace &workspace, bool dryRun = false);

} // namespace bottega
