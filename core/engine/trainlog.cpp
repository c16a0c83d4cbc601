// SPDX-License-Identifier: Apache-2.0
#include "core/engine/trainlog.h"

namespace bottega::engine {

Result<void> TrainLog::open(const TrainJob &job)
{
    if (job.runFolder.empty())
        return {};
    auto writer = EventWriter::create(job.runFolder / "metrics", job.attempt, "trainer");
    if (!writer)
        return fail(writer.error());
    m_writer.emplace(std::move(*writer));
    return {};
}

Result<void> TrainLog::addStart(std::int64_t step, std::int64_t batchSize, std::int64_t epochs)
{
    if (!m_writer)
        return {};
    return m_writer->append(
        step, {{"Batch size", static_cast<double>(batchSize)}, {"Epochs", static_cast<double>(epochs)}});
}

Result<void> TrainLog::addStep(std::int64_t step, double loss, float learningRate)
{
    if (!m_writer)
        return {};
    if (learningRate == m_learningRate)
        return m_writer->append(step, {{"train/loss", loss}});
    m_learningRate = learningRate;
    return m_writer->append(step, {{"train/loss", loss}, {"lr", static_cast<double>(learningRate)}});
}

Result<void> TrainLog::addEpoch(const EpochReport &report)
{
    if (!m_writer)
        return {};
    return m_writer->append(report.step, {{"epoch", static_cast<double>(report.epoch)},
                                          {"val/loss", report.valLoss},
                                          {"val/accuracy", report.valAccuracy},
                                          {"Accuracy", report.valAccuracy},
                                          {"images/s", report.imagesPerSecond}});
}

Result<void> TrainLog::addTest(std::int64_t step, const Evaluation &evaluation)
{
    if (!m_writer)
        return {};
    return m_writer->append(step, {{"test/loss", evaluation.loss}, {"test/accuracy", evaluation.accuracy}});
}

Result<void> TrainLog::sync()
{
    return m_writer ? m_writer->sync() : Result<void>();
}

} // namespace bottega::engine
