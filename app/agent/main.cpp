// SPDX-License-Identifier: Apache-2.0
#include "core/agent/agent.h"
#include "core/agent/stream.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace {

using bottega::AgentOptions;
using bottega::Error;
using bottega::ErrorCode;
using bottega::Result;

constexpr const char *help =
    "Usage: bottega-agent run|cancel [options] RUNDIR\n"
    "       bottega-agent adopt [options] RUNDIR...\n"
    "       bottega-agent stream [RUNDIR...]\n"
    "\n"
    "Owns one run from its folder to its end, detached from whoever submitted it.\n"
    "\n"
    "  run     start the work of RUNDIR and stay until it has ended\n"
    "  adopt   go on with runs whose agents died, to their ends; a run that needs no agent is left alone\n"
    "  cancel  ask the agent of RUNDIR to stop the work; do it where no agent lives any more\n"
    "  stream  send what is new in run folders to standard output, as frames, until standard input ends;\n"
    "          lines of JSON there add and remove runs\n"
    "\n"
    "  --resume        run: an ended run that did not complete goes on as its next attempt, from its newest checkpoint\n"
    "  --trainer PATH  program that does the work (default: bottega-trainer beside this program)\n"
    "  --grace S       seconds between TERM and KILL (default: 10)\n"
    "  --help          this text\n"
    "  --version       the version\n"
    "\n"
    "Exit codes: 0 done, 1 the run did not complete, 2 usage, 3 not found, 4 target unreachable.\n";

struct Command
{
    std::string verb;
    std::vector<std::filesystem::path> folders;
    AgentOptions options;
    bool wantsHelp = false;
    bool wantsVersion = false;
};

tl::unexpected<Error> usage(std::string what)
{
    return bottega::fail(ErrorCode::Usage, std::move(what), {}, {}, "See bottega-agent --help");
}

Result<std::chrono::milliseconds> graceFromText(std::string_view text)
{
    constexpr double longest = 3600;
    double seconds = -1;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (parsed.ptr != text.data() + text.size() || !(seconds >= 0 && seconds <= longest))
        return usage("--grace " + std::string(text) + ": a number from 0 to 3600 is needed");
    return std::chrono::milliseconds(std::lround(seconds * 1000));
}

/// "--name=value" or "--name value"; nothing where `argument` is another option.
std::optional<Result<std::string>> optionValue(std::string_view name, const std::vector<std::string> &arguments,
                                               std::size_t &at)
{
    const std::string &argument = arguments[at];
    if (argument.starts_with(std::string(name) + '='))
        return argument.substr(name.size() + 1);
    if (argument != name)
        return {};
    if (at + 1 == arguments.size())
        return usage(argument + " needs a value");
    return arguments[++at];
}

Result<void> takePositional(Command &command, const std::string &argument)
{
    if (command.verb.empty())
        command.verb = argument;
    else if (command.folders.empty() || command.verb == "adopt" || command.verb == "stream")
        command.folders.push_back(argument);
    else
        return usage("One run folder at a time; “" + argument + "” is too many");
    return {};
}

Result<bool> takeOption(Command &command, const std::vector<std::string> &arguments, std::size_t &at)
{
    if (const auto trainer = optionValue("--trainer", arguments, at)) {
        if (!*trainer)
            return bottega::fail(trainer->error());
        command.options.trainer = **trainer;
        return true;
    }
    if (const auto text = optionValue("--grace", arguments, at)) {
        const auto grace = *text ? graceFromText(**text) : bottega::fail(text->error());
        if (!grace)
            return bottega::fail(grace.error());
        command.options.grace = *grace;
        return true;
    }
    if (arguments[at] == "--resume")
        return command.options.resumes = true;
    command.wantsHelp = command.wantsHelp || arguments[at] == "--help" || arguments[at] == "-h";
    command.wantsVersion = command.wantsVersion || arguments[at] == "--version";
    return command.wantsHelp || command.wantsVersion;
}

Result<Command> parse(const std::vector<std::string> &arguments)
{
    Command command;
    bool optionsEnded = false;
    for (std::size_t at = 0; at < arguments.size(); ++at) {
        const std::string &argument = arguments[at];
        if (optionsEnded || !argument.starts_with('-')) {
            if (auto taken = takePositional(command, argument); !taken)
                return bottega::fail(taken.error());
            continue;
        }
        optionsEnded = argument == "--";
        const auto known = optionsEnded ? Result<bool>(true) : takeOption(command, arguments, at);
        if (!known)
            return bottega::fail(known.error());
        if (!*known)
            return usage("Unknown option " + argument);
    }
    return command;
}

std::filesystem::path besideUs(const char *name)
{
    std::error_code error;
    return std::filesystem::read_symlink("/proc/self/exe", error).parent_path() / name;
}

Result<void> execute(Command &command)
{
    if (command.verb == "stream")
        return bottega::streamRuns(command.folders, STDIN_FILENO, STDOUT_FILENO);
    if (command.folders.empty())
        return usage("A verb, run, adopt, cancel or stream, and a run folder are needed");
    AgentOptions &options = command.options;
    options.trainer = options.trainer.empty() ? besideUs("bottega-trainer") : std::filesystem::absolute(options.trainer);
    if (command.verb == "run")
        return bottega::superviseRun(command.folders.front(), options);
    if (command.verb == "cancel")
        return bottega::cancelRun(command.folders.front(), options);
    if (command.verb == "adopt")
        return bottega::adoptRuns(command.folders, options);
    return usage("Unknown verb “" + command.verb + "”");
}

int exitCode(ErrorCode code)
{
    switch (code) {
    case ErrorCode::Usage: return 2;
    case ErrorCode::NotFound: return 3;
    case ErrorCode::Unreachable: return 4;
    default: return 1;
    }
}

/// A file opened later must never become somebody's stdout.
void fillStandardStreams()
{
    int fd = 0;
    do {
        fd = ::open("/dev/null", O_RDWR);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    ::close(fd);
}

} // namespace

int main(int argc, char **argv)
{
    fillStandardStreams();
    auto command = parse(std::vector<std::string>(argv + 1, argv + argc));
    if (command && (command->wantsHelp || command->wantsVersion)) {
        std::fputs(command->wantsHelp ? help : "bottega-agent " BOTTEGA_VERSION "\n", stdout);
        return 0;
    }
    const auto done = command ? execute(*command) : Result<void>(bottega::fail(command.error()));
    if (done)
        return 0;
    std::fprintf(stderr, "%s\n", bottega::describe(done.error()).c_str());
    return exitCode(done.error().code);
}
