// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/hostdevice.h"

#include <cstdint>

namespace bottega::engine {

/// 32 well-mixed bits of x; the finalizer of MurmurHash3 (Appleby).
BOTTEGA_HOST_DEVICE inline std::uint32_t mixed(std::uint32_t x)
{
    x ^= x >> 16;
    x *= 0x85ebca6bu;
    x ^= x >> 13;
    x *= 0xc2b2ae35u;
    return x ^ (x >> 16);
}

/// The key of one step of one layer; features and places in the batch are mixed into it.
BOTTEGA_HOST_DEVICE inline std::uint32_t dropoutKey(std::uint64_t seed, std::int64_t step)
{
    return mixed(static_cast<std::uint32_t>(seed) ^ mixed(static_cast<std::uint32_t>(seed >> 32) + 0x9e3779b9u)) ^
           mixed(static_cast<std::uint32_t>(step) * 0x9e3779b9u + 0x7f4a7c15u);
}

/// Rates as 32-bit thresholds: a value is dropped where its bits lie below.
BOTTEGA_HOST_DEVICE inline std::uint32_t dropoutThreshold(float rate)
{
    return static_cast<std::uint32_t>(static_cast<double>(rate) * 4294967296.0);
}

/// What survivors are multiplied by.
BOTTEGA_HOST_DEVICE inline float dropoutScale(float rate)
{
    return 1.0f / (1.0f - rate);
}

BOTTEGA_HOST_DEVICE inline bool isDropped(std::uint32_t key, std::uint32_t threshold, std::uint32_t feature,
                                          std::uint32_t place)
{
    return mixed(key ^ mixed(feature * 0x9e3779b9u + place)) < threshold;
}

} // namespace bottega::engine
