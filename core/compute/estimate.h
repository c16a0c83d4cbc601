// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/compute/devices.h"
#include "core/engine/networkspec.h"
#include "core/workspace/datasets.h"
#include "core/workspace/runrecord.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace bottega {

/// The work that a job is, as far as it can be counted.
struct Workload
{
    std::string recipe;
    std::string device;             // "cpu", "cuda:GPU-…"; "auto" where a GPU might be taken
    int threads = 1;                // of the CPU
    engine::NetworkPlan network;
    std::int64_t epochs = 0;        // still to do
    std::int64_t batchSize = 1;
    std::int64_t trainImages = 0;   // an epoch
    std::int64_t validationImages = 0;
    double bytes = 0;               // of the training: data set, parameters, optimizer's state, activations
    double stateBytes = 0;          // of that: what a checkpoint holds
};

/// How fast an ended run on this machine was.
struct PastSpeed
{
    std::string run;
    std::string recipe;
    std::string device;
    int threads = 1;
    double imagesPerSecond = 0;     // in training alone
    double flopsPerImage = 0;
    double secondsBesides = 0;      // an epoch: validation, checkpoint
};

struct Estimate
{
    enum class Basis {
        SameRecipe, // a run of the same recipe on the same device
        SameDevice, // a run of another network on the same device
        Processor,  // a cautious figure for the processor's kind
        None,       // nothing is known of this GPU's speed: no time
    };
    double seconds = 0;
    double bytes = 0;     // of the trainer; of the GPU, beside what CUDA itself takes, on a GPU
    Basis basis = Basis::None;
    std::string run;      // that it rests on
};

/// Pictures of a data set, [C, H, W], and the classes that a network for it has at least.
[[nodiscard]] engine::Shape pictureOf(const Dataset &dataset);
[[nodiscard]] std::int64_t classesOf(const Dataset &dataset);

/// The network that a job trains, for pictures of that data set. Errors name the layer that does not fit.
[[nodiscard]] Result<engine::NetworkPlan> networkOf(const Job &job, const Dataset &dataset);
[[nodiscard]] Result<Workload> workloadOf(const Job &job, const Dataset &dataset, const DeviceList &devices);

/// Of the newest 50 Completed runs that ran on this host and on one of the data sets. `runs` newest first. Reads journals.
[[nodiscard]] std::vector<PastSpeed> pastSpeeds(const Workspace &workspace, std::span<const RunRecord> runs,
                                                const std::vector<Dataset> &datasets, const DeviceList &devices);

/// The nearest past run decides: the same recipe before others, then the most similar network, then the newest.
[[nodiscard]] Estimate estimateRun(const Workload &work, std::span<const PastSpeed> past, const CpuDevice &cpu);

[[nodiscard]] Json estimateToJson(const Estimate &estimate);
[[nodiscard]] const char *basisName(Estimate::Basis basis); // "same-recipe", …

} // namespace bottega
