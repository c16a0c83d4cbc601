// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/backend.h"
#include "core/engine/backend/cuda/launchers.h"
#include "core/engine/backend/cuda/libraries.h"
#include "core/engine/backend/cuda/queue.h"
#include "core/engine/backend/cuda/stepfeed.h"

#include <deque>
#include <map>
#include <memory>
#include <vector>

namespace bottega::engine::cuda {

/// A program as graphs: one step is recorded once, and, several times over, as a longer graph; both are replayed with the
/// numbers of the steps already on the device. The host asks for losses that have come and never makes the device wait.
class CudaPlan final : public Plan
{
public:
    static constexpr std::size_t mostSteps = 512;   // on the device at once
    static constexpr std::size_t stepsPerGraph = 32;
    static constexpr std::size_t mostInFlight = 4;  // pieces of work given ahead: enough to never run dry

    /// Of checked operations. `libraries` may be null.
    CudaPlan(std::shared_ptr<Queue> queue, std::shared_ptr<Libraries> libraries, Program program);
    ~CudaPlan() override;

    using Plan::run;
    void run(std::span<const StepInputs> steps, const StepDone &done) override;

private:
    /// Operations that one graph holds; then the host exchanges gradients with the other ranks, unless devices do.
    struct Part
    {
        std::size_t first = 0; // operation
        std::size_t end = 0;
        const ops::AllReduce *exchange = nullptr; // after it
    };
    /// Work that the device has been given: the steps before `end` that have not been told.
    struct Piece
    {
        std::size_t first = 0;
        std::size_t end = 0;
        std::unique_ptr<Event> event;
    };

    void divide();
    [[nodiscard]] std::vector<RuleUse> collectRules();
    [[nodiscard]] std::int32_t ruleOf(const UpdateRule &rule, const Parameter &parameter) const;
    void reserveScratch();
    void reserveExchange();
    void rehearse();
    [[nodiscard]] LaunchContext contextFor(const Op &op);
    void enqueue(const Op &op);
    [[nodiscard]] Graph &graphOf(std::size_t part, std::size_t steps);
    void record(const Part &part);

    [[nodiscard]] bool runChunk(std::span<const StepInputs> steps, std::size_t offset, const StepDone &done);
    void give(std::size_t first, std::size_t end, std::deque<Piece> &pieces);
    void giveStep();
    void exchange(const ops::AllReduce &op);
    [[nodiscard]] std::unique_ptr<Event> takeEvent();

    std::shared_ptr<Queue> m_queue;
    std::shared_ptr<Libraries> m_libraries;
    Program m_program;
    const Tensor *m_losses = nullptr;
    Communicator *m_ranks = nullptr; // that the device waits for
    std::vector<Part> m_parts;
    std::vector<RuleUse> m_rules;
    std::unique_ptr<StepFeed> m_feed;
    Buffer<float> m_scratch;
    Buffer<float> m_exchange; // pinned: gradients on their way between ranks
    std::map<std::pair<std::size_t, std::size_t>, std::unique_ptr<Graph>> m_graphs; // by part and steps
    std::vector<std::unique_ptr<Event>> m_freeEvents;
};

} // namespace bottega::engine::cuda
