// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cuda/cudabackend.h"

#include "core/engine/backend/cuda/cudaerror.h"
#include "core/engine/backend/cuda/cudaplan.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace bottega::engine::cuda {

namespace {

void expectCount(std::size_t values, const Tensor &tensor)
{
    if (static_cast<std::int64_t>(values) != tensor.count())
        throw std::invalid_argument(std::to_string(values) + " values for a tensor of shape " + shapeText(tensor.shape()));
}

/// Activations grow with the batch: what they hold already and what is asked now must go into what they hold and what is
/// free. More will be asked for later, so that this is a first guess and never too small.
std::string smallerBatch(std::int64_t batch, double held, double asked, double free)
{
    const double fitting = static_cast<double>(batch) * (held + free) / (held + asked);
    auto most = static_cast<std::int64_t>(std::min(fitting, static_cast<double>(batch - 1)));
    if (most >= 32)
        most -= most % 32;
    return most < 1 ? "Not even one picture fits: use a smaller network or another device"
                    : "Try batchsize " + std::to_string(most) + " or less, or another device";
}

} // namespace

CudaBackend::CudaBackend(std::shared_ptr<Queue> queue, std::shared_ptr<Libraries> libraries)
    : m_queue(std::move(queue)), m_libraries(std::move(libraries)), m_activationBytes(std::make_shared<std::size_t>(0))
{
}

std::string CudaBackend::name() const
{
    return "cuda:" + std::to_string(m_queue->facts().index);
}

std::string CudaBackend::description() const
{
    const DeviceFacts &facts = m_queue->facts();
    return facts.name + ", " + bytesText(facts.memory) + ", compute capability " + std::to_string(facts.major) + "." +
           std::to_string(facts.minor) + (m_libraries ? ", with " + m_libraries->description() : ", own kernels");
}

float *CudaBackend::allocateFloats(std::size_t bytes, const Shape &shape, Layout layout)
{
    try {
        return static_cast<float *>(m_queue->allocate(bytes));
    } catch (const OutOfMemory &error) {
        const std::string remedy =
            layout == Layout::Samples
                ? smallerBatch(shape.back(), static_cast<double>(*m_activationBytes), static_cast<double>(bytes),
                               static_cast<double>(error.free()))
                : "Use a smaller network, or a device with more free memory";
        throw OutOfMemory(m_queue->facts(), error.asked(), error.free(), error.total(), remedy);
    }
}

Tensor CudaBackend::allocate(Shape shape, Layout layout)
{
    const std::int64_t count = elementCount(shape);
    if (count > std::numeric_limits<std::int32_t>::max())
        throw std::invalid_argument("a tensor of shape " + shapeText(shape) + " has 2^31 values or more, too many for " +
                                    name());
    const std::size_t bytes = static_cast<std::size_t>(count) * sizeof(float);
    const auto held = layout == Layout::Samples ? m_activationBytes : std::make_shared<std::size_t>(0);
    float *memory = allocateFloats(bytes, shape, layout);
    *held += bytes;
    Tensor::Memory owner(memory, [queue = m_queue, held, bytes](float *values) {
        *held -= bytes;
        queue->release(values);
    });
    m_queue->clear(memory, bytes);
    const std::int64_t columns = layout == Layout::Samples ? shape.back() : shape.size() < 2 ? count : count / shape.front();
    return {std::move(shape), layout, columns, std::move(owner)};
}

void CudaBackend::upload(std::span<const float> values, Tensor &tensor)
{
    expectCount(values.size(), tensor);
    m_queue->copyIn(tensor.data(), values.data(), values.size_bytes());
    m_queue->wait();
}

void CudaBackend::download(const Tensor &tensor, std::span<float> values)
{
    expectCount(values.size(), tensor);
    m_queue->copyOut(values.data(), tensor.data(), values.size_bytes());
    m_queue->wait();
}

std::shared_ptr<const std::uint8_t> CudaBackend::copyOf(const std::vector<std::uint8_t> &bytes)
{
    const auto buffer = std::make_shared<Buffer<std::uint8_t>>(Buffer<std::uint8_t>::onDevice(m_queue, bytes.size()));
    m_queue->copyIn(buffer->data(), bytes.data(), bytes.size());
    m_queue->wait();
    return {buffer, buffer->data()};
}

Samples CudaBackend::hold(std::vector<std::uint8_t> pixels, std::vector<std::uint8_t> labels, const Shape &pictureShape)
{
    const auto count = static_cast<std::int64_t>(labels.size());
    const auto total = static_cast<std::int64_t>(pixels.size());
    if (pictureShape.size() != 3)
        throw std::invalid_argument("pictures are [channels, height, width], not " + shapeText(pictureShape));
    if (count == 0 || total % count != 0 || total / count != elementCount(pictureShape))
        throw std::invalid_argument(std::to_string(total) + " pixels do not make " + std::to_string(count) +
                                    " pictures of " + shapeText(pictureShape));
    Samples samples{copyOf(pixels), copyOf(labels), count, pictureShape[0], pictureShape[1], pictureShape[2]};
    m_largestLabels[samples.labels.get()] = *std::max_element(labels.begin(), labels.end());
    return samples;
}

std::vector<std::uint8_t> CudaBackend::downloadLabels(const Samples &samples)
{
    std::vector<std::uint8_t> labels(static_cast<std::size_t>(samples.count));
    m_queue->copyOut(labels.data(), samples.labels.get(), labels.size());
    m_queue->wait();
    return labels;
}

std::unique_ptr<Plan> CudaBackend::compile(Program program)
{
    for (const Op &op : program) {
        check(op);
        std::visit(
            [this]<class Operation>(const Operation &operation) {
                if constexpr (requires { operation.logits; }) {
                    const auto known = m_largestLabels.find(operation.samples->labels.get());
                    if (known != m_largestLabels.end() && known->second >= operation.logits->features())
                        throw std::invalid_argument("label " + std::to_string(known->second) + " of " +
                                                    std::to_string(operation.logits->features()) + " classes");
                }
            },
            op);
    }
    return std::make_unique<CudaPlan>(m_queue, m_libraries, std::move(program));
}

std::size_t CudaBackend::stepsAtOnce() const
{
    return CudaPlan::mostSteps;
}

/// All or none: a rank without NCCL keeps the others from it.
std::unique_ptr<Communicator> CudaBackend::join(Communicator &host)
{
    float canAll[] = {m_libraries && m_libraries->canJoin() ? 1.0f : 0.0f};
    host.allReduceMean(canAll);
    return canAll[0] == 1 ? m_libraries->join(host) : nullptr;
}

} // namespace bottega::engine::cuda
