// SPDX-License-Identifier: Apache-2.0
#include "core/compute/adoption.h"

#include "core/base/clock.h"
#include "core/compute/target.h"
#include "core/workspace/trust.h"

#include <map>
#include <mutex>

namespace bottega {

namespace {

constexpr double interval = 2;      // seconds between tries: the true state has to be back within five
constexpr std::size_t atOnce = 100; // after a restart of the machine there may be thousands

/// Those that have not been tried lately, and are now.
std::vector<RunFolder> due(const std::vector<RunFolder> &runs)
{
    static std::mutex mutex;
    static std::map<std::string, double> tried;
    const std::lock_guard lock(mutex);
    const double now = steadyTime();
    std::erase_if(tried, [now](const auto &one) { return now - one.second >= interval; });
    std::vector<RunFolder> result;
    for (const RunFolder &run : runs) {
        if (result.size() < atOnce && tried.emplace(run.root().string(), now).second)
            result.push_back(run);
    }
    return result;
}

} // namespace

Result<void> adoptOrphans(const std::vector<RunFolder> &runs)
{
    std::vector<RunFolder> now = due(runs);
    std::erase_if(now, [](const RunFolder &run) { return !requireTrust(run, "Adopting a run"); });
    if (now.empty())
        return {};
    const auto target = findTarget("local");
    if (!target)
        return fail(target.error());
    return (*target)->adopt(now);
}

} // namespace bottega
