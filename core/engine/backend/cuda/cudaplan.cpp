// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cuda/cudaplan.h"

#include "core/engine/backend/cuda/devicecommunicator.h"
#include "core/engine/backend/cuda/turn.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace bottega::engine::cuda {

namespace {

/// Calls visit(parameter, rule) for what an operation may change.
template <class Visit>
void forEachLearner(const Op &op, Visit visit)
{
    std::visit(
        [&]<class Operation>(const Operation &operation) {
            if constexpr (requires { operation.weights->gradient; operation.rule; }) {
                visit(*operation.weights, operation.rule);
                visit(*operation.bias, operation.rule);
            } else if constexpr (requires { operation.gamma->gradient; operation.rule; }) {
                visit(*operation.gamma, operation.rule);
                visit(*operation.beta, operation.rule);
            } else if constexpr (requires { operation.parameter->gradient; }) {
                visit(*operation.parameter, operation.rule);
            }
        },
        op);
}

/// Samples of a step; 1 for programs without any.
std::int64_t batchOf(const Program &program)
{
    std::int64_t batch = 0;
    for (const Op &op : program) {
        std::visit(
            [&]<class Operation>(const Operation &operation) {
                if constexpr (std::is_same_v<Operation, ops::Gather>)
                    batch = operation.input->samples();
                else if constexpr (requires { operation.logits; })
                    batch = operation.logits->samples();
            },
            op);
    }
    return std::max<std::int64_t>(batch, 1);
}

const Tensor *lossesOf(const Program &program)
{
    const Tensor *losses = nullptr;
    for (const Op &op : program) {
        std::visit(
            [&]<class Operation>(const Operation &operation) {
                if constexpr (requires { operation.losses; })
                    losses = operation.losses;
            },
            op);
    }
    return losses;
}

/// No more memory for indices than a few pictures take.
std::size_t capacityFor(std::int64_t batch)
{
    constexpr std::size_t mostIndices = 1 << 20;
    return std::clamp<std::size_t>(mostIndices / static_cast<std::size_t>(batch), 1, CudaPlan::mostSteps);
}

DeviceCommunicator *onDevice(const ops::AllReduce &op)
{
    return dynamic_cast<DeviceCommunicator *>(op.communicator);
}

std::size_t gradientsOf(const ops::AllReduce &op)
{
    std::size_t count = 0;
    for (const Parameter *parameter : op.parameters)
        count += static_cast<std::size_t>(parameter->gradient.count());
    return count;
}

void launch(const ops::AllReduce &op, const LaunchContext &context)
{
    for (Parameter *parameter : op.parameters)
        onDevice(op)->allReduceMean(parameter->gradient.data(), static_cast<std::size_t>(parameter->gradient.count()),
                                    context.queue.stream());
}

/// Launches only load kernels as long as this lives.
class Rehearsal
{
public:
    explicit Rehearsal(Queue &queue) : m_queue(queue) { m_queue.rehearse(true); }
    ~Rehearsal() { m_queue.rehearse(false); }
    Rehearsal(const Rehearsal &) = delete;
    Rehearsal &operator=(const Rehearsal &) = delete;

private:
    Queue &m_queue;
};

/// The ranks that the device itself waits for; null where it works alone, or the host exchanges.
Communicator *ranksOf(const Program &program)
{
    for (const Op &op : program) {
        const auto *exchange = std::get_if<ops::AllReduce>(&op);
        if (exchange && onDevice(*exchange))
            return exchange->communicator;
    }
    return nullptr;
}

void waitFor(Queue &queue, const Event &event, Communicator *ranks)
{
    constexpr int pollsToACheck = 2000; // a tenth of a second
    for (int polls = 0; !queue.isReached(event); ++polls) {
        if (polls < 200)
            std::this_thread::yield();
        else
            std::this_thread::sleep_for(std::chrono::microseconds(50));
        if (ranks && polls % pollsToACheck == pollsToACheck - 1)
            ranks->check();
    }
}

} // namespace

