// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/backend.h"
#include "core/engine/backend/cuda/libraries.h"
#include "core/engine/backend/cuda/queue.h"

#include <map>
#include <memory>

namespace bottega::engine::cuda {

/// Trains on one NVIDIA device through one queue. Tensors are dense on the device: rows without padding, activations
/// [features, N]; fewer than 2³¹ values each. A second backend on the same device, with a queue of its own, trains beside
/// this one: neither waits for the other.
class CudaBackend final : public Backend
{
public:
    /// `libraries` may be null: own kernels do everything.
    explicit CudaBackend(std::shared_ptr<Queue> queue, std::shared_ptr<Libraries> libraries = nullptr);

    [[nodiscard]] std::string name() const override; // "cuda:0"
    [[nodiscard]] std::string description() const override;

    /// Throws OutOfMemory with the device's free memory and, for activations, a batch size that may fit.
    [[nodiscard]] Tensor allocate(Shape shape, Layout layout = Layout::Rows) override;
    void upload(std::span<const float> values, Tensor &tensor) override;
    void download(const Tensor &tensor, std::span<float> values) override;
    [[nodiscard]] Samples hold(std::vector<std::uint8_t> pixels, std::vector<std::uint8_t> labels,
                               const Shape &pictureShape) override;
    [[nodiscard]] std::vector<std::uint8_t> downloadLabels(const Samples &samples) override;
    [[nodiscard]] std::unique_ptr<Plan> compile(Program program) override;
    [[nodiscard]] std::size_t stepsAtOnce() const override;
    [[nodiscard]] std::unique_ptr<Communicator> join(Communicator &host) override; // through NCCL

private:
    [[nodiscard]] float *allocateFloats(std::size_t bytes, const Shape &shape, Layout layout);
    [[nodiscard]] std::shared_ptr<const std::uint8_t> copyOf(const std::vector<std::uint8_t> &bytes);

    std::shared_ptr<Queue> m_queue;
    std::shared_ptr<Libraries> m_libraries;
    std::shared_ptr<std::size_t> m_activationBytes; // held by tensors with samples
    std::map<const std::uint8_t *, std::uint8_t> m_largestLabels; // by the labels' place
};

} // namespace bottega::engine::cuda
