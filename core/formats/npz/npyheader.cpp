// SPDX-License-Identifier: Apache-2.0
#include "core/formats/npz/npyheader.h"

#include <charconv>
#include <set>

namespace bottega {

namespace {

constexpr std::size_t maximumDimensions = 64;

/// Takes tokens of Python literals off a text; each function skips blanks first and leaves the text alone on a mismatch.
class Literal
{
public:
    explicit Literal(std::string_view text) : m_rest(text) {}

    bool take(std::string_view token)
    {
        skipBlanks();
        if (!m_rest.starts_with(token))
            return false;
        m_rest.remove_prefix(token.size());
        return true;
    }

    std::optional<std::string> string()
    {
        skipBlanks();
        if (m_rest.empty() || (m_rest.front() != '\'' && m_rest.front() != '"'))
            return {};
        const std::size_t end = m_rest.find(m_rest.front(), 1);
        if (end == std::string_view::npos || m_rest.substr(1, end - 1).find('\\') != std::string_view::npos)
            return {};
        std::string text(m_rest.substr(1, end - 1));
        m_rest.remove_prefix(end + 1);
        return text;
    }

    std::optional<bool> boolean()
    {
        if (take("True"))
            return true;
        if (take("False"))
            return false;
        return {};
    }

    std::optional<std::uint64_t> number()
    {
        skipBlanks();
        std::uint64_t value = 0;
        const auto [end, failure] = std::from_chars(m_rest.data(), m_rest.data() + m_rest.size(), value);
        if (failure != std::errc())
            return {};
        m_rest.remove_prefix(static_cast<std::size_t>(end - m_rest.data()));
        take("L"); // as Python 2 wrote them
        return value;
    }

    std::optional<std::vector<std::uint64_t>> tuple()
    {
        std::vector<std::uint64_t> values;
        if (!take("("))
            return {};
        for (bool goesOn = true; !take(")"); goesOn = take(",")) {
            const auto value = number();
            if (!goesOn || !value || values.size() == maximumDimensions)
                return {};
            values.push_back(*value);
        }
        return values;
    }

    /// Skips a list with balanced brackets: the fields of a structured type.
    bool list()
    {
        skipBlanks();
        std::size_t depth = 0;
        for (std::size_t i = 0; i < m_rest.size(); ++i) {
            depth += m_rest[i] == '[' ? 1 : 0;
            if (depth == 0)
                return false;
            if (m_rest[i] == ']' && --depth == 0) {
                m_rest.remove_prefix(i + 1);
                return true;
            }
        }
        return false;
    }

    bool isAtEnd()
    {
        skipBlanks();
        return m_rest.empty();
    }

private:
    void skipBlanks()
    {
        while (!m_rest.empty() && (m_rest.front() == ' ' || m_rest.front() == '\n' || m_rest.front() == '\t'))
            m_rest.remove_prefix(1);
    }

    std::string_view m_rest;
};

/// Takes the value of one key. False where it is unknown or of another kind.
bool takeValue(Literal &literal, const std::string &key, NpyHeader &header)
{
    if (key == "fortran_order") {
        const auto isFortran = literal.boolean();
        header.isFortran = isFortran.value_or(false);
        return isFortran.has_value();
    }
    if (key == "shape") {
        auto shape = literal.tuple();
        if (shape)
            header.shape = std::move(*shape);
        return shape.has_value();
    }
    if (key != "descr")
        return false;
    auto description = literal.string();
    if (description)
        header.description = std::move(*description);
    return description || literal.list();
}

} // namespace

std::optional<NpyHeader> parseNpyHeader(std::string_view text)
{
    Literal literal(text);
    NpyHeader header;
    std::set<std::string> keys;
    if (!literal.take("{"))
        return {};
    for (bool goesOn = true; !literal.take("}"); goesOn = literal.take(",")) {
        const auto key = literal.string();
        if (!goesOn || !key || !keys.insert(*key).second || !literal.take(":") || !takeValue(literal, *key, header))
            return {};
    }
    if (keys.size() != 3 || !literal.isAtEnd())
        return {};
    return header;
}

std::string formatNpyHeader(const NpyHeader &header)
{
    std::string text = "{'descr': '" + header.description + "', 'fortran_order': ";
    text += header.isFortran ? "True" : "False";
    text += ", 'shape': (";
    for (std::size_t i = 0; i < header.shape.size(); ++i)
        text += (i == 0 ? "" : i == 1 ? " " : ", ") + std::to_string(header.shape[i]) + (i == 0 ? "," : "");
    return text + "), }";
}

} // namespace bottega
