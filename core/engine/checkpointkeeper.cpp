// SPDX-License-Identifier: Apache-2.0
#include "core/engine/checkpointkeeper.h"

#include <cstdio>
#include <system_error>

namespace bottega::engine {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t mostKept = 200;

std::string numbered(const char *format, std::int64_t number)
{
    char name[48];
    std::snprintf(name, sizeof name, format, static_cast<long long>(number));
    return name;
}

void removeUnlessKept(const fs::path &path, const fs::path &last, const fs::path &best)
{
    std::error_code ignored; // one file too many is no reason to stop a training
    if (!path.empty() && path != last && path != best)
        fs::remove(path, ignored);
}

} // namespace

CheckpointKeeper::CheckpointKeeper(fs::path folder, std::int64_t epochs)
    : m_folder(std::move(folder))
    , m_keepsAll(epochs <= mostKept)
{
}

Result<void> CheckpointKeeper::saveEpoch(const Checkpoint &checkpoint)
{
    const bool isBest = checkpoint.bestEpoch == checkpoint.epoch;
    const fs::path path = m_folder / numbered("epoch-%04lld.npz", checkpoint.epoch);
    if (auto saved = saveCheckpoint(path, checkpoint); !saved)
        return saved;
    const fs::path formerLast = std::exchange(m_last, path);
    const fs::path formerBest = isBest ? std::exchange(m_best, path) : m_best;
    if (!m_keepsAll) {
        removeUnlessKept(formerLast, m_last, m_best);
        removeUnlessKept(formerBest, m_last, m_best);
    }
    return {};
}

Result<void> CheckpointKeeper::saveStep(const Checkpoint &checkpoint)
{
    const fs::path path = m_folder / numbered("step-%08lld.npz", checkpoint.step);
    if (auto saved = saveCheckpoint(path, checkpoint); !saved)
        return saved;
    m_last = path;
    return {};
}

} // namespace bottega::engine
