// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/backend.h"

#include <algorithm>
#include <stdexcept>
#include <type_traits>

namespace bottega::engine {

namespace {

void expectCount(std::span<const float> values, const Tensor &tensor)
{
    if (static_cast<std::int64_t>(values.size()) != tensor.count())
        throw std::invalid_argument(std::to_string(values.size()) + " values for a tensor of shape " +
                                    shapeText(tensor.shape()));
}

void expectIndices(const char *operation, const Samples &samples, std::int64_t batch,
                   std::span<const std::int32_t> indices)
{
    if (static_cast<std::int64_t>(indices.size()) != batch)
        throw std::invalid_argument(std::string(operation) + ": " + std::to_string(indices.size()) +
                                    " indices for a batch of " + std::to_string(batch));
    for (const std::int32_t index : indices) {
        if (index < 0 || index >= samples.count)
            throw std::invalid_argument(std::string(operation) + ": sample " + std::to_string(index) +
                                        " of " + std::to_string(samples.count));
    }
}

/// Calls visit(feature, sample, place in the dense values, count) for each run of values that lie side by
/// side.
template <class Visit> void forEachRun(const Tensor &tensor, Visit visit)
{
    for (std::int64_t f = 0; f < tensor.features(); ++f) {
        for (std::int64_t n = 0; n < tensor.samples(); n += Tensor::blockSize)
            visit(f, n, f * tensor.samples() + n, std::min(Tensor::blockSize, tensor.samples() - n));
    }
}

template <class T> std::shared_ptr<const T> share(std::vector<T> values)
{
    const auto owner = std::make_shared<const std::vector<T>>(std::move(values));
    return {owner, owner->data()};
}

} // namespace

void checkStep(const Program &program, const StepInputs &step)
{
    for (const Op &op : program) {
        std::visit(
            [&]<class Operation>(const Operation &operation) {
                if constexpr (std::is_same_v<Operation, ops::Gather>)
                    expectIndices(nameOf(op), *operation.samples, operation.input->samples(), step.indices);
                else if constexpr (requires { operation.logits; })
                    expectIndices(nameOf(op), *operation.samples, operation.logits->samples(), step.indices);
            },
            op);
    }
}

void HostBackend::upload(std::span<const float> values, Tensor &tensor)
{
    expectCount(values, tensor);
    if (tensor.layout() == Layout::Samples) {
        forEachRun(tensor, [&](std::int64_t f, std::int64_t n, std::int64_t place, std::int64_t columns) {
            std::copy_n(values.data() + place, columns, &tensor.at(f, n));
        });
        return;
    }
    for (std::int64_t r = 0; r < tensor.rows(); ++r)
        std::copy_n(values.data() + r * tensor.columns(), tensor.columns(), tensor.row(r));
}

void HostBackend::download(const Tensor &tensor, std::span<float> values)
{
    expectCount(values, tensor);
    if (tensor.layout() == Layout::Samples) {
        forEachRun(tensor, [&](std::int64_t f, std::int64_t n, std::int64_t place, std::int64_t columns) {
            const float *block = tensor.block(n / Tensor::blockSize);
            std::copy_n(block + f * Tensor::blockSize, columns, values.data() + place);
        });
        return;
    }
    for (std::int64_t r = 0; r < tensor.rows(); ++r)
        std::copy_n(tensor.row(r), tensor.columns(), values.data() + r * tensor.columns());
}

Samples HostBackend::hold(std::vector<std::uint8_t> pixels, std::vector<std::uint8_t> labels,
                          const Shape &pictureShape)
{
    const auto count = static_cast<std::int64_t>(labels.size());
    const auto total = static_cast<std::int64_t>(pixels.size());
    if (pictureShape.size() != 3)
        throw std::invalid_argument("pictures are [channels, height, width], not " + shapeText(pictureShape));
    if (count == 0 || total % count != 0 || total / count != elementCount(pictureShape))
        throw std::invalid_argument(std::to_string(total) + " pixels do not make " + std::to_string(count) +
                                    " pictures of " + shapeText(pictureShape));
    return {share(std::move(pixels)), share(std::move(labels)), count,
            pictureShape[0],          pictureShape[1],          pictureShape[2]};
}

std::vector<std::uint8_t> HostBackend::downloadLabels(const Samples &samples)
{
    return {samples.labels.get(), samples.labels.get() + samples.count};
}

double meanLoss(const Tensor &losses)
{
    double sum = 0;
    for (std::int64_t n = 0; n < losses.samples(); ++n)
        sum += losses.at(0, n);
    return sum / static_cast<double>(losses.samples());
}

} // namespace bottega::engine
