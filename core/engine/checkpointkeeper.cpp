// SPDX-License-Identifier: Apache-2.0
#include "core/engine/checkpointkeeper.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <string_view>
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

/// Files named "<prefix><number>.npz", the highest number first.
std::vector<fs::path> numberedFiles(const fs::path &folder, std::string_view prefix)
{
    std::vector<std::pair<std::int64_t, fs::path>> found;
    std::error_code failure;
    for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end; entry.increment(failure)) {
        const std::string name = entry->path().filename().string();
        std::error_code ignored;
        std::int64_t number = 0;
        if (!name.starts_with(prefix) || !fs::is_regular_file(entry->symlink_status(ignored)))
            continue;
        const char *last = name.data() + name.size();
        const auto parsed = std::from_chars(name.data() + prefix.size(), last, number);
        if (parsed.ec == std::errc() && std::string_view(parsed.ptr, last) == ".npz")
            found.emplace_back(number, entry->path());
    }
    std::sort(found.rbegin(), found.rend());
    std::vector<fs::path> paths;
    for (auto &[number, path] : found)
        paths.push_back(std::move(path));
    return paths;
}

struct Standing
{
    std::int64_t step = -1;
    fs::path path;
};

Standing firstThatLoads(const std::vector<fs::path> &paths, std::vector<Error> &damaged)
{
    for (const fs::path &path : paths) {
        const auto checkpoint = readCheckpoint(path);
        if (checkpoint)
            return {checkpoint->step, path};
        damaged.push_back(checkpoint.error());
    }
    return {};
}

} // namespace

Result<fs::path> newestCheckpoint(const fs::path &folder, std::vector<Error> &damaged)
{
    const Standing epoch = firstThatLoads(numberedFiles(folder, "epoch-"), damaged);
    const Standing step = firstThatLoads(numberedFiles(folder, "step-"), damaged);
    const Standing &newest = step.step > epoch.step ? step : epoch;
    if (!newest.path.empty())
        return newest.path;
    if (damaged.empty())
        return fail(ErrorCode::NotFound, "There is no checkpoint to go on from", folder.string(), "nothing was trained",
                    "It ended before its first epoch was done: start anew");
    return fail(ErrorCode::Corrupt, "None of the " + std::to_string(damaged.size()) + " checkpoints loads; the newest: " +
                describe(damaged.front()), folder.string(), "nothing was trained", "Start anew");
}

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
