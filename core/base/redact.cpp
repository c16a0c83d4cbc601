// SPDX-License-Identifier: Apache-2.0
#include "core/base/redact.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace bottega {

namespace {

using Text = std::string_view;

bool isUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool isLower(char c) { return c >= 'a' && c <= 'z'; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isAlnum(char c) { return isUpper(c) || isLower(c) || isDigit(c); }
bool isSpace(char c) { return c == ' ' || c == '\t'; }
bool isTokenCharacter(char c) { return isAlnum(c) || c == '_' || c == '-'; }
bool isNameCharacter(char c) { return isTokenCharacter(c) || c == '.'; }

template <class List>
bool isOneOf(Text word, const List &list)
{
    return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

/// "WandbApiKey2" is wandb, api, key.
std::vector<std::string> wordsOf(Text name)
{
    while (!name.empty() && !isUpper(name.back()) && !isLower(name.back()))
        name.remove_suffix(1);
    std::vector<std::string> words(1);
    for (std::size_t i = 0; i < name.size(); ++i) {
        const bool isStart = isUpper(name[i]) && i > 0 &&
                             (isLower(name[i - 1]) || (i + 1 < name.size() && isLower(name[i + 1])));
        if ((isStart || !isAlnum(name[i])) && !words.back().empty())
            words.emplace_back();
        if (isAlnum(name[i]))
            words.back() += isUpper(name[i]) ? static_cast<char>(name[i] - 'A' + 'a') : name[i];
    }
    return words;
}

enum class Secrecy {
    None,
    Probable, // "token", "key": in running text also the word for something harmless
    Certain,
};

Secrecy secrecyOf(Text name)
{
    static constexpr Text certain[] = {"password", "passwd", "passphrase", "secret", "credential", "credentials",
                                       "apikey", "apitoken", "accesskey", "secretkey", "privatekey", "accesstoken",
                                       "authtoken"};
    static constexpr Text ownersOfKeys[] = {"api", "access", "secret", "private", "auth", "encryption", "signing", "ssh",
                                            "service", "account", "subscription", "master", "deploy", "storage", "wandb"};
    static constexpr Text harmlessTokens[] = {"max", "min", "num", "n", "per", "pad", "eos", "bos", "unk", "mask", "cls",
                                              "sep", "start", "end", "special", "first", "last", "next", "image", "class"};
    const auto words = wordsOf(name);
    const std::string &last = words.back();
    const std::string before = words.size() > 1 ? words[words.size() - 2] : std::string();
    if (isOneOf(last, certain) || (last == "key" && isOneOf(before, ownersOfKeys)))
        return Secrecy::Certain;
    if (last == "token" && !isOneOf(before, harmlessTokens))
        return before.empty() ? Secrecy::Probable : Secrecy::Certain;
    return last == "key" && before.empty() ? Secrecy::Probable : Secrecy::None;
}

struct Shape
{
    Text prefix;
    std::size_t least; // characters after the prefix
};

constexpr Shape shapes[] = {{"ghp_", 30}, {"gho_", 30}, {"ghu_", 30}, {"ghs_", 30}, {"ghr_", 30}, {"github_pat_", 20},
                            {"glpat-", 20}, {"sk-", 20}, {"sk_live_", 16}, {"rk_live_", 16}, {"hf_", 30}, {"AKIA", 16},
                            {"ASIA", 16}, {"xoxb-", 10}, {"xoxp-", 10}, {"xoxa-", 10}, {"xoxr-", 10}, {"xoxs-", 10},
                            {"AIza", 35}, {"pypi-", 40}, {"npm_", 30}, {"dop_v1_", 40}};

/// One reading of a text from left to right.
class Redaction
{
public:
    explicit Redaction(Text text, bool insideKey) : m_text(text), m_insideKey(insideKey) { m_out.reserve(text.size()); }

    std::string run()
    {
        if (m_insideKey)
            skipKey();
        while (m_at < m_text.size()) {
            const char c = m_text[m_at];
            const bool isWordStart = isAlnum(c) && (m_at == 0 || !isTokenCharacter(m_text[m_at - 1]));
            if (isWordStart && (takeToken() || takeBearer()))
                continue;
            if (c == '-' && takeKey())
                continue;
            if (c == '-' && takeOption())
                continue;
            m_out += c;
            ++m_at;
            if (c == ':' && takeUserInfo())
                continue;
            if (c == '=' || c == ':')
                takeAssignment();
        }
        return std::move(m_out);
    }
    [[nodiscard]] bool isInsideKey() const { return m_insideKey; }

private:
    [[nodiscard]] Text rest() const { return m_text.substr(m_at); }

    void replace(std::size_t length)
    {
        m_out += redactedMark;
        m_at += length;
    }

    [[nodiscard]] std::size_t runOfTokenCharacters(std::size_t from) const
    {
        std::size_t end = from;
        while (end < m_text.size() && isTokenCharacter(m_text[end]))
            ++end;
        return end - from;
    }

    bool takeToken()
    {
        static const auto starts = [] {
            std::array<bool, 256> set = {};
            set['e'] = true; // a JSON web token
            for (const Shape &shape : shapes)
                set[static_cast<unsigned char>(shape.prefix.front())] = true;
            return set;
        }();
        if (!starts[static_cast<unsigned char>(m_text[m_at])])
            return false;
        for (const Shape &shape : shapes) {
            if (!rest().starts_with(shape.prefix))
                continue;
            const std::size_t length = runOfTokenCharacters(m_at + shape.prefix.size());
            if (length < shape.least)
                continue;
            replace(shape.prefix.size() + length);
            return true;
        }
        return rest().starts_with("eyJ") && takeWebToken();
    }

    /// header.payload.signature, each in base64
    bool takeWebToken()
    {
        constexpr std::size_t leastPart = 10;
        std::size_t length = 0;
        for (int part = 0; part < 3; ++part) {
            const std::size_t run = runOfTokenCharacters(m_at + length);
            const bool isFollowed = m_at + length + run < m_text.size() && m_text[m_at + length + run] == '.';
            if (run < leastPart || (part < 2 && !isFollowed))
                return false;
            length += run + (part < 2 ? 1 : 0);
        }
        replace(length);
        return true;
    }

    bool takeBearer()
    {
        constexpr std::size_t leastLength = 8;
        for (const Text scheme : {Text("Bearer "), Text("bearer "), Text("Basic ")}) {
            if (!rest().starts_with(scheme))
                continue;
            const std::size_t length = valueLength(m_at + scheme.size());
            if (length < leastLength)
                return false;
            m_out += scheme;
            m_at += scheme.size();
            replace(length);
            return true;
        }
        return false;
    }

    bool takeKey()
    {
        if (!rest().starts_with("-----BEGIN "))
            return false;
        const Text line = rest().substr(0, rest().find('\n'));
        if (line.find("PRIVATE KEY-----") == Text::npos)
            return false;
        m_insideKey = true;
        skipKey();
        return true;
    }

    void skipKey()
    {
        const std::size_t end = rest().find("-----END ");
        m_insideKey = end == Text::npos;
        if (m_insideKey) {
            const bool endsLine = m_text.ends_with('\n');
            replace(rest().size());
            m_out += endsLine ? "\n" : "";
            return;
        }
        const std::size_t lineEnd = rest().find_first_of("\r\n", end);
        replace(lineEnd == Text::npos ? rest().size() : lineEnd);
    }

    /// Behind "scheme:": "//user:password@"
    bool takeUserInfo()
    {
        const bool hasScheme = m_at >= 2 && isAlnum(m_text[m_at - 2]);
        if (!hasScheme || !rest().starts_with("//"))
            return false;
        const Text authority = rest().substr(2, rest().find_first_of("/?# \t\r\n\"'<>\\", 2) - 2);
        const std::size_t at = authority.rfind('@');
        if (at == Text::npos || at == 0)
            return false;
        m_out += "//";
        m_at += 2;
        replace(at);
        return true;
    }

    /// "--password VALUE": the form with '=' is an assignment.
    bool takeOption()
    {
        if (!rest().starts_with("--") || (m_at > 0 && isNameCharacter(m_text[m_at - 1])))
            return false;
        const std::size_t name = runOfTokenCharacters(m_at + 2);
        const std::size_t value = m_at + 2 + name + 1;
        if (name == 0 || value >= m_text.size() || !isSpace(m_text[value - 1]) || m_text[value] == '-' ||
            secrecyOf(m_text.substr(m_at + 2, name)) != Secrecy::Certain || valueLength(value) == 0)
            return false;
        m_out += m_text.substr(m_at, value - m_at);
        m_at = value;
        replace(valueLength(value));
        return true;
    }

    /// The name before the '=' or ':' just passed; empty where there is none.
    [[nodiscard]] Text nameBefore() const
    {
        constexpr std::size_t longest = 100;
        std::size_t end = m_at - 1;
        while (end > 0 && isSpace(m_text[end - 1]))
            --end;
        if (end > 0 && (m_text[end - 1] == '"' || m_text[end - 1] == '\''))
            --end;
        std::size_t begin = end;
        while (begin > 0 && end - begin < longest && isNameCharacter(m_text[begin - 1]))
            --begin;
        return m_text.substr(begin, end - begin);
    }

    [[nodiscard]] std::size_t valueLength(std::size_t from) const
    {
        if (m_text.substr(std::min(from, m_text.size())).starts_with(redactedMark))
            return 0; // was taken out before
        std::size_t end = std::min(m_text.find_first_of(" \t\r\n\"',;&)]}<>", from), m_text.size());
        return end - std::min(from, end);
    }

    static bool isHarmless(Text value, Secrecy secrecy)
    {
        constexpr std::size_t leastLength = 8;
        static constexpr Text nothing[] = {"", "none", "None", "null", "true", "false", "True", "False", "***", redactedMark};
        return isOneOf(value, nothing) || (secrecy == Secrecy::Probable && value.size() < leastLength);
    }

    void takeAssignment()
    {
        const Text name = nameBefore();
        const Secrecy secrecy = name.empty() ? Secrecy::None : secrecyOf(name);
        const bool isKeyAlone = secrecy == Secrecy::Probable && wordsOf(name).back() == "key";
        if (secrecy == Secrecy::None || isKeyAlone)
            return;
        std::size_t from = m_at;
        while (from < m_text.size() && isSpace(m_text[from]))
            ++from;
        std::size_t length = 0;
        if (from < m_text.size() && (m_text[from] == '"' || m_text[from] == '\'')) {
            const char quote = m_text[from++];
            const std::size_t end = std::min(m_text.find_first_of(quote == '"' ? "\"\n" : "'\n", from), m_text.size());
            length = end - from;
        } else {
            length = valueLength(from);
        }
        const Text value = m_text.substr(from, length);
        if (value.starts_with("Bearer") || value.starts_with("Basic") || isHarmless(value, secrecy))
            return;
        m_out += m_text.substr(m_at, from - m_at);
        m_at = from;
        replace(length);
    }

    Text m_text;
    std::size_t m_at = 0;
    bool m_insideKey = false;
    std::string m_out;
};

} // namespace

bool isSecretName(std::string_view name)
{
    return !name.empty() && secrecyOf(name) != Secrecy::None;
}

std::string redactValue(std::string_view name, std::string_view value)
{
    return isSecretName(name) && !value.empty() ? std::string(redactedMark) : redact(value);
}

std::string redact(std::string_view text, bool *insideKey)
{
    Redaction redaction(text, insideKey && *insideKey);
    std::string shown = redaction.run();
    if (insideKey)
        *insideKey = redaction.isInsideKey();
    return shown;
}

Json redactJson(const Json &json)
{
    if (json.is_string())
        return redact(json.get_ref<const std::string &>());
    if (!json.is_structured())
        return json;
    Json shown = json;
    const std::string named = json.is_object() && json.contains("value")
                                  ? stringMember(json, "key", stringMember(json, "name"))
                                  : std::string();
    for (auto item = shown.begin(); item != shown.end(); ++item) {
        const std::string key = json.is_object() ? item.key() : std::string();
        const bool isName = !named.empty() && (key == "key" || key == "name");
        const std::string name = key == "value" && !named.empty() ? named : isName ? std::string() : key;
        *item = item->is_string() ? Json(redactValue(name, item->get_ref<const std::string &>())) : redactJson(*item);
    }
    return shown;
}

} // namespace bottega