CudaPlan::CudaPlan(std::shared_ptr<Queue> queue, std::shared_ptr<Libraries> libraries, Program program)
    : m_queue(std::move(queue))
    , m_libraries(std::move(libraries))
    , m_program(std::move(program))
    , m_losses(lossesOf(m_program))
    , m_ranks(ranksOf(m_program))
{
    divide();
    m_rules = collectRules();
    const std::int64_t batch = batchOf(m_program);
    m_feed = std::make_unique<StepFeed>(m_queue, batch, m_rules, capacityFor(batch));
    reserveScratch();
    reserveExchange();
    rehearse();
}

CudaPlan::~CudaPlan() = default;

void CudaPlan::divide()
{
    Part part;
    for (std::size_t i = 0; i < m_program.size(); ++i) {
        const auto *exchange = std::get_if<ops::AllReduce>(&m_program[i]);
        if (!exchange || onDevice(*exchange))
            continue;
        part.end = i;
        part.exchange = exchange;
        m_parts.push_back(part);
        part = {i + 1, 0, nullptr};
    }
    part.end = m_program.size();
    m_parts.push_back(part);
}

std::vector<RuleUse> CudaPlan::collectRules()
{
    std::vector<RuleUse> rules;
    for (const Op &op : m_program) {
        forEachLearner(op, [&rules](const Parameter &parameter, const UpdateRule &rule) {
            const RuleUse use{rule, parameter.decays};
            if (std::find(rules.begin(), rules.end(), use) == rules.end())
                rules.push_back(use);
        });
    }
    return rules;
}

std::int32_t CudaPlan::ruleOf(const UpdateRule &rule, const Parameter &parameter) const
{
    const auto found = std::find(m_rules.begin(), m_rules.end(), RuleUse{rule, parameter.decays});
    return static_cast<std::int32_t>(found - m_rules.begin());
}

void CudaPlan::reserveScratch()
{
    std::size_t most = 0;
    for (const Op &op : m_program) {
        if (m_libraries)
            most = std::max(most, m_libraries->scratchFloats(op));
        std::visit(
            [&]<class Operation>(const Operation &operation) {
                if constexpr (requires { cuda::scratchFloats(operation, 1); })
                    most = std::max(most, cuda::scratchFloats(operation, m_queue->facts().multiprocessors));
            },
            op);
    }
    if (most > 0)
        m_scratch = Buffer<float>::onDevice(m_queue, most);
}

void CudaPlan::reserveExchange()
{
    std::size_t most = 0;
    for (const Part &part : m_parts)
        most = std::max(most, part.exchange ? gradientsOf(*part.exchange) : 0);
    if (most > 0)
        m_exchange = Buffer<float>::pinned(m_queue, most);
}

/// Our own kernels for all operations. What a library brings along, it loads when it looks for its plans.
void CudaPlan::rehearse()
{
    const Rehearsal rehearsal(*m_queue);
    for (const Op &op : m_program) {
        if (!std::holds_alternative<ops::AllReduce>(op))
            std::visit([context = contextFor(op)](const auto &operation) { launch(operation, context); }, op);
    }
    launchStepEnd(m_losses, {*m_queue, m_feed->table()});
    if (m_libraries)
        rehearseTurns(*m_queue);
}

LaunchContext CudaPlan::contextFor(const Op &op)
{
    std::vector<std::int32_t> rules;
    forEachLearner(op, [&](const Parameter &parameter, const UpdateRule &rule) { rules.push_back(ruleOf(rule, parameter)); });
    rules.resize(2);
    return {*m_queue, m_feed->table(), rules[0], rules[1], m_scratch.data()};
}

void CudaPlan::enqueue(const Op &op)
{
    const LaunchContext context = contextFor(op);
    if (m_libraries && m_libraries->launch(op, context))
        return;
    std::visit([&context](const auto &operation) { launch(operation, context); }, op);
}

