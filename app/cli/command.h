// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/cli/console.h"
#include "core/base/json.h"
#include "core/base/result.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace bottega::cli {

enum ExitCode {
    Done = 0,
    Failed = 1, // the run or the check failed, or the work itself
    UsageError = 2,
    NotFound = 3,
    Unreachable = 4,
    Interrupted = 130, // Ctrl+C while waiting; what was started goes on
};

enum class Count {
    One,
    OneOrMore, // the last argument only
    Any,       // none or more; the last argument only
};

struct Argument
{
    std::string name; // "RUN"
    std::string help;
    Count count = Count::One;
};

struct Option
{
    std::string name;  // "--param"
    std::string value; // "NAME=VALUE"; empty: a switch
    std::string help;
    bool isRequired = false;
    bool isRepeatable = false;
};

/// All that parser, help and usage errors need to know of one command.
struct Declaration
{
    std::string noun;
    std::string verb;
    std::string summary; // one sentence
    std::vector<Argument> arguments = {};
    std::vector<Option> options = {}; // besides those that every command has
    std::string notes = {};           // further help; lines of at most 100 characters
};

/// The options that every command takes: --workspace, --json, --help.
[[nodiscard]] const std::vector<Option> &commonOptions();

/// What was given to one call of a command, checked against its declaration.
class Invocation
{
public:
    [[nodiscard]] bool has(const std::string &option) const { return m_options.contains(option); }
    [[nodiscard]] bool wantsJson() const { return has("--json"); }
    [[nodiscard]] std::string value(const std::string &option, const std::string &fallback = {}) const;
    [[nodiscard]] std::vector<std::string> values(const std::string &option) const;
    [[nodiscard]] const std::string &argument(std::size_t index) const { return m_arguments.at(index); }
    [[nodiscard]] std::vector<std::string> argumentsFrom(std::size_t index) const;

private:
    friend class Parser;
    std::map<std::string, std::vector<std::string>> m_options;
    std::vector<std::string> m_arguments;
};

/// One `bottega-cli NOUN VERB`. Stateless: may be executed many times.
class Command
{
public:
    explicit Command(Declaration declaration) : m_declaration(std::move(declaration)) {}
    virtual ~Command() = default;
    Command(const Command &) = delete;
    Command &operator=(const Command &) = delete;

    [[nodiscard]] const Declaration &declaration() const { return m_declaration; }
    [[nodiscard]] std::string usage() const; // "bottega-cli run show RUN [--json] …"
    [[nodiscard]] std::string help() const;

    /// Checks `words` (all after the verb, and the common options before it). The errors are Usage.
    [[nodiscard]] Result<Invocation> parse(const std::vector<std::string> &words) const;

    /// Does it; returns an exit code, or the error to be told. With --json, writes one document to `console.out`.
    [[nodiscard]] virtual Result<int> execute(const Invocation &invocation, Console &console) const = 0;

private:
    Declaration m_declaration;
};

using CommandList = std::vector<std::unique_ptr<Command>>;

} // namespace bottega::cli
