// SPDX-License-Identifier: Apache-2.0
#include "app/cli/command.h"

#include "app/cli/parser.h"

#include <algorithm>
#include <utility>

namespace bottega::cli {

namespace {

using HelpRow = std::pair<std::string, std::string>;

std::string spelled(const Option &option)
{
    return option.value.empty() ? option.name : option.name + " " + option.value;
}

std::string helpRows(const std::string &title, const std::vector<HelpRow> &rows)
{
    if (rows.empty())
        return {};
    std::size_t width = 0;
    for (const auto &[name, text] : rows)
        width = std::max(width, name.size());
    std::string lines = "\n" + title + "\n";
    for (const auto &[name, text] : rows)
        lines += "  " + name + std::string(width - name.size() + 2, ' ') + text + "\n";
    return lines;
}

} // namespace

const std::vector<Option> &commonOptions()
{
    static const std::vector<Option> options = {
        {"--workspace", "DIR", "workspace to use; else the one found from this folder upward, else $BOTTEGA_WORKSPACE"},
        {"--json", "", "one JSON document on standard output, errors as JSON on standard error"},
        {"--help", "", "show this text"},
    };
    return options;
}

std::string Invocation::value(const std::string &option, const std::string &fallback) const
{
    const auto found = m_options.find(option);
    return found == m_options.end() || found->second.empty() ? fallback : found->second.front();
}

std::vector<std::string> Invocation::values(const std::string &option) const
{
    const auto found = m_options.find(option);
    return found == m_options.end() ? std::vector<std::string>() : found->second;
}

std::vector<std::string> Invocation::argumentsFrom(std::size_t index) const
{
    return {m_arguments.begin() + static_cast<std::ptrdiff_t>(std::min(index, m_arguments.size())), m_arguments.end()};
}

std::string Command::usage() const
{
    std::string text = "bottega-cli " + m_declaration.noun + " " + m_declaration.verb;
    for (const Argument &argument : m_declaration.arguments)
        text += argument.count == Count::Any ? " [" + argument.name + "…]"
                                             : " " + argument.name + (argument.count == Count::OneOrMore ? "…" : "");
    for (const Option &option : m_declaration.options) {
        const std::string spelling = option.isRequired ? spelled(option) : "[" + spelled(option) + "]";
        text += " " + spelling + (option.isRepeatable ? "…" : "");
    }
    return text;
}

std::string Command::help() const
{
    std::vector<HelpRow> arguments;
    for (const Argument &argument : m_declaration.arguments)
        arguments.emplace_back(argument.name, argument.help);
    std::vector<HelpRow> options;
    for (const Option &option : m_declaration.options)
        options.emplace_back(spelled(option), option.help);
    for (const Option &option : commonOptions())
        options.emplace_back(spelled(option), option.help);
    return m_declaration.summary + "\n\nUsage: " + usage() + "\n" + helpRows("Arguments:", arguments) +
           helpRows("Options:", options) + (m_declaration.notes.empty() ? "" : "\n" + m_declaration.notes + "\n");
}

Result<Invocation> Command::parse(const std::vector<std::string> &words) const
{
    return Parser(*this).parse(words);
}

} // namespace bottega::cli
