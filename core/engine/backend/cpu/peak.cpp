// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cpu/peak.h"

#include "core/base/clock.h"
#include "core/engine/backend/cpu/team.h"

#include <algorithm>
#include <vector>

namespace bottega::engine::cpu {

namespace {

constexpr int tries = 10;
constexpr double secondsOfTry = 0.01;

} // namespace

double peakFlops(const InstructionSet &set, int threads)
{
    Team team(threads);
    std::vector<float> results(static_cast<std::size_t>(threads)); // asked for, so that the work is done
    const auto measure = [&](std::ptrdiff_t rounds) {
        std::vector<double> operations(static_cast<std::size_t>(threads));
        const double started = steadyTime();
        team.run([&](int worker) {
            const auto i = static_cast<std::size_t>(worker);
            operations[i] = set.kernels->peak(rounds, 0.5f, &results[i]);
        });
        const double seconds = steadyTime() - started;
        double flops = 0;
        for (const double done : operations)
            flops += done / seconds;
        return std::pair(flops, seconds);
    };
    std::ptrdiff_t rounds = 10'000;
    while (measure(rounds).second < secondsOfTry / 2)
        rounds *= 2;
    double best = 0;
    for (int i = 0; i < tries; ++i)
        best = std::max(best, measure(rounds).first);
    return best;
}

} // namespace bottega::engine::cpu
