// SPDX-License-Identifier: Apache-2.0
#include "app/cli/commandline.h"

#include "app/cli/datacommands.h"
#include "app/cli/modelcommands.h"
#include "app/cli/output.h"
#include "app/cli/parser.h"
#include "app/cli/runcommands.h"
#include "app/cli/targetcommands.h"
#include "app/cli/trashcommands.h"
#include "app/cli/workspacecommands.h"
#include "core/base/safename.h"

#include <algorithm>

namespace bottega::cli {

namespace {

struct Noun
{
    std::string name;
    std::string summary;
};

const std::vector<Noun> &nouns()
{
    static const std::vector<Noun> all = {
        {"workspace", "the folder that holds experiments, runs, models and data sets"},
        {"data", "data sets: get, import and verify them"},
        {"run", "train: submit runs, follow them, take home what they made"},
        {"model", "registered models: versions, download, evaluation"},
        {"target", "where runs can be computed"},
    };
    return all;
}

std::vector<const Command *> commandsOf(const std::string &noun)
{
    std::vector<const Command *> commands;
    for (const auto &command : allCommands()) {
        if (command->declaration().noun == noun)
            commands.push_back(command.get());
    }
    return commands;
}

std::vector<std::string> verbsOf(const std::string &noun)
{
    std::vector<std::string> verbs;
    for (const Command *command : commandsOf(noun))
        verbs.push_back(command->declaration().verb);
    return verbs;
}

std::string joined(const std::vector<std::string> &texts)
{
    std::string line;
    for (const std::string &text : texts)
        line += (line.empty() ? "" : ", ") + text;
    return line;
}

std::string programHelp()
{
    std::string text = "Trains experiments, keeps their runs and registers their models.\n\n"
                       "Usage: bottega-cli NOUN VERB [ARGUMENTS] [--workspace DIR] [--json]\n\n";
    for (const Noun &noun : nouns()) {
        text += "  " + noun.name + std::string(11 - noun.name.size(), ' ') + noun.summary + "\n";
        text += std::string(13, ' ') + joined(verbsOf(noun.name)) + "\n";
    }
    return text + "\nbottega-cli NOUN --help and bottega-cli NOUN VERB --help tell more; bottega-cli --version.\n"
                  "Exit codes: 0 done, 1 the run or the check failed, 2 usage, 3 not found, 4 unreachable,\n"
                  "130 interrupted while waiting.\n";
}

std::string nounHelp(const std::string &noun)
{
    std::size_t width = 0;
    for (const Command *command : commandsOf(noun))
        width = std::max(width, command->declaration().verb.size());
    std::string text = "Usage: bottega-cli " + noun + " VERB [ARGUMENTS] [--workspace DIR] [--json]\n\n";
    for (const Command *command : commandsOf(noun)) {
        const Declaration &declaration = command->declaration();
        text += "  " + declaration.verb + std::string(width + 2 - declaration.verb.size(), ' ') + declaration.summary + "\n";
    }
    return text;
}

tl::unexpected<Error> unknown(const std::string &kind, const std::string &word, const std::vector<std::string> &known)
{
    const std::string meant = nearest(word, known);
    const std::string list = "There are " + joined(known);
    return fail(ErrorCode::Usage, "There is no " + kind + " “" + printable(word, 60) + "”", {}, {},
                meant.empty() ? list : "Did you mean " + meant + "? " + list);
}

/// One call, taken apart as far as noun and verb.
struct Call
{
    std::string noun;
    std::string verb;
    std::vector<std::string> words; // for the command: all but noun and verb
    bool wantsHelp = false;
    bool wantsVersion = false;
};

/// Before the verb only the common options may stand: it is the verb that tells which others take a value.
Result<Call> takeApart(const std::vector<std::string> &words)
{
    Call call;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string &word = words[i];
        if (!word.starts_with("-")) {
            (call.noun.empty() ? call.noun : call.verb) = word;
        } else if (word == "--workspace") {
            call.words.push_back(word);
            if (++i < words.size())
                call.words.push_back(words[i]);
        } else if (word == "--json" || word.starts_with("--workspace=")) {
            call.words.push_back(word);
        } else if (word == "--help" || word == "-h") {
            call.wantsHelp = true;
            call.words.emplace_back("--help");
        } else if (word == "--version" && call.noun.empty()) {
            call.wantsVersion = true;
        } else {
            return fail(ErrorCode::Usage, "“" + printable(word, 60) + "” stands before noun and verb, or is unknown", {}, {},
                        "Write bottega-cli NOUN VERB first, then the options. Try: bottega-cli --help");
        }
        if (!call.verb.empty()) {
            call.words.insert(call.words.end(), words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end());
            break;
        }
    }
    return call;
}

Result<const Command *> findCommand(const Call &call)
{
    std::vector<std::string> known;
    for (const Noun &noun : nouns())
        known.push_back(noun.name);
    if (std::find(known.begin(), known.end(), call.noun) == known.end())
        return unknown("noun", call.noun, known);
    for (const Command *command : commandsOf(call.noun)) {
        if (command->declaration().verb == call.verb)
            return command;
    }
    return unknown("verb for " + call.noun, call.verb, verbsOf(call.noun));
}

int showText(std::ostream &out, const char *key, const std::string &text, bool asJson)
{
    if (asJson)
        printJson(out, {{key, text}});
    else
        out << text << (text.ends_with('\n') ? "" : "\n");
    return Done;
}

Result<int> runCommand(const Command &command, const std::vector<std::string> &words, Console &console)
{
    const auto invocation = command.parse(words);
    if (!invocation)
        return fail(invocation.error());
    if (invocation->has("--help"))
        return showText(console.out, "help", command.help(), invocation->wantsJson());
    return command.execute(*invocation, console);
}

/// A call without noun or verb: help where it was asked for, else what is missing.
Result<int> runIncomplete(const Call &call, Console &console, bool asJson)
{
    if (call.wantsVersion)
        return showText(console.out, "version", asJson ? BOTTEGA_VERSION : "bottega-cli " BOTTEGA_VERSION, asJson);
    if (!call.noun.empty() && verbsOf(call.noun).empty())
        return fail(findCommand(call).error());
    const std::string help = call.noun.empty() ? programHelp() : nounHelp(call.noun);
    if (call.wantsHelp)
        return showText(console.out, "help", help, asJson);
    if (asJson)
        return fail(ErrorCode::Usage, call.noun.empty() ? "Noun and verb are missing" : "The verb is missing", {}, {},
                    "Try: bottega-cli " + (call.noun.empty() ? "" : call.noun + " ") + "--help");
    console.err << help;
    return UsageError;
}

bool wantsJson(const std::vector<std::string> &words)
{
    const auto end = std::find(words.begin(), words.end(), "--");
    return std::find(words.begin(), end, "--json") != end;
}

} // namespace

