// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/checkpoint.h"

#include <vector>

namespace bottega::engine {

/// Writes the checkpoints of one training into its folder and removes those not worth keeping: up to 200 epochs all are
/// kept, in longer trainings the last and the best. A checkpoint is removed only when its successor is safely on disk.
class CheckpointKeeper
{
public:
    CheckpointKeeper(std::filesystem::path folder, std::int64_t epochs);

    /// epoch-0001.npz
    [[nodiscard]] Result<void> saveEpoch(const Checkpoint &checkpoint);
    /// step-00000123.npz, for a training stopped on the way. Needs no earlier one.
    [[nodiscard]] Result<void> saveStep(const Checkpoint &checkpoint);

    [[nodiscard]] const std::filesystem::path &last() const { return m_last; } // empty: none written yet

private:
    std::filesystem::path m_folder;
    bool m_keepsAll = true;
    std::filesystem::path m_last;
    std::filesystem::path m_best;
};

/// The checkpoint of a folder, of an epoch or a step, with which a training has got farthest, among those that load. Where
/// a newer one does not, `damaged` gets the reason. NotFound where there is none, Corrupt where none loads.
[[nodiscard]] Result<std::filesystem::path> newestCheckpoint(const std::filesystem::path &folder,
                                                             std::vector<Error> &damaged);

} // namespace bottega::engine
