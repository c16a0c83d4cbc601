// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cpu/tasks.h"

#include "core/engine/backend/dropout.h"
#include "core/engine/comm/communicator.h"

#include <cmath>
#include <stdexcept>

namespace bottega::engine::cpu {

namespace {

bool isWeights(const Op &op)
{
    return std::holds_alternative<ops::LinearWeights>(op) || std::holds_alternative<ops::ConvWeights>(op);
}

Elementwise elementwise(Activation activation)
{
    switch (activation) {
    case Activation::None: return Elementwise::Copy;
    case Activation::Relu: return Elementwise::Relu;
    case Activation::Gelu: return Elementwise::Gelu;
    case Activation::Tanh: return Elementwise::Tanh;
    }
    throw std::invalid_argument("unknown activation");
}

std::int64_t blockCount(const Tensor &tensor)
{
    return tensor.features() * Tensor::blockSize;
}

float *orNull(Tensor &tensor)
{
    return tensor ? tensor.data() : nullptr;
}

} // namespace

std::vector<Task> TaskMaker::make(const Program &program)
{
    for (const Op &op : program) {
        const auto *linear = std::get_if<ops::LinearWeights>(&op);
        const auto *gather = std::get_if<ops::Gather>(&program.front());
        if (linear && gather && gather->input == linear->input)
            m_gathered[linear->input] = nullptr;
    }
    bool isPrepared = false;
    for (auto op = program.begin(); op != program.end(); ++op) {
        for (auto next = op; !isPrepared && isWeights(*op) && next != program.end(); ++next)
            std::visit([this](const auto &weights) { prepare(weights); }, *next);
        isPrepared |= isWeights(*op);
        std::visit([this](const auto &any) { add(any); }, *op);
    }
    return std::move(m_tasks);
}

void TaskMaker::addSamples(const Tensor &tensor, std::function<void(const StepInputs &, std::int64_t)> run)
{
    m_tasks.push_back({Split::Samples, tensor.blocks(),
                       [run = std::move(run)](const StepInputs &step, std::int64_t begin, std::int64_t end) {
                           for (std::int64_t b = begin; b < end; ++b)
                               run(step, b);
                       }});
}

void TaskMaker::addRows(std::int64_t rows, Task::Run run)
{
    m_tasks.push_back({Split::Rows, rows, std::move(run)});
}

void TaskMaker::addWhole(std::function<void()> run)
{
    m_tasks.push_back({Split::Whole, 1,
                       [run = std::move(run)](const StepInputs &, std::int64_t, std::int64_t) { run(); }});
}

void TaskMaker::add(const ops::Activate &op)
{
    const auto kernel = m_kernels.activate;
    addSamples(*op.output, [op, kernel](const StepInputs &, std::int64_t b) {
        kernel(elementwise(op.activation), op.input->block(b), op.output->block(b), blockCount(*op.output));
    });
}

void TaskMaker::add(const ops::ActivateGradient &op)
{
    const auto kernel = m_kernels.activateGradient;
    addSamples(*op.input, [op, kernel](const StepInputs &, std::int64_t b) {
        kernel(elementwise(op.activation), op.input->block(b), op.output->block(b), op.outputGradient->block(b),
               op.inputGradient->block(b), blockCount(*op.input));
    });
}

void TaskMaker::add(const ops::Dropout &op)
{
    const auto kernel = m_kernels.dropout;
    addSamples(*op.output, [op, kernel](const StepInputs &step, std::int64_t b) {
        kernel({op.input->block(b), op.output->block(b), op.output->features(), dropoutKey(op.seed, step.number),
                dropoutThreshold(op.rate), static_cast<std::uint32_t>(b * Tensor::blockSize), 1 / (1 - op.rate)});
    });
}

void TaskMaker::add(const ops::Add &op)
{
    const auto kernel = m_kernels.add;
    addSamples(*op.output, [op, kernel](const StepInputs &, std::int64_t b) {
        kernel(op.one->block(b), op.other->block(b), op.output->block(b), blockCount(*op.output));
    });
}

void TaskMaker::add(const ops::AllReduce &op)
{
    addWhole([op] {
        for (Parameter *parameter : op.parameters) {
            Tensor &gradient = parameter->gradient;
            op.communicator->allReduceMean({gradient.data(), static_cast<std::size_t>(gradient.rows() * gradient.stride())});
        }
    });
}

void TaskMaker::add(const ops::ClipNorm &op)
{
    addWhole([op, &kernels = m_kernels] {
        double squares = 0;
        for (const Parameter *parameter : op.parameters)
            squares += kernels.squares(parameter->gradient.data(), parameter->gradient.rows() * parameter->gradient.stride());
        const double norm = std::sqrt(squares);
        if (!(norm > op.limit))
            return;
        for (Parameter *parameter : op.parameters)
            kernels.scale(parameter->gradient.data(), static_cast<float>(op.limit / norm),
                          parameter->gradient.rows() * parameter->gradient.stride());
    });
}

void TaskMaker::add(const ops::Update &op)
{
    addRows(op.parameter->value.rows(), [op, &kernels = m_kernels](const StepInputs &step, std::int64_t begin, std::int64_t end) {
        WeightTarget target = targetOf(*op.parameter, op.rule, step);
        target.gradient = nullptr;
        for (std::int64_t r = begin; r < end; ++r) {
            const auto moved = [at = r * target.stride](float *values) { return values ? values + at : nullptr; };
            const WeightTarget row = {nullptr, moved(target.value), moved(target.first), moved(target.second),
                                      moved(target.average), target.stride, target.scalars};
            kernels.update(row, op.parameter->gradient.row(r), target.stride);
        }
    });
}

WeightTarget targetOf(Parameter &parameter, const UpdateRule &rule, const StepInputs &step)
{
    return {orNull(parameter.gradient), parameter.value.data(),      orNull(parameter.first),
            orNull(parameter.second),   orNull(parameter.average),   parameter.value.stride(),
            updateScalars(rule, step.number, step.learningRate, parameter.decays)};
}

void deliverValue(Parameter &parameter, std::int64_t index, float gradient, const UpdateScalars &scalars)
{
    if (parameter.gradient) {
        parameter.gradient.data()[index] = gradient;
        return;
    }
    float none = 0;
    float &value = parameter.value.data()[index];
    updateValue(scalars, gradient, value, parameter.first ? parameter.first.data()[index] : none,
                parameter.second ? parameter.second.data()[index] : none);
    if (parameter.average)
        updateAverage(scalars.averageDecay, value, parameter.average.data()[index]);
}

} // namespace bottega::engine::cpu
