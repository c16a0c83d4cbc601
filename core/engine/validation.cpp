// SPDX-License-Identifier: Apache-2.0
#include "core/engine/validation.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace bottega::engine {

namespace {

constexpr std::int64_t batchSize = 256;

class Collector
{
public:
    Collector(const Network &network, const Samples &samples)
        : m_backend(network.backend())
        , m_losses(batchSize)
        , m_probabilities(static_cast<std::size_t>(network.plan().classes * batchSize))
    {
        const auto count = static_cast<std::size_t>(samples.count);
        const auto classes = static_cast<std::size_t>(network.plan().classes);
        m_evaluation.count = samples.count;
        m_evaluation.classes = static_cast<int>(classes);
        m_evaluation.labels = m_backend.downloadLabels(samples);
        m_evaluation.predictions.reserve(count);
        m_evaluation.confidences.reserve(count);
        m_evaluation.losses.reserve(count);
        m_evaluation.confusion.resize(classes * classes);
    }

    /// The first `count` columns of the pass: the rest repeats the last sample to fill the batch.
    void add(const Pass &pass, std::int64_t count)
    {
        m_backend.download(*pass.losses, m_losses);
        m_backend.download(*pass.probabilities, m_probabilities);
        for (std::size_t n = 0; n < static_cast<std::size_t>(count); ++n)
            addSample(n);
    }

    [[nodiscard]] Evaluation finished()
    {
        m_evaluation.loss = m_lossSum / static_cast<double>(m_evaluation.count);
        m_evaluation.accuracy = static_cast<double>(m_correct) / static_cast<double>(m_evaluation.count);
        return std::move(m_evaluation);
    }

private:
    [[nodiscard]] float probability(int label, std::size_t n) const
    {
        return m_probabilities[static_cast<std::size_t>(label) * batchSize + n];
    }

    void addSample(std::size_t n)
    {
        int prediction = 0;
        for (int c = 1; c < m_evaluation.classes; ++c) {
            if (probability(c, n) > probability(prediction, n))
                prediction = c;
        }
        const int label = m_evaluation.labels[m_evaluation.predictions.size()];
        m_evaluation.predictions.push_back(static_cast<std::uint8_t>(prediction));
        m_evaluation.confidences.push_back(probability(prediction, n));
        m_evaluation.losses.push_back(m_losses[n]);
        ++m_evaluation.confusion[static_cast<std::size_t>(label * m_evaluation.classes + prediction)];
        m_lossSum += m_losses[n];
        m_correct += prediction == label;
    }

    Backend &m_backend;
    std::vector<float> m_losses;        // [N]
    std::vector<float> m_probabilities; // [classes, N]
    Evaluation m_evaluation;
    double m_lossSum = 0;
    std::int64_t m_correct = 0;
};

} // namespace

Result<Evaluation> evaluateSamples(const Network &network, const Samples &samples,
                                   const std::function<bool()> &canceled, bool usesAverages)
{
    const Pass pass = network.makePrediction(samples, batchSize, usesAverages);
    Collector collector(network, samples);
    std::array<std::int32_t, batchSize> indices{};
    for (std::int64_t first = 0; first < samples.count; first += batchSize) {
        if (canceled && canceled())
            return fail(ErrorCode::Canceled, "The evaluation was canceled");
        const auto last = static_cast<std::int32_t>(samples.count - 1);
        std::iota(indices.begin(), indices.end(), static_cast<std::int32_t>(first));
        for (std::int32_t &index : indices)
            index = std::min(index, last);
        pass.plan->run({indices});
        collector.add(pass, std::min(batchSize, samples.count - first));
    }
    return collector.finished();
}

} // namespace bottega::engine
