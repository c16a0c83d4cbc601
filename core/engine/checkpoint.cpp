// SPDX-License-Identifier: Apache-2.0
#include "core/engine/checkpoint.h"

#include "core/base/json.h"

#include <charconv>
#include <cstdlib>

namespace bottega::engine {

namespace fs = std::filesystem;

namespace {

constexpr int currentFormat = 2;
constexpr int oldestFormat = 1; // without optimizers to choose: their parameters had one value only

tl::unexpected<Error> corrupt(const std::string &what, const fs::path &path)
{
    return fail(ErrorCode::Corrupt, what, path.string(), "nothing was used of it", "Go on from an earlier checkpoint");
}

NpyArray encodeOrder(const std::vector<std::int32_t> &order)
{
    NpyArray array{NpyType::Int32, {order.size()}, {}};
    array.bytes.resize(order.size() * sizeof(std::int32_t));
    for (std::size_t i = 0; i < order.size(); ++i) {
        for (std::size_t b = 0; b < 4; ++b)
            array.bytes[4 * i + b] = static_cast<char>(static_cast<std::uint32_t>(order[i]) >> (8 * b));
    }
    return array;
}

/// Empty where the array is no permutation of 0 … N−1: its values become indices into the data.
std::vector<std::int32_t> decodeOrder(const NpyArray &array)
{
    if (array.type != NpyType::Int32 || array.shape.size() != 1 || array.bytes.size() != 4 * array.shape[0])
        return {};
    std::vector<std::int32_t> order(array.shape[0]);
    std::vector<bool> isSeen(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        std::uint32_t value = 0;
        for (std::size_t b = 0; b < 4; ++b)
            value |= std::uint32_t{static_cast<unsigned char>(array.bytes[4 * i + b])} << (8 * b);
        if (value >= order.size() || isSeen[value])
            return {};
        isSeen[value] = true;
        order[i] = static_cast<std::int32_t>(value);
    }
    return order;
}

Json encodeState(const Checkpoint &checkpoint)
{
    Json params = Json::object();
    for (const auto &[name, value] : checkpoint.params)
        params[name] = value;
    return {{"format", currentFormat},         {"recipe", checkpoint.recipe},
            {"params", params},                {"data", checkpoint.data},
            {"step", checkpoint.step},         {"epoch", checkpoint.epoch},
            {"bestEpoch", checkpoint.bestEpoch},       {"bestAccuracy", checkpoint.bestAccuracy},
            {"bestLoss", checkpoint.bestLoss},         {"position", checkpoint.sampler.position},
            {"random", checkpoint.sampler.random}};
}

bool decodeRandom(const Json &state, Random::State &random)
{
    const auto found = state.find("random");
    if (found == state.end() || !found->is_array() || found->size() != random.size())
        return false;
    for (std::size_t i = 0; i < random.size(); ++i) {
        if (!(*found)[i].is_number_unsigned())
            return false;
        random[i] = (*found)[i].get<std::uint64_t>();
    }
    return random != Random::State{}; // all zero is the one state the generator never leaves
}

void decodeState(const Json &state, Checkpoint &checkpoint)
{
    checkpoint.recipe = stringMember(state, "recipe");
    checkpoint.data = static_cast<std::uint32_t>(integerMember(state, "data"));
    checkpoint.step = integerMember(state, "step", -1);
    checkpoint.epoch = integerMember(state, "epoch", -1);
    checkpoint.bestEpoch = integerMember(state, "bestEpoch");
    checkpoint.bestAccuracy = numberMember(state, "bestAccuracy");
    checkpoint.bestLoss = numberMember(state, "bestLoss");
    checkpoint.sampler.position = integerMember(state, "position", -1);
    if (const auto params = state.find("params"); params != state.end() && params->is_object()) {
        for (const auto &[name, value] : params->items())
            checkpoint.params.emplace_back(name, value.is_string() ? value.get<std::string>() : std::string());
    }
}

/// The samples dealt out must be those of the steps done. Every number is of foreign origin, so none may overflow.
bool isConsistent(const Checkpoint &checkpoint)
{
    constexpr std::int64_t largest = std::int64_t{1} << 31;
    const auto count = static_cast<std::int64_t>(checkpoint.sampler.order.size());
    const std::int64_t position = checkpoint.sampler.position;
    const std::string text = checkpoint.param("batchsize");
    std::int64_t batchSize = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), batchSize);
    const auto isPlausible = [](std::int64_t number) { return number >= 0 && number <= largest; };
    return parsed.ec == std::errc() && isPlausible(batchSize) && isPlausible(checkpoint.step) &&
           isPlausible(checkpoint.epoch) && isPlausible(checkpoint.bestEpoch) &&
           checkpoint.bestEpoch <= checkpoint.epoch && isPlausible(count) && position >= 0 && position < count &&
           checkpoint.step * batchSize == checkpoint.epoch * count + position;
}

} // namespace

std::string Checkpoint::param(const std::string &name) const
{
    for (const auto &[known, value] : params) {
        if (known == name)
            return value;
    }
    return {};
}

Result<void> saveCheckpoint(const fs::path &path, const Checkpoint &checkpoint)
{
    NpzArrays arrays = checkpoint.arrays;
    const std::string state = dumpJson(encodeState(checkpoint));
    arrays["order"] = encodeOrder(checkpoint.sampler.order);
    arrays["state"] = {NpyType::UInt8, {state.size()}, state};
    return writeNpz(path, arrays);
}

Result<Checkpoint> readCheckpoint(const FilePlace &place)
{
    const fs::path &path = place.path();
    auto arrays = readNpz(place);
    if (!arrays)
        return fail(arrays.error());
    const auto state = arrays->find("state");
    const auto order = arrays->find("order");
    if (state == arrays->end() || order == arrays->end() || state->second.type != NpyType::UInt8)
        return corrupt("This is no checkpoint: it lacks 'state' or 'order'", path);
    const auto json = parseJson(state->second.bytes, path.string() + ", state");
    if (!json)
        return fail(json.error());
    const std::int64_t format = json->is_object() ? integerMember(*json, "format") : 0;
    if (format < oldestFormat || format > currentFormat)
        return corrupt("The checkpoint is of a format that this version does not know", path);
    Checkpoint checkpoint;
    decodeState(*json, checkpoint);
    checkpoint.sampler.order = decodeOrder(order->second);
    if (!decodeRandom(*json, checkpoint.sampler.random) || checkpoint.sampler.order.empty() || !isConsistent(checkpoint))
        return corrupt("The parts of the checkpoint contradict each other", path);
    checkpoint.arrays = std::move(*arrays);
    return checkpoint;
}

} // namespace bottega::engine
