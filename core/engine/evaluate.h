// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/formats/npz/npz.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

namespace bottega::engine {

/// What a model says of every sample of a data set, in the data's order.
struct Evaluation
{
    std::int64_t count = 0;
    int classes = 0;
    double accuracy = 0;                      // mean over samples
    double loss = 0;                          // softmax cross entropy, mean over samples
    std::vector<std::uint8_t> labels;         // [N] true
    std::vector<std::uint8_t> predictions;    // [N]
    std::vector<float> confidences;           // [N] probability of the prediction
    std::vector<float> losses;                // [N]
    std::vector<std::int64_t> confusion;      // [classes, classes]: row true, column predicted
};

struct ClassReport
{
    double precision = 0; // 0 where nothing was predicted so, as scikit-learn's zero_division=0
    double recall = 0;
    double f1 = 0;
    std::int64_t support = 0;
};

[[nodiscard]] std::vector<ClassReport> classReports(const Evaluation &evaluation);

/// Evaluates weights of a network (described inside, or linear layers l1/W [out, in], l1/b, …) on a folder with
/// the test files t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte. Shapes and values are checked first: layers that do
/// not chain, NaN weights, labels outside the classes, images of another size are Corrupt and named. The same arithmetic
/// as the trainer's own validation, so the accuracy is equal to the run's. `canceled` is asked between batches.
[[nodiscard]] Result<Evaluation> evaluate(const NpzArrays &weights, const std::filesystem::path &dataFolder,
                                          const std::function<bool()> &canceled = {});

} // namespace bottega::engine
