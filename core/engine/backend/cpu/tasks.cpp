// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cpu/tasks.h"

#include "core/engine/backend/dropout.h"
#include "core/engine/comm/communicator.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <type_traits>

namespace bottega::engine::cpu {

namespace {

bool isWeights(const Op &op)
{
    return std::holds_alternative<ops::LinearWeights>(op) || std::holds_alternative<ops::ConvWeights>(op);
}

/// Whether the operation reads this tensor of activations, or looks at it on the way back.
bool reads(const Op &op, const Tensor *tensor)
{
    return std::visit(
        [tensor](const auto &any) {
            bool isRead = false;
            if constexpr (requires { any.input; } && !std::is_same_v<std::decay_t<decltype(any)>, ops::Gather>)
                isRead |= any.input == tensor;
            if constexpr (requires { any.mask; })
                isRead |= any.mask == tensor;
            if constexpr (requires { any.one; })
                isRead |= any.one == tensor || any.other == tensor;
            if constexpr (requires { any.logits; })
                isRead |= any.logits == tensor;
            return isRead;
        },
        op);
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
    findPixels(program);
    bool isPrepared = false;
    for (auto op = program.begin(); op != program.end(); ++op) {
        for (auto next = op; !isPrepared && isWeights(*op) && next != program.end(); ++next)
            std::visit([this](const auto &weights) { prepare(weights); }, *next);
        isPrepared |= isWeights(*op);
        std::visit([this](const auto &any) { add(any); }, *op);
    }
    return std::move(m_tasks);
}

/// Pictures stay bytes where they are not moved about and nothing but linear layers reads them.
void TaskMaker::findPixels(const Program &program)
{
    const auto *gather = program.empty() ? nullptr : std::get_if<ops::Gather>(&program.front());
    if (!gather || gather->augmentation.isActive())
        return;
    const auto isLinear = [&](const Op &op) {
        const auto *forward = std::get_if<ops::LinearForward>(&op);
        const auto *weights = std::get_if<ops::LinearWeights>(&op);
        return (forward && forward->input == gather->input) || (weights && weights->input == gather->input);
    };
    const auto isOther = [&](const Op &op) { return !isLinear(op) && reads(op, gather->input); };
    if (std::none_of(program.begin(), program.end(), isLinear) || std::any_of(program.begin(), program.end(), isOther))
        return;
    const std::int64_t features = gather->input->features(), samples = gather->input->blocks() * Tensor::blockSize;
    const std::int64_t stride = (features + 63) / 64 * 64;
    m_pixels[gather->input] = {addBytes(samples * features), addBytes(samples * stride), stride};
}

const TaskMaker::Pixels *TaskMaker::pixelsOf(const Tensor *input) const
{
    const auto found = m_pixels.find(input);
    return found == m_pixels.end() ? nullptr : &found->second;
}

std::uint8_t *TaskMaker::addBytes(std::int64_t count)
{
    Tensor &tensor = m_scratch.emplace_back(hostTensor({(count + 3) / 4}));
    return reinterpret_cast<std::uint8_t *>(tensor.data());
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
                dropoutThreshold(op.rate), static_cast<std::uint32_t>(step.firstPlace + b * Tensor::blockSize), 1 / (1 - op.rate)});
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