const CommandList &allCommands()
{
    static const CommandList commands = [] {
        CommandList all;
        for (CommandList (*const make)() : {workspaceCommands, dataCommands, runCommands, modelCommands, targetCommands, trashCommands}) {
            for (auto &command : make())
                all.push_back(std::move(command));
        }
        return all;
    }();
    return commands;
}

int runCommandLine(const std::vector<std::string> &words, Console &console)
{
    const bool asJson = wantsJson(words);
    const auto run = [&]() -> Result<int> {
        const auto call = takeApart(words);
        if (!call)
            return fail(call.error());
        if (call->verb.empty())
            return runIncomplete(*call, console, asJson);
        const auto command = findCommand(*call);
        if (!command)
            return fail(command.error());
        return runCommand(**command, call->words, console);
    };
    const Result<int> result = run();
    if (!result)
        printError(console.err, result.error(), asJson);
    console.out.flush();
    console.err.flush();
    return result ? *result : exitCodeFor(result.error().code);
}

int exitCodeFor(ErrorCode code)
{
    switch (code) {
    case ErrorCode::Usage: return UsageError;
    case ErrorCode::NotFound: return NotFound;
    case ErrorCode::Unreachable: return Unreachable;
    case ErrorCode::Canceled: return Interrupted;
    default: return Failed;
    }
}

} // namespace bottega::cli
