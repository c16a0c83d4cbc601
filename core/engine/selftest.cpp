// SPDX-License-Identifier: Apache-2.0
#include "core/engine/selftest.h"

#include "core/engine/selftest/checks.h"

#include <algorithm>
#include <cstdio>

namespace bottega::engine {

namespace selftesting {

UpdateRule ruleNumber(std::size_t number)
{
    UpdateRule rule;
    rule.kind = kinds[number % kinds.size()];
    rule.weightDecay = 0.05f;
    rule.averageDecay = number % 2 == 1 ? 0.75f : 0;
    return rule;
}

std::string windowText(const Window &window)
{
    return std::to_string(window.channels) + "x" + std::to_string(window.height) + "x" +
           std::to_string(window.width) + " k" + std::to_string(window.kernel) + " s" +
           std::to_string(window.stride) + " p" + std::to_string(window.padding);
}

} // namespace selftesting

namespace {

/// All checks of one operation.
struct Row
{
    const SelfCheck *worst = nullptr;
    std::size_t count = 0;
};

bool isWorse(const SelfCheck &one, const SelfCheck &other)
{
    return one.isPassed() != other.isPassed() ? !one.isPassed() : one.error > other.error;
}

std::vector<Row> rowsOf(const std::vector<SelfCheck> &checks)
{
    std::vector<Row> rows;
    for (const SelfCheck &check : checks) {
        const auto found = std::find_if(rows.begin(), rows.end(), [&](const Row &row) {
            return row.worst->operation == check.operation && row.worst->against == check.against;
        });
        Row &row = found != rows.end() ? *found : rows.emplace_back(Row{&check, 0});
        ++row.count;
        if (isWorse(check, *row.worst))
            row.worst = &check;
    }
    return rows;
}

std::string line(const SelfCheck &check, std::size_t count)
{
    char text[256];
    std::snprintf(text, sizeof text, "%-6s %-42s %4zu x against %-11s error %.1e of %.1e at %s\n",
                  check.isPassed() ? "ok" : "FAILED", check.operation.c_str(), count, check.against.c_str(),
                  check.error, check.tolerance, check.shape.c_str());
    return text;
}

} // namespace

std::vector<SelfCheck> selftest(Backend &backend)
{
    selftesting::Rig rig(backend);
    selftesting::checkGather(rig);
    selftesting::checkLinear(rig);
    selftesting::checkConvolution(rig);
    selftesting::checkPooling(rig);
    selftesting::checkActivations(rig);
    selftesting::checkDropout(rig);
    selftesting::checkBatchNorm(rig);
    selftesting::checkLosses(rig);
    selftesting::checkUpdates(rig);
    selftesting::checkSlopes(rig);
    selftesting::checkNetworks(rig);
    return rig.takeChecks();
}

std::string selftestTable(const std::vector<SelfCheck> &checks)
{
    std::string table;
    for (const Row &row : rowsOf(checks))
        table += line(*row.worst, row.count);
    const auto isFailed = [](const SelfCheck &check) { return !check.isPassed(); };
    const auto failed = std::count_if(checks.begin(), checks.end(), isFailed);
    for (const SelfCheck &check : checks) {
        if (isFailed(check))
            table += line(check, 1);
    }
    return table + std::to_string(static_cast<std::ptrdiff_t>(checks.size()) - failed) + " passed, " +
           std::to_string(failed) + " failed\n";
}

} // namespace bottega::engine
