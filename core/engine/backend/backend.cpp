// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/backend.h"

#include <algorithm>
#include <stdexcept>

namespace bottega::engine {

namespace {

void expect(const char *operation, const char *operand, const Tensor &tensor, const Shape &shape)
{
    if (tensor.shape() != shape)
        throw std::invalid_argument(std::string(operation) + ": " + operand + " is " + shapeText(tensor.shape()) +
                                    ", not " + shapeText(shape));
}

void expectBatch(const char *operation, const Batch &batch, std::int64_t columns)
{
    if (static_cast<std::int64_t>(batch.indices.size()) != columns)
        throw std::invalid_argument(std::string(operation) + ": " + std::to_string(batch.indices.size()) +
                                    " samples for " + std::to_string(columns) + " columns");
}

void expectCount(std::span<const float> values, const Tensor &tensor)
{
    if (static_cast<std::int64_t>(values.size()) != tensor.rows() * tensor.columns())
        throw std::invalid_argument(std::to_string(values.size()) + " values for a tensor of shape " +
                                    shapeText(tensor.shape()));
}

template <class T>
std::shared_ptr<const T> share(std::vector<T> values)
{
    const auto owner = std::make_shared<const std::vector<T>>(std::move(values));
    return {owner, owner->data()};
}

} // namespace

void check(const Batch &batch, const Tensor &input)
{
    expect("gather", "input", input, {batch.samples.features, static_cast<std::int64_t>(batch.indices.size())});
}

void check(const LinearForward &op)
{
    expect("linearForward", "weights", op.weights, {op.output.rows(), op.input.rows()});
    expect("linearForward", "bias", op.bias, {op.output.rows()});
    expect("linearForward", "output", op.output, {op.output.rows(), op.input.columns()});
}

void check(const LinearInputGradient &op)
{
    expect("linearInputGradient", "weights", op.weights, {op.outputGradient.rows(), op.inputGradient.rows()});
    expect("linearInputGradient", "inputGradient", op.inputGradient,
           {op.inputGradient.rows(), op.outputGradient.columns()});
    if (op.reluOutput)
        expect("linearInputGradient", "reluOutput", *op.reluOutput, op.inputGradient.shape());
}

void check(const LinearWeightGradient &op)
{
    expect("linearWeightGradient", "weightGradient", op.weightGradient, {op.outputGradient.rows(), op.input.rows()});
    expect("linearWeightGradient", "biasGradient", op.biasGradient, {op.outputGradient.rows()});
    expect("linearWeightGradient", "outputGradient", op.outputGradient,
           {op.outputGradient.rows(), op.input.columns()});
}

void check(const LinearMomentumStep &op)
{
    expect("linearMomentumStep", "weights", op.weights, {op.outputGradient.rows(), op.input.rows()});
    expect("linearMomentumStep", "weightVelocity", op.weightVelocity, op.weights.shape());
    expect("linearMomentumStep", "bias", op.bias, {op.outputGradient.rows()});
    expect("linearMomentumStep", "biasVelocity", op.biasVelocity, op.bias.shape());
    expect("linearMomentumStep", "outputGradient", op.outputGradient, {op.outputGradient.rows(), op.input.columns()});
}

void check(const SoftmaxCrossEntropy &op)
{
    expectBatch("softmaxCrossEntropy", op.batch, op.logits.columns());
    expect("softmaxCrossEntropy", "losses", op.losses, {op.logits.columns()});
    expect("softmaxCrossEntropy", "gradient", op.gradient, op.logits.shape());
}

void check(const SoftmaxPrediction &op)
{
    expectBatch("softmaxPrediction", op.batch, op.logits.columns());
    expect("softmaxPrediction", "losses", op.losses, {op.logits.columns()});
    expect("softmaxPrediction", "classes", op.classes, {op.logits.columns()});
    expect("softmaxPrediction", "confidences", op.confidences, {op.logits.columns()});
}

void checkSameShape(const char *operation, const Tensor &one, const Tensor &other)
{
    expect(operation, "one operand", one, other.shape());
}

void HostBackend::upload(std::span<const float> values, Tensor &tensor)
{
    expectCount(values, tensor);
    for (std::int64_t r = 0; r < tensor.rows(); ++r)
        std::copy_n(values.data() + r * tensor.columns(), tensor.columns(), tensor.row(r));
}

void HostBackend::download(const Tensor &tensor, std::span<float> values)
{
    expectCount(values, tensor);
    for (std::int64_t r = 0; r < tensor.rows(); ++r)
        std::copy_n(tensor.row(r), tensor.columns(), values.data() + r * tensor.columns());
}

Samples HostBackend::hold(std::vector<std::uint8_t> pixels, std::vector<std::uint8_t> labels)
{
    const auto count = static_cast<std::int64_t>(labels.size());
    const auto total = static_cast<std::int64_t>(pixels.size());
    if (count == 0 || total == 0 || total % count != 0)
        throw std::invalid_argument(std::to_string(total) + " pixels do not make " + std::to_string(count) + " pictures");
    return {share(std::move(pixels)), share(std::move(labels)), count, total / count};
}

} // namespace bottega::engine
