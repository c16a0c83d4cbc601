// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/dataset.h"
#include "core/engine/recipe.h"
#include "core/engine/train.h"
#include "core/formats/npz/npz.h"

#include <QByteArray>
#include <QString>

#include <filesystem>
#include <functional>
#include <vector>

namespace bottega::test {

struct SyntheticSize
{
    int train = 300;
    int test = 70;
    int extent = 9; // pictures of extent × extent: no multiple of a vector
};

/// Writes the four IDX files of an easy data set: each class lights its own patch, with noise. The same every time.
void writeSyntheticData(const std::filesystem::path &folder, const SyntheticSize &size = {});

/// Overwrites one of the four files.
void writeIdx(const std::filesystem::path &path, std::vector<std::uint32_t> shape, std::vector<std::uint8_t> values);

/// A small, quick training: 3 epochs, batch 32, hidden 20, with what `changes` says otherwise.
[[nodiscard]] engine::TrainJob quickJob(const std::filesystem::path &data, const std::filesystem::path &runFolder,
                                        const engine::Params &changes = {},
                                        const std::string &recipeName = "mnist-mlp");

/// Observer that stops after a step and keeps what it hears.
class RecordingObserver final : public engine::TrainObserver
{
public:
    explicit RecordingObserver(std::int64_t cancelAfterStep = -1) : m_cancelAfter(cancelAfterStep) {}
    void stepFinished(const engine::StepReport &report) override { steps.push_back(report); }
    void epochFinished(const engine::EpochReport &report) override { epochs.push_back(report); }
    bool isCanceled() override { return !steps.empty() && steps.back().step == m_cancelAfter; }

    std::vector<engine::StepReport> steps;
    std::vector<engine::EpochReport> epochs;

private:
    std::int64_t m_cancelAfter;
};

/// Copies a checkpoint with weights so large that the next step overflows.
[[nodiscard]] Result<void> writeExplodingCheckpoint(const std::filesystem::path &from,
                                                    const std::filesystem::path &to);

/// The whole file; empty where it cannot be read.
[[nodiscard]] QByteArray fileBytes(const std::filesystem::path &path);

[[nodiscard]] inline std::filesystem::path toPath(const QString &text)
{
    return text.toStdString();
}

} // namespace bottega::test
