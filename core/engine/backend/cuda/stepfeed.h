// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/backend.h"
#include "core/engine/backend/cuda/queue.h"
#include "core/engine/backend/cuda/steptable.h"

#include <memory>
#include <span>
#include <vector>

namespace bottega::engine::cuda {

/// A rule, and whether the parameter that follows it decays: what the scalars of a step are made for.
struct RuleUse
{
    UpdateRule rule;
    bool decays = false;

    bool operator==(const RuleUse &) const = default;
};

/// Carries the numbers of many steps to the device at once, and their losses back. Not thread safe.
class StepFeed
{
public:
    StepFeed(std::shared_ptr<Queue> queue, std::int64_t batch, std::vector<RuleUse> rules, std::size_t capacity);

    [[nodiscard]] std::size_t capacity() const { return m_capacity; }
    [[nodiscard]] const StepTable &table() const { return m_table; } // stays where it is

    /// Enqueues the upload of up to `capacity` steps, which start at the first; the ones before must be through.
    void load(std::span<const StepInputs> steps);
    /// Enqueues the download of the losses of steps [first, end).
    void fetchLosses(std::size_t first, std::size_t end);
    /// Of a step whose losses have come.
    [[nodiscard]] double loss(std::size_t step) const { return m_hostLosses.data()[step]; }

private:
    std::shared_ptr<Queue> m_queue;
    std::vector<RuleUse> m_rules;
    std::size_t m_capacity;
    std::size_t m_batch;
    // one piece of memory each way: [steps] numbers, [steps] first places, [steps, rules] scalars, [steps, batch] indices, the step that runs
    std::size_t m_placesAt, m_scalarsAt, m_indicesAt, m_currentAt, m_bytes;
    Buffer<std::byte> m_device;
    Buffer<std::byte> m_host;
    Buffer<float> m_deviceLosses;
    Buffer<float> m_hostLosses;
    StepTable m_table;
};

} // namespace bottega::engine::cuda
