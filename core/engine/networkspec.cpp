// SPDX-License-Identifier: Apache-2.0
#include "core/engine/networkspec.h"

#include "core/base/safename.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <string_view>

namespace bottega::engine {

namespace {

constexpr std::size_t mostLayers = 256;
constexpr std::int64_t largestExtent = 65'536;
constexpr std::int64_t largestKernel = 64;

/// A member of a layer's JSON and the field that it fills.
struct Member
{
    const char *name;
    std::int64_t LayerSpec::*number = nullptr;
    std::int64_t minimum = 0;
    std::int64_t maximum = 0;
    bool isRequired = false;
};

struct TypeEntry
{
    LayerType type;
    const char *name;
    std::span<const Member> members;
};

constexpr std::array linearMembers = {Member{"units", &LayerSpec::units, 1, largestExtent, false}};
constexpr std::array convMembers = {Member{"channels", &LayerSpec::units, 1, 4'096, true},
                                    Member{"kernel", &LayerSpec::kernel, 1, largestKernel, true},
                                    Member{"stride", &LayerSpec::stride, 1, largestKernel, false},
                                    Member{"padding", &LayerSpec::padding, 0, largestKernel - 1, false}};
constexpr std::array poolMembers = {Member{"kernel", &LayerSpec::kernel, 1, largestKernel, true},
                                    Member{"stride", &LayerSpec::stride, 1, largestKernel, false},
                                    Member{"padding", &LayerSpec::padding, 0, largestKernel - 1, false}};
constexpr std::array dropoutMembers = {Member{"rate"}};
constexpr std::array addMembers = {Member{"with"}};

constexpr std::array types = {
    TypeEntry{LayerType::Linear, "linear", linearMembers},     TypeEntry{LayerType::Conv2d, "conv2d", convMembers},
    TypeEntry{LayerType::MaxPool, "maxpool", poolMembers},     TypeEntry{LayerType::AveragePool, "avgpool", poolMembers},
    TypeEntry{LayerType::Relu, "relu", {}},                    TypeEntry{LayerType::Gelu, "gelu", {}},
    TypeEntry{LayerType::Tanh, "tanh", {}},                    TypeEntry{LayerType::BatchNorm, "batchnorm", {}},
    TypeEntry{LayerType::Dropout, "dropout", dropoutMembers},  TypeEntry{LayerType::Flatten, "flatten", {}},
    TypeEntry{LayerType::Add, "add", addMembers},
};

const TypeEntry &entryOf(LayerType type)
{
    return *std::find_if(types.begin(), types.end(), [type](const TypeEntry &entry) { return entry.type == type; });
}

bool isPool(LayerType type)
{
    return type == LayerType::MaxPool || type == LayerType::AveragePool;
}

std::string knownTypes()
{
    std::string text;
    for (const TypeEntry &entry : types)
        text += (text.empty() ? "" : ", ") + std::string(entry.name);
    return text;
}

tl::unexpected<Error> wrong(const std::string &what, const std::string &remedy = {})
{
    return fail(ErrorCode::Usage, what, {}, {}, remedy);
}

/// Reads one object of "layers"; errors begin with its number and type.
class LayerReader
{
public:
    LayerReader(const Json &json, std::size_t index) : m_json(json), m_place("layer " + std::to_string(index + 1)) {}

    Result<LayerSpec> read()
    {
        if (!m_json.is_object())
            return wrong(m_place + " is no object", "Write it as {\"type\": \"linear\", \"units\": 100}");
        const std::string typeName = stringMember(m_json, "type");
        const auto entry = std::find_if(types.begin(), types.end(), [&](const auto &t) { return typeName == t.name; });
        if (entry == types.end())
            return wrong(m_place + (typeName.empty() ? " has no \"type\"" : " has the unknown type \"" + printable(typeName, 40) + "\""),
                         "Known types: " + knownTypes());
        m_place += " (" + typeName + ")";
        m_spec.type = entry->type;
        for (const auto &[name, value] : m_json.items()) {
            if (auto set = setMember(*entry, name, value); !set)
                return fail(set.error());
        }
        for (const Member &member : entry->members) {
            if (member.isRequired && !m_json.contains(member.name))
                return wrong(m_place + " lacks \"" + member.name + "\"");
        }
        if (isPool(m_spec.type) && !m_json.contains("stride"))
            m_spec.stride = m_spec.kernel;
        if (m_spec.type == LayerType::Add && m_spec.with.empty())
            return wrong(m_place + " lacks \"with\"", "Name the earlier layer whose output is added, or \"input\"");
        return m_spec;
    }

private:
    Result<void> setMember(const TypeEntry &entry, const std::string &name, const Json &value)
    {
        if (name == "type")
            return {};
        if (name == "name")
            return setName(m_spec.name, name, value);
        const auto isNamed = [&name](const Member &member) { return name == member.name; };
        const auto member = std::find_if(entry.members.begin(), entry.members.end(), isNamed);
        if (member == entry.members.end())
            return wrong(m_place + " has the unknown member \"" + printable(name, 40) + "\"", known(entry));
        if (member->number)
            return setNumber(*member, value);
        return name == "with" ? setName(m_spec.with, name, value) : setRate(value);
    }

    Result<void> setNumber(const Member &member, const Json &value)
    {
        if (!value.is_number_integer() || value.get<double>() < static_cast<double>(member.minimum) ||
            value.get<double>() > static_cast<double>(member.maximum))
            return wrong(m_place + ": \"" + member.name + "\" must be a whole number from " +
                         std::to_string(member.minimum) + " to " + std::to_string(member.maximum));
        m_spec.*member.number = value.get<std::int64_t>();
        return {};
    }

    Result<void> setRate(const Json &value)
    {
        if (!value.is_number() || !(value.get<double>() >= 0) || value.get<double>() > 0.99)
            return wrong(m_place + ": \"rate\" must be a number from 0 to 0.99");
        m_spec.rate = value.get<double>();
        return {};
    }

    Result<void> setName(std::string &field, const std::string &member, const Json &value)
    {
        const auto isAllowed = [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-'; };
        const std::string text = value.is_string() ? value.get<std::string>() : std::string();
        if (text.empty() || text.size() > 40 || !std::all_of(text.begin(), text.end(), isAllowed))
            return wrong(m_place + ": \"" + member + "\" must be 1 to 40 letters, digits, _ or -");
        field = text;
        return {};
    }

    static std::string known(const TypeEntry &entry)
    {
        std::string text = "It takes name";
        for (const Member &member : entry.members)
            text += ", " + std::string(member.name);
        return text;
    }

    const Json &m_json;
    std::string m_place;
    LayerSpec m_spec;
};

/// The first member that an object has twice, where the parser would quietly take the last; empty: none. `text` is valid.
std::string repeatedMember(const std::string &text)
{
    std::vector<std::set<std::string>> open;
    std::string repeated;
    const auto look = [&](int, Json::parse_event_t event, Json &value) {
        if (event == Json::parse_event_t::object_start)
            open.emplace_back();
        else if (event == Json::parse_event_t::object_end)
            open.pop_back();
        else if (event == Json::parse_event_t::key && !open.back().insert(value.get<std::string>()).second && repeated.empty())
            repeated = value.get<std::string>();
        return true;
    };
    [[maybe_unused]] const Json parsed = Json::parse(text, look);
    return repeated;
}

LayerSpec layer(LayerType type, std::int64_t units = 0, std::int64_t kernel = 0)
{
    LayerSpec spec;
    spec.type = type;
    spec.units = units;
    spec.kernel = kernel;
    spec.stride = isPool(type) ? kernel : 1;
    return spec;
}

} // namespace

const char *layerTypeName(LayerType type)
{
    return entryOf(type).name;
}

Result<NetworkSpec> parseNetwork(const std::string &text)
{
    const auto json = parseJson(text, "network description");
    if (!json) {
        Error error = json.error();
        error.code = ErrorCode::Usage;
        return fail(error);
    }
    if (const std::string name = repeatedMember(text); !name.empty())
        return wrong("The network description gives the member \"" + printable(name, 40) + "\" of one object twice");
    const auto layers = json->is_object() ? json->find("layers") : json->end();
    if (!json->is_object() || layers == json->end() || !layers->is_array() || layers->empty())
        return wrong("The network has no \"layers\"", "Write {\"layers\": [{\"type\": \"linear\"}]}");
    for (const auto &[name, value] : json->items()) {
        if (name != "layers")
            return wrong("The network has the unknown member \"" + printable(name, 40) + "\"", "It takes layers");
    }
    if (layers->size() > mostLayers)
        return wrong("The network has " + std::to_string(layers->size()) + " layers; 256 at most are read");
    NetworkSpec spec;
    for (std::size_t i = 0; i < layers->size(); ++i) {
        auto read = LayerReader((*layers)[i], i).read();
        if (!read)
            return fail(read.error());
        spec.layers.push_back(std::move(*read));
    }
    return spec;
}

Json networkToJson(const NetworkSpec &spec)
{
    Json layers = Json::array();
    for (const LayerSpec &layer : spec.layers) {
        Json json = {{"type", layerTypeName(layer.type)}};
        if (!layer.name.empty())
            json["name"] = layer.name;
        for (const Member &member : entryOf(layer.type).members) {
            if (member.number && (layer.*member.number != 0 || member.minimum == 0))
                json[member.name] = layer.*member.number;
        }
        if (layer.type == LayerType::Dropout)
            json["rate"] = layer.rate;
        if (layer.type == LayerType::Add)
            json["with"] = layer.with;
        layers.push_back(std::move(json));
    }
    return {{"layers", std::move(layers)}};
}

NetworkSpec mlpNetwork(const std::vector<std::int64_t> &hidden)
{
    NetworkSpec spec;
    for (const std::int64_t units : hidden) {
        spec.layers.push_back(layer(LayerType::Linear, units));
        spec.layers.push_back(layer(LayerType::Relu));
    }
    spec.layers.push_back(layer(LayerType::Linear));
    return spec;
}

NetworkSpec cnnNetwork()
{
    return {{layer(LayerType::Conv2d, 20, 5), layer(LayerType::Relu), layer(LayerType::MaxPool, 0, 2),
             layer(LayerType::Conv2d, 50, 5), layer(LayerType::Relu), layer(LayerType::MaxPool, 0, 2),
             layer(LayerType::Flatten), layer(LayerType::Linear, 500), layer(LayerType::Relu), layer(LayerType::Linear)}};
}

NetworkSpec smallCnnNetwork()
{
    return {{layer(LayerType::Conv2d, 8, 3), layer(LayerType::Relu), layer(LayerType::MaxPool, 0, 2),
             layer(LayerType::Conv2d, 16, 3), layer(LayerType::Relu), layer(LayerType::MaxPool, 0, 2),
             layer(LayerType::Flatten), layer(LayerType::Linear)}};
}

} // namespace bottega::engine
