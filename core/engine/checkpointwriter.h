// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/checkpointkeeper.h"

#include <future>

namespace bottega::engine {

/// Writes checkpoints while the training goes on: packing one takes as long as many steps. One is on its way at most; the
/// next one waits for it. An error is told by the call that comes after it.
class CheckpointWriter
{
public:
    CheckpointWriter(std::filesystem::path folder, std::int64_t epochs) : m_keeper(std::move(folder), epochs) {}
    ~CheckpointWriter() = default; // waits

    [[nodiscard]] Result<void> saveEpoch(Checkpoint checkpoint); // returns before it is written
    [[nodiscard]] Result<void> saveStep(const Checkpoint &checkpoint); // is written

    /// Until nothing is on its way any more.
    [[nodiscard]] Result<void> finish();

    /// Empty: none written. Only after finish().
    [[nodiscard]] const std::filesystem::path &last() const { return m_keeper.last(); }

private:
    CheckpointKeeper m_keeper;
    std::future<Result<void>> m_pending; // goes first: its work uses the keeper
};

} // namespace bottega::engine
