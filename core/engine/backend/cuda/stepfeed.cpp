// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cuda/stepfeed.h"

#include <algorithm>
#include <cstring>

namespace bottega::engine::cuda {

StepFeed::StepFeed(std::shared_ptr<Queue> queue, std::int64_t batch, std::vector<RuleUse> rules, std::size_t capacity)
    : m_queue(std::move(queue))
    , m_rules(std::move(rules))
    , m_capacity(capacity)
    , m_batch(static_cast<std::size_t>(batch))
    , m_placesAt(capacity * sizeof(std::int64_t))
    , m_scalarsAt(m_placesAt + capacity * sizeof(std::int64_t))
    , m_indicesAt(m_scalarsAt + capacity * m_rules.size() * sizeof(UpdateScalars))
    , m_currentAt(m_indicesAt + capacity * m_batch * sizeof(std::int32_t))
    , m_bytes(m_currentAt + sizeof(std::int32_t))
    , m_device(Buffer<std::byte>::onDevice(m_queue, m_bytes))
    , m_host(Buffer<std::byte>::pinned(m_queue, m_bytes))
    , m_deviceLosses(Buffer<float>::onDevice(m_queue, capacity))
    , m_hostLosses(Buffer<float>::pinned(m_queue, capacity))
{
    static_assert(alignof(UpdateScalars) <= alignof(std::int64_t) && sizeof(UpdateScalars) % sizeof(std::int32_t) == 0);
    std::byte *base = m_device.data();
    m_table.numbers = reinterpret_cast<const std::int64_t *>(base);
    m_table.firstPlaces = reinterpret_cast<const std::int64_t *>(base + m_placesAt);
    m_table.scalars = reinterpret_cast<const UpdateScalars *>(base + m_scalarsAt);
    m_table.indices = reinterpret_cast<const std::int32_t *>(base + m_indicesAt);
    m_table.current = reinterpret_cast<std::int32_t *>(base + m_currentAt);
    m_table.losses = m_deviceLosses.data();
    m_table.batch = static_cast<std::int32_t>(batch);
    m_table.rules = static_cast<std::int32_t>(m_rules.size());
}

void StepFeed::load(std::span<const StepInputs> steps)
{
    std::byte *base = m_host.data();
    for (std::size_t s = 0; s < steps.size(); ++s) {
        const StepInputs &step = steps[s];
        std::memcpy(base + s * sizeof step.number, &step.number, sizeof step.number);
        std::memcpy(base + m_placesAt + s * sizeof step.firstPlace, &step.firstPlace, sizeof step.firstPlace);
        if (!step.indices.empty()) // programs without samples have none
            std::memcpy(base + m_indicesAt + s * m_batch * sizeof(std::int32_t), step.indices.data(),
                        step.indices.size_bytes());
        for (std::size_t r = 0; r < m_rules.size(); ++r) {
            const UpdateScalars scalars = updateScalars(m_rules[r].rule, step.number, step.learningRate, m_rules[r].decays);
            std::memcpy(base + m_scalarsAt + (s * m_rules.size() + r) * sizeof scalars, &scalars, sizeof scalars);
        }
    }
    std::memset(base + m_currentAt, 0, sizeof(std::int32_t));
    m_queue->copyIn(m_device.data(), base, m_bytes);
}

void StepFeed::fetchLosses(std::size_t first, std::size_t end)
{
    m_queue->copyOut(m_hostLosses.data() + first, m_deviceLosses.data() + first, (end - first) * sizeof(float));
}

} // namespace bottega::engine::cuda
