// SPDX-License-Identifier: Apache-2.0
#include "core/engine/trainlog.h"

namespace bottega::engine {

namespace {

std::string lostText(const WriterStatus &status)
{
    const std::uint64_t lost = status.lost + status.held;
    return lost == 0 ? "none were lost" : std::to_string(lost) + " of " + std::to_string(status.appended) + " values were lost";
}

} // namespace

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

void TrainLog::addStart(std::int64_t step, std::int64_t batchSize, std::int64_t epochs)
{
    write(step, {{"Batch size", static_cast<double>(batchSize)}, {"Epochs", static_cast<double>(epochs)}});
}

void TrainLog::addStep(std::int64_t step, double loss, float learningRate)
{
    if (learningRate == m_learningRate)
        return write(step, {{"train/loss", loss}});
    m_learningRate = learningRate;
    write(step, {{"train/loss", loss}, {"lr", static_cast<double>(learningRate)}});
}

void TrainLog::addEpoch(const EpochReport &report)
{
    write(report.step, {{"epoch", static_cast<double>(report.epoch)},
                        {"val/loss", report.valLoss},
                        {"val/accuracy", report.valAccuracy},
                        {"Accuracy", report.valAccuracy},
                        {"images/s", report.imagesPerSecond}});
}

void TrainLog::addTest(std::int64_t step, const Evaluation &evaluation)
{
    write(step, {{"test/loss", evaluation.loss}, {"test/accuracy", evaluation.accuracy}});
}

void TrainLog::write(std::int64_t step, const std::vector<ScalarValue> &values)
{
    if (!m_writer)
        return;
    const auto written = m_writer->append(step, values);
    if (written.has_value() == !m_isRefused)
        return;
    m_isRefused = !written;
    m_news = written ? "Metrics are written again; " + lostText(m_writer->status())
                     : "The training goes on without them: " + describe(written.error());
}

void TrainLog::finish()
{
    if (!m_writer)
        return;
    const auto synced = m_writer->sync();
    const WriterStatus status = m_writer->status();
    if (!synced)
        m_news = "Metrics are incomplete, " + lostText(status) + ": " + describe(synced.error());
    else if (status.lost > 0)
        m_news = "Metrics are incomplete: " + lostText(status);
}

} // namespace bottega::engine
