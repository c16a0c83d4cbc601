// SPDX-License-Identifier: Apache-2.0
#include "app/cli/runmetrics.h"

#include "app/cli/lookup.h"
#include "app/cli/output.h"
#include "core/base/safename.h"
#include "core/workspace/runmetrics.h"

namespace bottega::cli {

namespace {

using Metrics = std::map<std::string, std::vector<MetricPoint>>;

Result<Metrics> only(Metrics metrics, const std::string &name)
{
    if (auto found = metrics.extract(name)) {
        Metrics one;
        one.insert(std::move(found));
        return one;
    }
    std::string known;
    for (const auto &[other, points] : metrics)
        known += (known.empty() ? "" : ", ") + other;
    return fail(ErrorCode::NotFound, "The run has no metric “" + printable(name, 80) + "”", {}, {},
                known.empty() ? "It has no metrics yet" : "It has " + known);
}

Json metricsJson(const Metrics &metrics)
{
    Json document = Json::object();
    for (const auto &[name, points] : metrics) {
        Json list = Json::array();
        for (const MetricPoint &point : points)
            list.push_back({{"step", point.step}, {"wallTime", point.wallTime}, {"value", jsonNumber(point.value)}});
        document[name] = std::move(list);
    }
    return document;
}

void printPoints(const Metrics &metrics, std::ostream &out)
{
    Table table({{"METRIC"}, {"STEP", Align::Right}, {"TIME"}, {"VALUE", Align::Right}});
    for (const auto &[name, points] : metrics) {
        for (const MetricPoint &point : points)
            table.add({name, std::to_string(point.step), timeText(point.wallTime), numberText(point.value, 8)});
    }
    table.print(out);
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
    auto metrics = readRunMetrics(*folder);
    if (metrics && invocation.has("--name"))
        metrics = only(std::move(*metrics), invocation.value("--name"));
    if (!metrics)
        return fail(metrics.error());
    if (invocation.wantsJson())
        printJson(console.out, metricsJson(*metrics));
    else if (metrics->empty())
        console.err << "The run has no metrics yet.\n";
    else
        printPoints(*metrics, console.out);
    return Done;
}

} // namespace bottega::cli
