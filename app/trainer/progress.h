// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/train.h"

#include <string>
#include <vector>

namespace bottega::trainer {

/// Shows a training on standard output: one line per epoch, and on a terminal a bar that is drawn anew ten times a second.
/// With --json standard output is kept for the document, and the lines go to standard error. Output that a full disk refuses
/// is counted, and the count is shown when there is room again.
class Progress final : public engine::TrainObserver
{
public:
    explicit Progress(bool isJson);

    void started(std::int64_t firstStep, const engine::StepReport &plan) override;
    void stepFinished(const engine::StepReport &report) override;
    void epochFinished(const engine::EpochReport &report) override;
    void warned(const std::string &text) override;
    [[nodiscard]] bool isCanceled() override;

    [[nodiscard]] const std::vector<std::string> &warnings() const { return m_warnings; }

private:
    void draw(const engine::StepReport &report, double now);
    void clearBar();

    int m_fd;
    bool m_isTerminal;
    bool m_isBarShown = false;
    double m_started = 0;
    double m_lastDrawn = 0;
    std::int64_t m_firstStep = 0;
    double m_accuracy = -1;
    double m_imagesPerSecond = 0;
    std::vector<std::string> m_warnings;
};

/// Says nothing: the other ranks'.
class Quiet final : public engine::TrainObserver
{
public:
    [[nodiscard]] bool isCanceled() override;
};

} // namespace bottega::trainer
