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
    std::filesystem::path data;        // folder with the four IDX files, or of pictures
    std::filesystem::path runFolder;   // for metrics/ and checkpoints/; empty: neither is written
    int attempt = 1;
    std::filesystem::path resumeFrom;  // checkpoint to go on from, or empty
    Communicator *communicator = nullptr; // of the processes that share each batch; null: this one trains alone
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
    double valLoss = 0;       // means over the validation samples
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
    /// Something that is no reason to stop: metrics or a checkpoint that the disk refuses, and that it takes them again.
    virtual void warned(const std::string & /*text*/) {}
    /// Asked after each step. True: the step's state is saved and the training returns.
    [[nodiscard]] virtual bool isCanceled() { return false; }
};

struct TrainSummary
{
    bool isCanceled = false;
    bool isStoppedEarly = false; // by its patience
    std::int64_t epochs = 0;     // finished, those before a resume included
    std::int64_t steps = 0;
    double accuracy = 0;         // of the saved model, else of the last validation
    double loss = 0;
    std::int64_t bestEpoch = 0;  // the first with the best validation accuracy; 0: none was validated
    double bestAccuracy = 0;
    double testAccuracy = -1;    // where a validation share was held out: of the saved model on the test set
    double testLoss = 0;
    double seconds = 0;          // from the call to the return
    double imagesPerSecond = 0;  // over all training steps of this call
    std::vector<std::filesystem::path> files; // model, last checkpoint
};

/// Trains: reads the data, steps, validates and checkpoints per epoch, writes <output_dir>/model.npz at the end: the last
/// weights, or those of the best epoch where there is patience; moving averages where they are kept. Folders are made and
/// tried for writing before anything else. Canceled: a checkpoint of the last step is written (to the output folder where
/// there is no run folder) and no model. A loss that is not finite ends the training as Failed with the step and the layer
/// named. With several ranks, rank 0 writes the files and tells the observer; all end at the same step. A disk that refuses metrics or an epoch's checkpoint is told to the observer and does not end the
/// training. Blocks; nothing is
/// thrown.
[[nodiscard]] Result<TrainSummary> train(const TrainJob &job, Backend &backend, TrainObserver &observer);

} // namespace bottega::engine
