// SPDX-License-Identifier: Apache-2.0
#include "core/formats/safetensors/safetensorsheader.h"

#include "core/base/json.h"
#include "core/base/safename.h"

#include <algorithm>
#include <array>
#include <set>

namespace bottega::safetensors {

namespace {

constexpr std::size_t maximumDimensions = 64;
constexpr std::array<std::string_view, 3> fieldNames = {"dtype", "shape", "data_offsets"};
enum Field { Type, Shape, Offsets };

std::string shown(const std::string &name)
{
    return "“" + printable(name, 100) + "”";
}

/// Takes the events of the JSON parser, which never recurses; any one that is out of place ends the parsing.
class HeaderReader final : public nlohmann::json_sax<Json>
{
public:
    Header header;
    std::string problem;

    bool start_object(std::size_t) override
    {
        switch (m_level) {
        case Level::Outside: m_level = Level::Names; return true;
        case Level::Names: return startEntry();
        default: return outOfPlace();
        }
    }

    bool end_object() override
    {
        const bool isWhole = m_level != Level::Entry || finishEntry();
        m_level = m_level == Level::Names ? Level::Outside : Level::Names;
        return isWhole;
    }

    bool key(std::string &text) override
    {
        if (m_level == Level::Entry)
            return startField(text);
        auto &known = m_level == Level::Metadata ? m_metadataKeys : m_names;
        if (known.size() == maximumEntries)
            return refuse("it has more than " + std::to_string(maximumEntries) + " entries");
        m_name = text;
        return known.insert(std::move(text)).second || refuse(shown(m_name) + " comes twice");
    }

    bool string(std::string &text) override
    {
        if (m_level == Level::Metadata)
            header.metadata.emplace(m_name, std::move(text));
        else if (m_level == Level::Entry && m_field == Type)
            m_entry.type = std::move(text);
        else
            return outOfPlace();
        return true;
    }

    bool start_array(std::size_t) override
    {
        if (m_level != Level::Entry || m_field == Type)
            return outOfPlace();
        m_level = Level::Numbers;
        m_numbers.clear();
        return true;
    }

    bool number_unsigned(std::uint64_t value) override
    {
        if (m_level != Level::Numbers)
            return outOfPlace();
        if (m_numbers.size() == maximumDimensions)
            return refuse(shown(m_name) + " has more than " + std::to_string(maximumDimensions) + " dimensions");
        m_numbers.push_back(value);
        return true;
    }

    bool end_array() override
    {
        m_level = Level::Entry;
        if (m_field == Shape) {
            m_entry.shape = m_numbers;
            return true;
        }
        if (m_numbers.size() != 2)
            return refuse("the offsets of " + shown(m_name) + " are not two");
        m_entry.begin = m_numbers[0];
        m_entry.end = m_numbers[1];
        return true;
    }

    bool null() override { return outOfPlace(); }
    bool boolean(bool) override { return outOfPlace(); }
    bool number_integer(std::int64_t) override { return outOfPlace(); }
    bool number_float(double, const std::string &) override { return outOfPlace(); }
    bool binary(Json::binary_t &) override { return outOfPlace(); }
    bool parse_error(std::size_t position, const std::string &, const Json::exception &) override
    {
        return refuse("it is no valid JSON from byte " + std::to_string(lengthBytes + position) + " on");
    }

private:
    enum class Level { Outside, Names, Metadata, Entry, Numbers };

    bool refuse(std::string why)
    {
        problem = std::move(why);
        return false;
    }

    bool outOfPlace()
    {
        return refuse(m_name.empty() ? "it is no list of arrays" : "what it says of " + shown(m_name) +
                                                                       " is not what it should be");
    }

    bool startEntry()
    {
        m_level = m_name == metadataName ? Level::Metadata : Level::Entry;
        m_entry = {};
        m_seen = {};
        return true;
    }

    bool startField(const std::string &text)
    {
        const auto found = std::find(fieldNames.begin(), fieldNames.end(), text);
        if (found == fieldNames.end())
            return refuse(shown(m_name) + " has the unknown property " + shown(text));
        m_field = static_cast<Field>(found - fieldNames.begin());
        if (m_seen[m_field])
            return refuse("the property " + shown(text) + " of " + shown(m_name) + " comes twice");
        return m_seen[m_field] = true;
    }

    bool finishEntry()
    {
        if (std::find(m_seen.begin(), m_seen.end(), false) != m_seen.end())
            return refuse(shown(m_name) + " lacks its type, shape or offsets");
        m_entry.name = m_name;
        header.entries.push_back(std::move(m_entry));
        return true;
    }

    Level m_level = Level::Outside;
    std::set<std::string> m_names;
    std::set<std::string> m_metadataKeys;
    std::string m_name; // of the array or text that is being read
    Entry m_entry;
    Field m_field = Type;
    std::array<bool, fieldNames.size()> m_seen = {};
    std::vector<std::uint64_t> m_numbers;
};

/// Throws where the text is no UTF-8.
std::string quoted(std::string_view text)
{
    return Json(text).dump();
}

std::string formatted(const Header &header)
{
    std::string text;
    const auto put = [&text](std::string_view name, const std::string &value) {
        text += (text.empty() ? "{" : ",") + quoted(name) + ":" + value;
    };
    if (!header.metadata.empty())
        put(metadataName, Json(header.metadata).dump());
    for (const Entry &entry : header.entries)
        put(entry.name, Json{{fieldNames[Type], entry.type},
                             {fieldNames[Shape], entry.shape},
                             {fieldNames[Offsets], {entry.begin, entry.end}}}.dump());
    return (text.empty() ? "{" : text) + "}";
}

} // namespace

Result<Header> parseHeader(std::string_view text, const std::string &where)
{
    HeaderReader reader;
    if (!Json::sax_parse(text, &reader))
        return fail(ErrorCode::Corrupt, "The file's header is damaged: " + reader.problem, where,
                    "nothing was taken from it", "Get the file again from where it came from");
    return std::move(reader.header);
}

Result<std::string> formatHeader(const Header &header)
{
    try {
        std::string text = formatted(header);
        text.resize((text.size() + 7) / 8 * 8, ' ');
        return text;
    } catch (const Json::exception &) {
        return fail(ErrorCode::Usage, "A name or a text for the file is not UTF-8", {}, "nothing was written");
    }
}

} // namespace bottega::safetensors