void CudaPlan::record(const Part &part)
{
    for (std::size_t i = part.first; i < part.end; ++i)
        enqueue(m_program[i]);
    if (!part.exchange) // the last one
        launchStepEnd(m_losses, {*m_queue, m_feed->table()});
}

Graph &CudaPlan::graphOf(std::size_t part, std::size_t steps)
{
    std::unique_ptr<Graph> &graph = m_graphs[{part, steps}];
    if (!graph) {
        m_queue->beginCapture();
        try {
            for (std::size_t i = 0; i < steps; ++i)
                record(m_parts[part]);
        } catch (...) {
            m_queue->abandonCapture();
            throw;
        }
        graph = m_queue->endCapture();
    }
    return *graph;
}

void CudaPlan::run(std::span<const StepInputs> steps, const StepDone &done)
{
    for (const StepInputs &step : steps)
        checkStep(m_program, step);
    try {
        for (std::size_t first = 0; first < steps.size(); first += m_feed->capacity()) {
            if (!runChunk(steps.subspan(first, std::min(m_feed->capacity(), steps.size() - first)), first, done))
                return;
        }
    } catch (...) {
        m_queue->wait(); // what is under way still uses this plan's memory
        throw;
    }
}

/// False where `done` said so.
bool CudaPlan::runChunk(std::span<const StepInputs> steps, std::size_t offset, const StepDone &done)
{
    bool goesOn = true;
    std::size_t given = 0;
    std::deque<Piece> pieces;
    m_feed->load(steps);
    do {
        while (goesOn && given < steps.size() && pieces.size() < mostInFlight) {
            const std::size_t end = std::min(given + stepsPerGraph, steps.size());
            give(given, end, pieces);
            given = end;
        }
        Piece piece = std::move(pieces.front());
        pieces.pop_front();
        waitFor(*m_queue, *piece.event, m_ranks);
        for (std::size_t i = piece.first; done && i < piece.end; ++i)
            goesOn = done(offset + i, m_feed->loss(i)) && goesOn;
        m_freeEvents.push_back(std::move(piece.event));
    } while (!pieces.empty() || (goesOn && given < steps.size()));
    return goesOn;
}

void CudaPlan::give(std::size_t first, std::size_t end, std::deque<Piece> &pieces)
{
    if (m_parts.size() == 1 && end - first == stepsPerGraph)
        m_queue->replay(graphOf(0, stepsPerGraph));
    else
        for (std::size_t i = first; i < end; ++i)
            giveStep();
    m_feed->fetchLosses(first, end);
    Piece piece{first, end, takeEvent()};
    m_queue->record(*piece.event);
    pieces.push_back(std::move(piece));
}

void CudaPlan::giveStep()
{
    for (std::size_t part = 0; part < m_parts.size(); ++part) {
        m_queue->replay(graphOf(part, 1));
        if (m_parts[part].exchange)
            exchange(*m_parts[part].exchange);
    }
}

void CudaPlan::exchange(const ops::AllReduce &op)
{
    const auto forEachGradient = [&](auto visit) {
        float *host = m_exchange.data();
        for (Parameter *parameter : op.parameters) {
            const auto count = static_cast<std::size_t>(parameter->gradient.count());
            visit(parameter->gradient.data(), host, count);
            host += count;
        }
    };
    forEachGradient([&](float *device, float *host, auto count) { m_queue->copyOut(host, device, count * sizeof(float)); });
    m_queue->wait();
    forEachGradient([&](float *, float *host, auto count) { op.communicator->allReduceMean({host, count}); });
    forEachGradient([&](float *device, float *host, auto count) { m_queue->copyIn(device, host, count * sizeof(float)); });
}

std::unique_ptr<Event> CudaPlan::takeEvent()
{
    if (m_freeEvents.empty())
        return m_queue->makeEvent();
    std::unique_ptr<Event> event = std::move(m_freeEvents.back());
    m_freeEvents.pop_back();
    return event;
}

} // namespace bottega::engine::cuda
