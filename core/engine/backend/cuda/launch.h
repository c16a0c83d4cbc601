// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/hostdevice.h"

#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

namespace bottega::engine::cuda {

/// Where a thread stands in its launch; threads of a block are counted in one row.
struct Place
{
    std::int32_t x = 0; // block
    std::int32_t y = 0;
    std::int32_t z = 0;
    std::int32_t thread = 0;
};

/// Blocks of a launch.
struct Blocks
{
    std::int64_t x = 1;
    std::int64_t y = 1;
    std::int64_t z = 1;
};

/// A kernel is a plain struct of pointers and sizes whose work is cut into phases, with a barrier of the block between
/// them:
///
///     static constexpr int threads;       // of a block
///     struct Shared;                      // of the block, uninitialised
///     struct Registers;                   // of the thread, uninitialised; live from phase to phase
///     int phases() const;
///     void phase(int number, const Place &, Shared &, Registers &) const;
///
/// Within one phase no thread may read what another one writes. That makes every kernel a function that the host can run
/// too, block after block and thread after thread: tests do, in several orders, on the very code that the device gets.
struct Nothing
{
};

/// One thread per value: Body is a struct with `void operator()(std::int64_t index) const`.
template <class Body>
struct Each
{
    static constexpr int threads = 256;
    using Shared = Nothing;
    using Registers = Nothing;

    Body body;
    std::int64_t count;

    [[nodiscard]] BOTTEGA_HOST_DEVICE int phases() const { return 1; }
    BOTTEGA_HOST_DEVICE void phase(int, const Place &place, Shared &, Registers &) const
    {
        const std::int64_t index = std::int64_t{place.x} * threads + place.thread;
        if (index < count)
            body(index);
    }
};

/// Order in which the emulation runs the threads of a phase; a result that depends on it is a race.
enum class ThreadOrder {
    Forward,
    Backward,
};

/// What a queue needs to start a kernel: on a device by `function`, on the host by `emulate`.
struct Launch
{
    const char *name = "";
    Blocks blocks;
    int threads = 0;
    std::size_t sharedBytes = 0;
    std::vector<std::byte> kernel; // the struct
    const void *function = nullptr; // null where no device code was built
    void (*emulate)(const std::byte *kernel, const Place &block, ThreadOrder order) = nullptr;
};

/// One block on the host. Shared memory and registers start as NaN, so that a value used before it is set shows.
template <class Kernel>
void emulateBlock(const std::byte *bytes, const Place &block, ThreadOrder order)
{
    alignas(Kernel) std::byte copy[sizeof(Kernel)];
    std::memcpy(copy, bytes, sizeof(Kernel));
    const auto &kernel = *reinterpret_cast<const Kernel *>(copy);
    std::vector<typename Kernel::Shared> shared(1);
    std::vector<typename Kernel::Registers> registers(static_cast<std::size_t>(Kernel::threads));
    std::memset(static_cast<void *>(shared.data()), 0xff, sizeof(typename Kernel::Shared));
    std::memset(static_cast<void *>(registers.data()), 0xff, sizeof(typename Kernel::Registers) * registers.size());
    for (int number = 0; number < kernel.phases(); ++number) {
        for (int i = 0; i < Kernel::threads; ++i) {
            Place place = block;
            place.thread = order == ThreadOrder::Forward ? i : Kernel::threads - 1 - i;
            kernel.phase(number, place, shared[0], registers[static_cast<std::size_t>(place.thread)]);
        }
    }
}

#if defined(__CUDACC__)
template <class Kernel>
__global__ void __launch_bounds__(Kernel::threads) runKernel(const __grid_constant__ Kernel kernel)
{
    __shared__ typename Kernel::Shared shared;
    typename Kernel::Registers registers;
    const Place place{static_cast<std::int32_t>(blockIdx.x), static_cast<std::int32_t>(blockIdx.y),
                      static_cast<std::int32_t>(blockIdx.z), static_cast<std::int32_t>(threadIdx.x)};
    const int phases = kernel.phases();
    for (int number = 0; number < phases; ++number) {
        if (number > 0)
            __syncthreads();
        kernel.phase(number, place, shared, registers);
    }
}

template <class Kernel>
const void *deviceFunction()
{
    return reinterpret_cast<const void *>(&runKernel<Kernel>);
}
#else
template <class Kernel>
const void *deviceFunction()
{
    return nullptr;
}
#endif

/// `name` must outlive the launch. Instantiate in a .cu file only: elsewhere there is no device code.
template <class Kernel>
[[nodiscard]] Launch makeLaunch(const char *name, const Kernel &kernel, const Blocks &blocks)
{
    static_assert(std::is_trivially_copyable_v<Kernel> && sizeof(Kernel) <= 4000);
    Launch launch{name, blocks, Kernel::threads, sizeof(typename Kernel::Shared), {}, deviceFunction<Kernel>(),
                  &emulateBlock<Kernel>};
    launch.kernel.resize(sizeof(Kernel));
    std::memcpy(launch.kernel.data(), &kernel, sizeof(Kernel));
    return launch;
}

template <class Body>
[[nodiscard]] Launch makeLaunch(const char *name, const Body &body, std::int64_t count)
{
    const Each<Body> kernel{body, count};
    return makeLaunch(name, kernel, Blocks{(count + kernel.threads - 1) / kernel.threads});
}

} // namespace bottega::engine::cuda
