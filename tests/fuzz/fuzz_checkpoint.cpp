// SPDX-License-Identifier: Apache-2.0
#include "core/engine/checkpoint.h"
#include "core/formats/npz/zip.h"
#include "tests/fuzz/arrays.h"

#include <set>

namespace bottega::fuzz {

namespace {

void readWhole(std::string_view bytes)
{
    const MemoryFile file(bytes);
    const auto checkpoint = engine::readCheckpoint(file.path());
    if (!checkpoint)
        return;
    const auto &order = checkpoint->sampler.order;
    require(std::set(order.begin(), order.end()).size() == order.size());
    for (const std::int32_t sample : order)
        require(sample >= 0 && static_cast<std::size_t>(sample) < order.size());
    require(checkpoint->step >= 0 && checkpoint->epoch >= 0 && checkpoint->sampler.position >= 0);
    for (const auto &[name, array] : checkpoint->arrays)
        requireSound(array);
}

/// An archive with a sound CRC around the parts of the input: state in JSON, a NUL, the order of the samples.
std::string archived(std::string_view bytes)
{
    const std::string state(bytes.substr(0, bytes.find('\0')));
    std::string order(bytes.substr(std::min(bytes.size(), state.size() + 1)));
    order.resize(order.size() / sizeof(std::int32_t) * sizeof(std::int32_t));
    const NpyArray stateArray{NpyType::UInt8, {state.size()}, state};
    const NpyArray orderArray{NpyType::Int32, {order.size() / sizeof(std::int32_t)}, order};
    return zip::pack({{"state.npy", encodeNpy(stateArray)}, {"order.npy", encodeNpy(orderArray)}}).value_or("");
}

} // namespace

void takeInput(std::string_view bytes)
{
    readWhole(bytes);
    readWhole(archived(bytes));
}

} // namespace bottega::fuzz
