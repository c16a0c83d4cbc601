// SPDX-License-Identifier: Apache-2.0
#include "app/cli/parser.h"

#include "core/base/safename.h"

#include <algorithm>
#include <numeric>

namespace bottega::cli {

namespace {

/// Levenshtein's distance: how many characters were added, lost or changed.
std::size_t distance(const std::string &a, const std::string &b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = std::exchange(row[j + 1], std::min({changed, row[j] + 1, row[j + 1] + 1}));
        }
    }
    return row.back();
}

bool looksLikeOption(const std::string &word)
{
    return word.size() > 1 && word.front() == '-';
}

std::string optionNames(const std::vector<Option> &options)
{
    std::string names;
    for (const Option &option : options)
        names += (names.empty() ? "" : " ") + option.name;
    return names;
}

} // namespace

std::string nearest(const std::string &word, const std::vector<std::string> &known)
{
    if (word.size() > 64)
        return {};
    std::string best;
    std::size_t bestDistance = 1 + std::max<std::size_t>(1, word.size() / 3);
    for (const std::string &candidate : known) {
        if (const std::size_t found = distance(word, candidate); found < bestDistance) {
            best = candidate;
            bestDistance = found;
        }
    }
    return best;
}

Parser::Parser(const Command &command) : m_command(command), m_options(command.declaration().options)
{
    m_options.insert(m_options.end(), commonOptions().begin(), commonOptions().end());
}

Result<Invocation> Parser::parse(const std::vector<std::string> &words)
{
    m_words = words;
    bool onlyArguments = false;
    for (m_next = 0; m_next < m_words.size();) {
        const std::string word = m_words[m_next++];
        if (!onlyArguments && word == "--") {
            onlyArguments = true;
            continue;
        }
        const bool isOption = !onlyArguments && looksLikeOption(word);
        if (auto taken = isOption ? takeOption(word) : takeArgument(word); !taken)
            return fail(taken.error());
    }
    if (!m_invocation.has("--help")) {
        if (auto complete = checkCompleteness(); !complete)
            return fail(complete.error());
    }
    return m_invocation;
}

Result<void> Parser::takeOption(const std::string &word)
{
    const std::size_t equals = word.find('=');
    const std::string name = word == "-h" ? "--help" : word.substr(0, equals);
    const Option *option = findOption(name);
    if (!option) {
        std::vector<std::string> known;
        for (const Option &one : m_options)
            known.push_back(one.name);
        const std::string meant = nearest(name, known);
        return refused("There is no option " + printable(name, 60),
                       meant.empty() ? "Its options are " + optionNames(m_options) : "Did you mean " + meant + "?");
    }
    const auto attached = equals == std::string::npos ? std::nullopt : std::optional(word.substr(equals + 1));
    auto value = takeValue(*option, attached);
    if (!value)
        return fail(value.error());
    auto &values = m_invocation.m_options[name];
    if (!values.empty() && !option->isRepeatable && !option->value.empty())
        return refused(name + " is given twice", "Give it once");
    values.push_back(std::move(*value));
    return {};
}

Result<std::string> Parser::takeValue(const Option &option, const std::optional<std::string> &attached)
{
    if (option.value.empty()) {
        if (attached)
            return refused(option.name + " takes no value");
        return std::string();
    }
    const bool isNext = m_next < m_words.size() && !m_words[m_next].starts_with("--");
    if (!attached && !isNext)
        return refused(option.name + " needs a value",
                       "Write " + option.name + " " + option.value + "; " + option.name + "=" + option.value +
                           " where the value itself starts with --");
    std::string value = attached ? *attached : m_words[m_next++];
    if (value.empty())
        return refused(option.name + " needs a value, and the one given is empty");
    return value;
}

Result<void> Parser::takeArgument(const std::string &word)
{
    const auto &arguments = m_command.declaration().arguments;
    const bool takesMore = !arguments.empty() && arguments.back().count != Count::One;
    const std::size_t index = m_invocation.m_arguments.size();
    if (index >= arguments.size() && !takesMore)
        return refused("“" + printable(word, 60) + "” is one argument too many");
    if (word.empty())
        return refused(arguments[std::min(index, arguments.size() - 1)].name + " is empty");
    m_invocation.m_arguments.push_back(word);
    return {};
}

Result<void> Parser::checkCompleteness() const
{
    const auto &arguments = m_command.declaration().arguments;
    const std::size_t given = m_invocation.m_arguments.size();
    if (given < arguments.size() && arguments[given].count != Count::Any)
        return refused(arguments[given].name + " is missing");
    for (const Option &option : m_options) {
        if (option.isRequired && !m_invocation.has(option.name))
            return refused(option.name + " " + option.value + " is missing");
    }
    return {};
}

const Option *Parser::findOption(const std::string &name) const
{
    const auto found = std::find_if(m_options.begin(), m_options.end(), [&](const Option &o) { return o.name == name; });
    return found == m_options.end() ? nullptr : &*found;
}

tl::unexpected<Error> Parser::refused(const std::string &what, const std::string &remedy) const
{
    const Declaration &declaration = m_command.declaration();
    const std::string help = "bottega-cli " + declaration.noun + " " + declaration.verb + " --help";
    return fail(ErrorCode::Usage, what, "bottega-cli " + declaration.noun + " " + declaration.verb, {},
                (remedy.empty() ? "Usage: " + m_command.usage() : remedy) + ". Try: " + help);
}

} // namespace bottega::cli
