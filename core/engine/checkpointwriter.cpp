// SPDX-License-Identifier: Apache-2.0
#include "core/engine/checkpointwriter.h"

#include "core/engine/guard.h"

#include <utility>

namespace bottega::engine {

Result<void> CheckpointWriter::saveEpoch(Checkpoint checkpoint)
{
    if (auto finished = finish(); !finished)
        return finished;
    m_pending = std::async(std::launch::async, [this, checkpoint = std::move(checkpoint)] {
        return guarded([&] { return m_keeper.saveEpoch(checkpoint); });
    });
    return {};
}

Result<void> CheckpointWriter::saveStep(const Checkpoint &checkpoint)
{
    if (auto finished = finish(); !finished)
        return finished;
    return m_keeper.saveStep(checkpoint);
}

Result<void> CheckpointWriter::finish()
{
    return m_pending.valid() ? m_pending.get() : Result<void>();
}

} // namespace bottega::engine
