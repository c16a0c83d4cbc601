// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/engine/backend/backend.h"
#include "core/engine/recipe.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace bottega::engine {

/// One training as asked for.
struct TrainJob
{
    const Recipe *recipe = nullptr;
    Params params;                     // complete
    std::filesystem::path data;        // folder with the four IDX files
    std::filesystem::path runFolder;   // for metrics/ and checkpoints/; empty: neither is written
    int attempt = 1;
    std::filesystem::path resumeFrom;  // checkpoint to go on from, or empty
};

struct StepReport
{
    std::int64_t step = 0;  // 1 for the first
    std::int64_t steps = 0; // of the whole training
    std::int64_t epoch = 0; // running, 1 for the first
    std::int64_t epochs = 0;
    double loss = 0;        // mean over the batch, from before the step
};

struct EpochReport
{
    std::int64_t epoch = 0;
    std::int64_t step = 0;
    double trainLoss = 0;     // of the epoch's last batch
    double valLoss = 0;       // means over the test samples
    double valAccuracy = 0;
    double imagesPerSecond = 0; // of the training steps alone
};

/// Hears of the training from its own thread, between steps.
class TrainObserver
{
public:
    virtual ~TrainObserver() = default;
    virtual void started(std::int64_t /*firstStep*/, const StepReport & /*plan*/) {}
    virtual void stepFinished(const StepReport &) {}
    virtual void epochFinished(const EpochReport &) {}
    /// Asked after each step. True: the step's state is saved and the training returns.
    [[nodiscard]] virtual bool isCanceled() { return false; }
};

struct TrainSummary
{
    bool isCanceled = false;
    std::int64_t epochs = 0;     // finished, those before a resume included
    std::int64_t steps = 0;
    double accuracy = 0;         // of the last validation
    double loss = 0;
    double seconds = 0;          // from the call to the return
    double imagesPerSecond = 0;  // over all training steps of this call
    std::vector<std::filesystem::path> files; // model, last checkpoint
};

/// Trains: reads the data, steps, validates and checkpoints per epoch, writes <output_dir>/model.npz at the end.
/// Folders are made and tried for writing before anything else. Canceled: a checkpoint of the last step is written (to
/// the output folder where there is no run folder) and no model. A loss that is not finite ends the training as Failed
/// with the step named. Blocks; nothing is thrown.
[[nodiscard]] Result<TrainSummary> train(const TrainJob &job, Backend &backend, TrainObserver &observer);

} // namespace bottega::engine
