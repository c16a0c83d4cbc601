// SPDX-License-Identifier: Apache-2.0
#include "core/engine/sampler.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace bottega::engine {

namespace {

void expectSizes(std::size_t count, std::int64_t batchSize)
{
    if (batchSize < 1 || static_cast<std::size_t>(batchSize) > count)
        throw std::invalid_argument("batches of " + std::to_string(batchSize) + " from " + std::to_string(count) +
                                    " samples");
}

} // namespace

Sampler::Sampler(std::int64_t count, std::int64_t batchSize, const Random &random)
    : m_order(static_cast<std::size_t>(count))
    , m_batch(static_cast<std::size_t>(batchSize))
    , m_random(random.state())
{
    expectSizes(m_order.size(), batchSize);
    std::iota(m_order.begin(), m_order.end(), 0);
    m_random.shuffle(m_order);
}

Sampler::Sampler(std::int64_t batchSize, State state)
    : m_order(std::move(state.order))
    , m_batch(static_cast<std::size_t>(batchSize))
    , m_random(state.random)
    , m_position(state.position)
{
    expectSizes(m_order.size(), batchSize);
}

std::span<const std::int32_t> Sampler::next()
{
    const auto position = static_cast<std::size_t>(m_position);
    const std::size_t first = std::min(m_batch.size(), m_order.size() - position);
    const std::size_t rest = m_batch.size() - first;
    std::copy_n(m_order.begin() + m_position, first, m_batch.begin());
    m_isEpochEnd = position + first == m_order.size();
    if (m_isEpochEnd) {
        m_random.shuffle(m_order);
        std::copy_n(m_order.begin(), rest, m_batch.begin() + static_cast<std::ptrdiff_t>(first));
        m_position = static_cast<std::int64_t>(rest);
    } else {
        m_position += static_cast<std::int64_t>(first);
    }
    return m_batch;
}

std::int64_t Sampler::batchesWithinEpoch() const
{
    return (static_cast<std::int64_t>(m_order.size()) - m_position - 1) / static_cast<std::int64_t>(m_batch.size());
}

void Sampler::giveBack(std::int64_t batches)
{
    const std::int64_t samples = batches * static_cast<std::int64_t>(m_batch.size());
    if (samples > m_position)
        throw std::invalid_argument("batches of an earlier epoch cannot be taken back");
    m_position -= samples;
}

} // namespace bottega::engine
