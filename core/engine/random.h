// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace bottega::engine {

/// xoshiro256++ (Blackman and Vigna), seeded through splitmix64. Its normals come from the polar method with a logarithm
/// of our own: only operations that IEEE 754 rounds exactly, so a seed gives the same numbers on every machine.
class Random
{
public:
    using State = std::array<std::uint64_t, 4>;

    /// Streams of one seed are independent: the order of the samples does not hang on the size of the net.
    explicit Random(std::uint64_t seed, std::uint64_t stream = 0);
    explicit Random(const State &state) : m_state(state) {}

    [[nodiscard]] std::uint64_t next();
    [[nodiscard]] std::uint32_t below(std::uint32_t bound); // evenly from [0, bound)
    [[nodiscard]] double uniform();                         // evenly from [0, 1), in steps of 2^-53
    [[nodiscard]] double normal();                          // mean 0, variance 1

    void shuffle(std::span<std::int32_t> values);

    /// All that later numbers depend on, between two shuffles; a normal kept in reserve is not part of it.
    [[nodiscard]] const State &state() const { return m_state; }

private:
    State m_state{};
    std::optional<double> m_spare;
};

} // namespace bottega::engine
