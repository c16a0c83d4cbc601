// SPDX-License-Identifier: Apache-2.0
#include "app/cli/runmetrics.h"

#include "app/cli/lookup.h"
#include "app/cli/output.h"
#include "core/base/safename.h"
#include "core/workspace/runmetrics.h"

#include <algorithm>
#include <iomanip>
#include <utility>

namespace bottega::cli {

namespace {

Result<void> require(const PagedMetrics &metrics, const std::string &name)
{
    if (metrics.contains(name))
        return {};
    std::string known;
    for (const auto &[other, points] : metrics)
        known += (known.empty() ? "" : ", ") + other;
    return fail(ErrorCode::NotFound, "The run has no metric “" + printable(name, 80) + "”", {}, {},
                known.empty() ? "It has no metrics yet" : "It has " + known);
}

std::string jsonLine(const MetricPoint &point)
{
    return R"(    {"step": )" + std::to_string(point.step) + R"(, "wallTime": )" + dumpJson(jsonNumber(point.wallTime)) +
           R"(, "value": )" + dumpJson(jsonNumber(point.value)) + "}";
}

/// Calls print(point, isFirst) for each point of a metric, while there is somebody who reads what is printed.
template <class Print>
Result<void> forEachPoint(const PagedArray<MetricPoint> &points, std::ostream &out, Print print)
{
    bool isFirst = true;
    points.forEachSpan([&](std::span<const MetricPoint> span) {
        for (const MetricPoint &point : span)
            print(point, std::exchange(isFirst, false));
        return out.good();
    });
    const auto error = points.error();
    return error ? Result<void>(fail(*error)) : Result<void>();
}

/// One document, point by point: a hundred million would not fit into memory.
Result<void> printAsJson(const PagedMetrics &metrics, std::ostream &out)
{
    out << '{';
    const char *separator = "\n";
    for (const auto &[name, points] : metrics) {
        out << std::exchange(separator, ",\n") << "  " << dumpJson(name) << ": [";
        const auto print = [&](const MetricPoint &point, bool isFirst) { out << (isFirst ? "\n" : ",\n") << jsonLine(point); };
        if (auto printed = forEachPoint(points, out, print); !printed)
            return printed;
        out << "\n  ]";
    }
    out << (metrics.empty() ? "}\n" : "\n}\n");
    return {};
}

/// Its columns have their width before the points are known: a Table would hold all of them.
Result<void> printAsTable(const PagedMetrics &metrics, std::ostream &out)
{
    constexpr int stepWidth = 10, timeWidth = 19, valueWidth = 14;
    std::size_t nameWidth = 6;
    for (const auto &[name, points] : metrics)
        nameWidth = std::max(nameWidth, displayWidth(printable(name, 80)));
    const auto line = [&](const std::string &name, const std::string &step, const std::string &time, const std::string &value) {
        out << name << std::string(nameWidth - displayWidth(name), ' ') << "  " << std::setw(stepWidth) << step << "  "
            << std::left << std::setw(timeWidth) << time << std::right << "  " << std::setw(valueWidth) << value << '\n';
    };
    line("METRIC", "STEP", "TIME", "VALUE");
    for (const auto &[name, points] : metrics) {
        const auto print = [&, shown = printable(name, 80)](const MetricPoint &point, bool) {
            line(shown, std::to_string(point.step), timeText(point.wallTime), numberText(point.value, 8));
        };
        if (auto printed = forEachPoint(points, out, print); !printed)
            return printed;
    }
    return {};
}

} // namespace

RunMetrics::RunMetrics()
    : Command({"run", "metrics", "Show every point of a run's metrics.", {{"RUN", runHelp}},
               {{"--name", "N", "only this metric, such as train/loss"}}})
{}

Result<int> RunMetrics::execute(const Invocation &invocation, Console &console) const
{
    const auto folder = findRun(invocation);
    if (!folder)
        return fail(folder.error());
    const auto only = invocation.has("--name") ? std::optional(invocation.value("--name")) : std::nullopt;
    auto metrics = readRunMetrics(*folder, only);
    if (!metrics)
        return fail(metrics.error());
    if (only) {
        if (auto there = require(*metrics, *only); !there)
            return fail(there.error());
        std::erase_if(*metrics, [&](const auto &metric) { return metric.first != *only; });
    }
    if (metrics->empty() && !invocation.wantsJson()) {
        console.err << "The run has no metrics yet.\n";
        return Done;
    }
    if (auto printed = invocation.wantsJson() ? printAsJson(*metrics, console.out) : printAsTable(*metrics, console.out); !printed)
        return fail(printed.error());
    return Done;
}

} // namespace bottega::cli
