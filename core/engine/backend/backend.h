// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/ops.h"
#include "core/engine/backend/tensor.h"
#include "core/engine/comm/communicator.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace bottega::engine {

/// What changes from one step to the next.
struct StepInputs
{
    std::span<const std::int32_t> indices; // [N] samples, as the program's batch; valid during the call
    std::int64_t number = 1;               // optimizer steps count from 1; also what dropout and augmentation draw from
    float learningRate = 0;
    std::int64_t firstPlace = 0;           // of the first sample in the whole batch, where several ranks share it
};

/// Mean loss of each finished step of a training program, in order; asked whether to go on with the next one.
using StepDone = std::function<bool(std::size_t index, double meanLoss)>;

/// A program made ready on one backend. Not thread safe; must not outlive its backend nor the program's tensors.
class Plan
{
public:
    virtual ~Plan() = default;

    /// Runs the steps, one after the other, and returns when the last one is done (or `done` said no: steps that a device
    /// has been given already are finished all the same, and told). `done` may be null. NaN losses are told as NaN.
    virtual void run(std::span<const StepInputs> steps, const StepDone &done) = 0;

    void run(const StepInputs &step) { run({&step, 1}, nullptr); }

protected:
    Plan() = default;
    Plan(const Plan &) = delete;
    Plan &operator=(const Plan &) = delete;
};

/// A device that holds tensors and runs programs. A training step is: forward, loss and input gradients (each sample by
/// itself), then all weights (each row by itself); an implementation may share each half among workers and stays
/// independent of their number, since no sum is ever split. Not thread safe.
class Backend
{
public:
    virtual ~Backend() = default;

    [[nodiscard]] virtual std::string name() const = 0;        // "cpu:avx512"
    [[nodiscard]] virtual std::string description() const = 0; // for people

    /// Zero. [features…, N] for Layout::Samples. Throws std::bad_alloc, or an exception that tells the memory asked for.
    [[nodiscard]] virtual Tensor allocate(Shape shape, Layout layout = Layout::Rows) = 0;
    /// Dense values in C order of the tensor's shape, of exactly its count: [features, N] for samples. Both wait.
    virtual void upload(std::span<const float> values, Tensor &tensor) = 0;
    virtual void download(const Tensor &tensor, std::span<float> values) = 0;
    /// pixels [count, channels, height, width], labels [count].
    [[nodiscard]] virtual Samples hold(std::vector<std::uint8_t> pixels, std::vector<std::uint8_t> labels,
                                       const Shape &pictureShape) = 0;
    /// [count]. Waits.
    [[nodiscard]] virtual std::vector<std::uint8_t> downloadLabels(const Samples &samples) = 0;

    /// Checks all shapes, then makes what running needs. Throws std::invalid_argument.
    [[nodiscard]] virtual std::unique_ptr<Plan> compile(Program program) = 0;

    /// For ranks that each have such a device and can exchange values without the host: a communicator among those of
    /// `host`, which must outlive it. Null where they can't; all ranks call it, and get the same. Waits for all.
    [[nodiscard]] virtual std::unique_ptr<Communicator> join(Communicator &) { return nullptr; }

    /// How many steps to hand over at once for full speed.
    [[nodiscard]] virtual std::size_t stepsAtOnce() const { return 1; }

protected:
    Backend() = default;
    Backend(const Backend &) = delete;
    Backend &operator=(const Backend &) = delete;
};

/// For every plan to call before a step: as many indices as the program's batch, each of a sample there is. Throws
/// std::invalid_argument, with nothing done.
void checkStep(const Program &program, const StepInputs &step);

/// The parts of a backend whose tensors lie in this process' memory.
class HostBackend : public Backend
{
public:
    [[nodiscard]] Tensor allocate(Shape shape, Layout layout = Layout::Rows) override
    {
        return hostTensor(std::move(shape), layout);
    }
    void upload(std::span<const float> values, Tensor &tensor) override;
    void download(const Tensor &tensor, std::span<float> values) override;
    [[nodiscard]] Samples hold(std::vector<std::uint8_t> pixels, std::vector<std::uint8_t> labels,
                               const Shape &pictureShape) override;
    [[nodiscard]] std::vector<std::uint8_t> downloadLabels(const Samples &samples) override;
};

/// Mean of `losses` [1, N] of a host backend's tensor, summed in order in double.
[[nodiscard]] double meanLoss(const Tensor &losses);

} // namespace bottega::engine
