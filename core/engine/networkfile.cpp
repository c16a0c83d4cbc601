// SPDX-License-Identifier: Apache-2.0
#include "core/engine/networkfile.h"

#include "core/base/json.h"
#include "core/base/safename.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace bottega::engine {

namespace {

constexpr const char *networkKey = "network";
constexpr std::size_t mostLinearLayers = 64;
constexpr std::int64_t largestExtent = 65'536;
constexpr std::int64_t largestPicture = 4'096;

Shape shapeOf(const NpyArray &array)
{
    return {array.shape.begin(), array.shape.end()};
}

std::string weightsKey(std::size_t layer)
{
    return "l" + std::to_string(layer + 1) + "/W";
}

tl::unexpected<Error> corrupt(const std::string &what)
{
    return fail(ErrorCode::Corrupt, what, {}, "the weights were not used");
}

Result<const NpyArray *> findArray(const NpzArrays &arrays, const std::string &key)
{
    const auto found = arrays.find(key);
    if (found != arrays.end())
        return &found->second;
    std::string present;
    for (const auto &[name, array] : arrays)
        present += (present.empty() ? "" : ", ") + name;
    return corrupt("The weights lack " + key + "; they have " + (present.empty() ? "nothing" : printable(present)));
}

/// The largest number in keys of the form l<number>/…; 0 where there is none.
std::size_t lastLayer(const NpzArrays &arrays)
{
    std::size_t last = 0;
    for (const auto &[key, array] : arrays) {
        std::size_t number = 0;
        const auto [stop, failure] = std::from_chars(key.data() + std::min<std::size_t>(1, key.size()),
                                                     key.data() + key.size(), number);
        if (key.starts_with('l') && failure == std::errc() && stop != key.data() + key.size() && *stop == '/')
            last = std::max(last, number);
    }
    return last;
}

/// Extents from pixels to classes of the linear layers l1, l2, ….
Result<std::vector<std::int64_t>> linearExtents(const NpzArrays &arrays)
{
    std::vector<std::int64_t> extents;
    for (std::size_t i = 0; i == 0 || arrays.contains(weightsKey(i)); ++i) {
        const auto array = findArray(arrays, weightsKey(i));
        if (!array)
            return fail(array.error());
        const Shape shape = shapeOf(**array);
        const auto isExtent = [](std::int64_t extent) { return extent >= 1 && extent <= largestExtent; };
        if (shape.size() != 2 || !isExtent(shape[0]) || !isExtent(shape[1]) || i == mostLinearLayers)
            return corrupt(weightsKey(i) + " has the shape " + shapeText(shape) +
                           ": up to 64 layers [out, in] of at most 65,536 each are read");
        if (i > 0 && shape[1] != extents.back())
            return corrupt(weightsKey(i) + " reads " + std::to_string(shape[1]) + " values, but the layer before gives " +
                           std::to_string(extents.back()));
        if (i == 0)
            extents.push_back(shape[1]);
        extents.push_back(shape[0]);
    }
    // A layer further on means that one in between is missing, not that the net ends here.
    if (const std::size_t layers = extents.size() - 1; lastLayer(arrays) > layers)
        return corrupt("The weights lack " + weightsKey(layers) + ", but have l" + std::to_string(lastLayer(arrays)));
    return extents;
}

Result<NetworkPlan> asCorrupt(Result<NetworkPlan> plan)
{
    if (plan)
        return plan;
    return corrupt("The network of these weights makes no sense: " + plan.error().what);
}

Result<NetworkPlan> planOfLinear(const NpzArrays &arrays)
{
    const auto extents = linearExtents(arrays);
    if (!extents)
        return fail(extents.error());
    return asCorrupt(planNetwork(mlpNetwork({extents->begin() + 1, extents->end() - 1}), {extents->front()},
                                 extents->back()));
}

Result<NetworkPlan> planOfDescription(const NpyArray &array)
{
    const auto json = parseJson(array.bytes, networkKey);
    if (array.type != NpyType::UInt8 || !json || !json->is_object() || !json->contains("layers"))
        return corrupt("The entry \"network\" does not describe a network");
    const auto spec = parseNetwork(dumpJson({{"layers", (*json)["layers"]}}));
    if (!spec)
        return corrupt("The entry \"network\" is wrong: " + spec.error().what);
    Shape picture;
    if (const auto found = json->find("picture"); found != json->end() && found->is_array() && found->size() <= 3) {
        for (const Json &extent : *found)
            picture.push_back(extent.is_number_integer() ? extent.get<std::int64_t>() : 0);
    }
    const auto isExtent = [&](std::int64_t extent) {
        return extent >= 1 && extent <= (picture.size() == 1 ? largestExtent : largestPicture);
    };
    if ((picture.size() != 1 && picture.size() != 3) || !std::all_of(picture.begin(), picture.end(), isExtent))
        return corrupt("The entry \"network\" tells no size of pictures");
    return asCorrupt(planNetwork(*spec, picture, integerMember(*json, "classes", 1)));
}

bool isPlainLinear(const NetworkPlan &plan)
{
    for (std::size_t i = 0; i < plan.layers.size(); ++i) {
        const LayerSpec &layer = plan.layers[i].spec;
        const bool isLinear = layer.type == LayerType::Linear && layer.name == "l" + std::to_string(i / 2 + 1);
        if (i % 2 == 0 ? !isLinear : layer.type != LayerType::Relu)
            return false;
    }
    return plan.layers.size() % 2 == 1;
}

} // namespace

void saveTensor(Backend &backend, const Tensor &tensor, NpzArrays &arrays, const std::string &key)
{
    std::vector<float> values(static_cast<std::size_t>(tensor.count()));
    backend.download(tensor, values);
    arrays[key] = NpyArray::fromFloats({tensor.shape().begin(), tensor.shape().end()}, values.data());
}

Result<void> loadTensor(Backend &backend, Tensor &tensor, const NpzArrays &arrays, const std::string &key)
{
    const auto array = findArray(arrays, key);
    if (!array)
        return fail(array.error());
    if (shapeOf(**array) != tensor.shape())
        return corrupt(key + " has the shape " + shapeText(shapeOf(**array)) + ", not " + shapeText(tensor.shape()));
    const auto values = (*array)->toFloats();
    if (!values)
        return corrupt(key + ": " + values.error().what);
    const auto wrong = std::find_if_not(values->begin(), values->end(), [](float v) { return std::isfinite(v); });
    if (wrong != values->end())
        return corrupt(key + " holds " + (std::isnan(*wrong) ? "NaN" : "infinity") + " at index " +
                       std::to_string(wrong - values->begin()));
    backend.upload(*values, tensor);
    return {};
}

void describeNetwork(const NetworkPlan &plan, NpzArrays &arrays)
{
    if (isPlainLinear(plan))
        return;
    Json json = networkToJson(plan.spec());
    json["picture"] = plan.picture;
    json["classes"] = plan.classes;
    const std::string text = dumpJson(json);
    arrays[networkKey] = {NpyType::UInt8, {text.size()}, text};
}

Result<NetworkPlan> planOfWeights(const NpzArrays &arrays)
{
    const auto described = arrays.find(networkKey);
    return described == arrays.end() ? planOfLinear(arrays) : planOfDescription(described->second);
}

} // namespace bottega::engine
