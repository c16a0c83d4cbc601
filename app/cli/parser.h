// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/cli/command.h"

#include <optional>

namespace bottega::cli {

/// Sorts the words of one call into options and arguments as a declaration allows them. `--name value` and `--name=value`
/// are the same, options may stand anywhere, and after `--` everything is an argument.
class Parser
{
public:
    explicit Parser(const Command &command);

    [[nodiscard]] Result<Invocation> parse(const std::vector<std::string> &words);

private:
    [[nodiscard]] Result<void> takeOption(const std::string &word);
    [[nodiscard]] Result<std::string> takeValue(const Option &option, const std::optional<std::string> &attached);
    [[nodiscard]] Result<void> takeArgument(const std::string &word);
    [[nodiscard]] Result<void> checkCompleteness() const;
    [[nodiscard]] const Option *findOption(const std::string &name) const;
    [[nodiscard]] tl::unexpected<Error> refused(const std::string &what, const std::string &remedy = {}) const;

    const Command &m_command;
    std::vector<Option> m_options;
    std::vector<std::string> m_words;
    std::size_t m_next = 0;
    Invocation m_invocation;
};

/// Of `known`, the one that `word` is most probably a slip of; empty where none is near.
[[nodiscard]] std::string nearest(const std::string &word, const std::vector<std::string> &known);

} // namespace bottega::cli
