// SPDX-License-Identifier: Apache-2.0
// Images per second of the training step alone (784-100-100-10, batch 128, one thread), per instruction set: median and
// best over epochs of 60,000 random pictures. CPU time stands beside wall time for machines that do other work meanwhile.
#include "core/base/clock.h"
#include "core/engine/backend/cpu/cpubackend.h"
#include "core/engine/network.h"
#include "core/engine/sampler.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <vector>

using namespace bottega;
using namespace bottega::engine;

namespace {

constexpr std::int64_t count = 60'000;
constexpr std::int64_t features = 784;
constexpr std::int64_t batchSize = 128;
constexpr int epochs = 7;
constexpr int steps = count / batchSize;

double cpuTime()
{
    timespec now = {};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

Samples randomPictures(Backend &backend)
{
    Random random(1);
    std::vector<std::uint8_t> pixels(count * features), labels(count);
    for (std::uint8_t &pixel : pixels) // a fifth of MNIST's pixels are ink
        pixel = random.below(5) == 0 ? static_cast<std::uint8_t>(random.below(256)) : std::uint8_t{0};
    for (std::uint8_t &label : labels)
        label = static_cast<std::uint8_t>(random.below(10));
    return backend.hold(std::move(pixels), std::move(labels));
}

void measure(const cpu::InstructionSet &set)
{
    CpuBackend backend(set);
    const Samples samples = randomPictures(backend);
    Network network(backend, {features, 100, 100, 10});
    Random random(2);
    network.initialize(random);
    Workspace workspace = network.makeWorkspace(batchSize, true);
    Sampler sampler(count, batchSize, Random(3));
    std::vector<double> wall, cpu;
    for (int epoch = 0; epoch < epochs; ++epoch) {
        const double wallStart = steadyTime(), cpuStart = cpuTime();
        for (int i = 0; i < steps; ++i)
            network.step({samples, sampler.next()}, {0.01f, 0.9f}, workspace);
        wall.push_back(steps * batchSize / (steadyTime() - wallStart));
        cpu.push_back(steps * batchSize / (cpuTime() - cpuStart));
    }
    std::sort(wall.begin(), wall.end());
    std::sort(cpu.begin(), cpu.end());
    std::printf("%-12s wall: median %8.0f best %8.0f images/s   CPU time: median %8.0f best %8.0f images/s\n",
                backend.name().c_str(), wall[epochs / 2], wall.back(), cpu[epochs / 2], cpu.back());
}

} // namespace

int main()
{
    for (const cpu::InstructionSet &set : cpu::instructionSets())
        measure(set);
    return 0;
}
