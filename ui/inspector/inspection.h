// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/engine/evaluate.h"
#include "core/formats/idx/idx.h"
#include "core/run/runfolder.h"

#include <QImage>
#include <QStringList>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace bottega {

/// Which weights of a run: its final model, or a checkpoint.
struct WeightsSource
{
    std::filesystem::path path;
    std::string key;        // changes whenever other weights lie there
    bool isFinal = false;   // the model that the run left, not a checkpoint
    std::int64_t epoch = 0; // finished epochs, of a checkpoint; 0: stopped before the first one ended
    std::int64_t step = 0;  // of a checkpoint in the middle of an epoch, else 0
};

/// The newest weights of a run: the final model where `completed` and there, else the last checkpoint; an empty path
/// where there is neither. Reads the folder only.
[[nodiscard]] WeightsSource newestWeights(const RunFolder &folder, const std::filesystem::path &outputDir,
                                          bool completed);

/// What one model says of the test images, with the images themselves. Immutable once made; shared by all views of it.
struct Inspection
{
    WeightsSource source;
    engine::Evaluation evaluation;
    std::shared_ptr<const IdxArray> images; // [N, rows, columns] or [N, rows, columns, channels]
    std::filesystem::path dataFolder;
    QStringList classNames;                 // one for each class

    [[nodiscard]] std::size_t count() const { return evaluation.labels.size(); }
    [[nodiscard]] bool isRight(std::size_t sample) const;
    [[nodiscard]] std::int64_t rightCount() const;
    [[nodiscard]] std::int64_t confusion(int label, int prediction) const;
    [[nodiscard]] std::int64_t support(int label) const;     // images of that true class
    [[nodiscard]] double trueProbability(std::size_t sample) const;
    /// The image as the network sees it, at its own size.
    [[nodiscard]] QImage image(std::size_t sample) const;
};

using InspectionPtr = std::shared_ptr<const Inspection>;

struct Cancellation
{
    std::atomic<bool> requested = false;
};

/// Everything the work in the background needs; no part of it is shared with the window but the flag.
struct InspectionRequest
{
    std::filesystem::path runFolder;
    std::filesystem::path outputDir;  // of the recipe, relative to the run's working folder
    std::filesystem::path dataFolder;
    bool completed = false;
    std::string knownKey;             // weights that need no second look
    InspectionPtr previous;           // its images are used again where the data is the same
    std::shared_ptr<Cancellation> cancellation;
};

struct InspectionOutcome
{
    std::string key;                        // of the weights looked at; empty: nothing newer was there
    Result<InspectionPtr> inspection = nullptr; // nullptr: nothing newer was there
};

/// Finds the newest weights and evaluates them on the test images. Takes seconds: not for the window's thread.
[[nodiscard]] InspectionOutcome inspect(const InspectionRequest &request);

} // namespace bottega
