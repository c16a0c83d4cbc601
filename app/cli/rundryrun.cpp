// SPDX-License-Identifier: Apache-2.0
#include "app/cli/rundryrun.h"

#include "app/cli/output.h"
#include "core/base/clock.h"
#include "core/compute/estimate.h"
#include "core/workspace/datasets.h"
#include "core/workspace/index.h"

namespace bottega::cli {

namespace {

/// Without past runs there is still a cautious figure.
std::vector<PastSpeed> speedsOf(const Workspace &workspace, const DeviceList &devices)
{
    auto index = Index::open(workspace);
    if (!index || !index->refresh())
        return {};
    const auto runs = index->runs();
    const auto datasets = Datasets(workspace).list();
    return runs && datasets ? pastSpeeds(workspace, *runs, *datasets, devices) : std::vector<PastSpeed>();
}

std::string basisText(const Estimate &estimate)
{
    switch (estimate.basis) {
    case Estimate::Basis::SameRecipe: return "as run " + estimate.run + " of the same recipe went";
    case Estimate::Basis::SameDevice: return "judging by run " + estimate.run + " of another network";
    case Estimate::Basis::Processor: return "a cautious guess before the first run here";
    case Estimate::Basis::None: break;
    }
    return "known after the first run on this GPU";
}

Json layersJson(const engine::NetworkPlan &network)
{
    Json layers = Json::array();
    for (const engine::LayerPlan &layer : network.layers)
        layers.push_back({{"name", layer.spec.name}, {"output", layer.output}, {"parameters", layer.parameterCount}});
    return layers;
}

Json document(const Job &job, const Workload &work, const Estimate &estimate)
{
    return {{"job", jobToJson(job)},
            {"network", {{"layers", layersJson(work.network)}, {"parameters", work.network.parameterCount}}},
            {"estimate", estimateToJson(estimate)}};
}

void print(const Job &job, const Workload &work, const Estimate &estimate, std::ostream &out)
{
    const bool isKnown = estimate.basis != Estimate::Basis::None;
    printFacts(out, {{"Experiment", job.experiment},
                     {"Recipe", job.recipe},
                     {"Data", job.data.name + ", " + countText(job.data.trainCount) + " training and " +
                                  countText(job.data.testCount) + " test images"},
                     {"Target", job.target},
                     {"Device", work.device},
                     {"Time", isKnown ? "about " + durationText(estimate.seconds) + ", " + basisText(estimate) : basisText(estimate)},
                     {"Memory", "about " + bytesText(static_cast<std::uint64_t>(estimate.bytes))}});
    out << '\n';
    Table layers({{"LAYER"}, {"OUTPUT"}, {"PARAMETERS", Align::Right}});
    for (const engine::LayerPlan &layer : work.network.layers)
        layers.add({layer.spec.name, engine::shapeText(layer.output), countText(layer.parameterCount)});
    layers.add({"in all", "", countText(work.network.parameterCount)});
    layers.print(out);
    out << '\n';
    Table params({{"PARAMETER"}, {"VALUE"}});
    for (const auto &[name, value] : job.params)
        params.add({name, value});
    params.print(out);
    out << "\nNothing was started. Without --dry-run it is.\n";
}

} // namespace

Result<int> reportDryRun(const Workspace &workspace, const JobRequest &request, const Invocation &invocation, Console &console)
{
    const auto job = prepareJob(workspace, request);
    if (!job)
        return fail(job.error());
    const auto dataset = Datasets(workspace).find(job->data.name);
    if (!dataset)
        return fail(dataset.error());
    const DeviceList devices = readDevices();
    const auto work = workloadOf(*job, *dataset, devices);
    if (!work)
        return fail(work.error());
    const Estimate estimate = estimateRun(*work, speedsOf(workspace, devices), devices.cpu);
    if (invocation.wantsJson())
        printJson(console.out, document(*job, *work, estimate));
    else
        print(*job, *work, estimate, console.out);
    return Done;
}

} // namespace bottega::cli
