// SPDX-License-Identifier: Apache-2.0
#include "core/engine/validation.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace bottega::engine {

namespace {

constexpr std::int64_t batchSize = 128;

class Collector
{
public:
    Collector(const Network &network, const Samples &samples)
        : m_backend(network.backend())
        , m_labels(samples.labels.get())
    {
        const auto count = static_cast<std::size_t>(samples.count);
        m_evaluation.count = samples.count;
        m_evaluation.classes = static_cast<int>(network.classes());
        m_evaluation.labels.assign(m_labels, m_labels + count);
        m_evaluation.predictions.reserve(count);
        m_evaluation.confidences.reserve(count);
        m_evaluation.losses.reserve(count);
        m_evaluation.confusion.resize(static_cast<std::size_t>(network.classes() * network.classes()));
    }

    /// The first `count` columns of the workspace: the rest repeats the last sample to fill the batch.
    void add(const Workspace &workspace, std::int64_t count)
    {
        std::array<float, batchSize> losses{}, classes{}, confidences{};
        m_backend.download(workspace.losses, losses);
        m_backend.download(workspace.classes, classes);
        m_backend.download(workspace.confidences, confidences);
        for (std::size_t n = 0; n < static_cast<std::size_t>(count); ++n)
            addSample(losses[n], static_cast<int>(classes[n]), confidences[n]);
    }

    [[nodiscard]] Evaluation finished()
    {
        m_evaluation.loss = m_lossSum / static_cast<double>(m_evaluation.count);
        m_evaluation.accuracy = static_cast<double>(m_correct) / static_cast<double>(m_evaluation.count);
        return std::move(m_evaluation);
    }

private:
    void addSample(float loss, int prediction, float confidence)
    {
        const int label = m_labels[m_evaluation.predictions.size()];
        m_evaluation.predictions.push_back(static_cast<std::uint8_t>(prediction));
        m_evaluation.confidences.push_back(confidence);
        m_evaluation.losses.push_back(loss);
        ++m_evaluation.confusion[static_cast<std::size_t>(label * m_evaluation.classes + prediction)];
        m_lossSum += loss;
        m_correct += prediction == label;
    }

    Backend &m_backend;
    const std::uint8_t *m_labels;
    Evaluation m_evaluation;
    double m_lossSum = 0;
    std::int64_t m_correct = 0;
};

} // namespace

Result<Evaluation> evaluateSamples(const Network &network, const Samples &samples,
                                   const std::function<bool()> &canceled)
{
    Workspace workspace = network.makeWorkspace(batchSize, false);
    Collector collector(network, samples);
    std::array<std::int32_t, batchSize> indices{};
    for (std::int64_t first = 0; first < samples.count; first += batchSize) {
        if (canceled && canceled())
            return fail(ErrorCode::Canceled, "The evaluation was canceled");
        const auto last = static_cast<std::int32_t>(samples.count - 1);
        std::iota(indices.begin(), indices.end(), static_cast<std::int32_t>(first));
        for (std::int32_t &index : indices)
            index = std::min(index, last);
        network.predict({samples, indices}, workspace);
        collector.add(workspace, std::min(batchSize, samples.count - first));
    }
    return collector.finished();
}

} // namespace bottega::engine
