// SPDX-License-Identifier: Apache-2.0
#include "app/trainer/options.h"

#include "core/base/safename.h"
#include "core/engine/recipehelp.h"

#include <charconv>
#include <optional>

namespace bottega::trainer {

namespace {

tl::unexpected<Error> usage(const std::string &what)
{
    return fail(ErrorCode::Usage, what, {}, {}, "'bottega-trainer --help' shows the options");
}

Result<int> parseCount(const char *option, const std::string &text)
{
    int count = 0;
    const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (failure != std::errc() || stop != text.data() + text.size() || count < 1)
        return usage(std::string(option) + " " + printable(text, 40) + ": a whole number from 1 is needed");
    return count;
}

std::optional<Verb> verbNamed(const std::string &word)
{
    if (word == "train")
        return Verb::Train;
    if (word == "selftest")
        return Verb::Selftest;
    if (word == "info")
        return Verb::Info;
    if (word == "bench")
        return Verb::Bench;
    if (word == "help" || word == "--help" || word == "-h")
        return Verb::Help;
    if (word == "version" || word == "--version")
        return Verb::Version;
    return {};
}

Result<void> setOption(Options &options, const std::string &name, const std::string &value)
{
    if (name == "recipe") {
        options.recipe = value;
    } else if (name == "device") {
        options.device = value;
    } else if (name == "data") {
        options.data = value;
    } else if (name == "run-dir") {
        options.runFolder = value;
    } else if (name == "resume-from") {
        options.resumeFrom = value;
    } else if (name == "attempt") {
        const auto attempt = parseCount("--attempt", value);
        if (!attempt)
            return fail(attempt.error());
        options.attempt = *attempt;
    } else if (name == "threads") {
        const auto threads = parseCount("--threads", value);
        if (!threads)
            return fail(threads.error());
        options.threads = *threads;
    } else if (name == "precision") {
        const auto precision = engine::precisionNamed(value);
        if (!precision)
            return usage("--precision " + printable(value, 40) + ": fp32, tf32 or bf16 is needed");
        options.precision = *precision;
    } else if (name == "ranks") {
        const auto ranks = parseCount("--ranks", value);
        if (!ranks)
            return fail(ranks.error());
        options.ranks = *ranks;
    } else if (name == "preset") {
        options.preset = value;
    } else {
        options.params.emplace_back(name, value);
    }
    return {};
}

} // namespace

Result<void> parseOptions(const std::vector<std::string> &arguments, Options &options)
{
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string &argument = arguments[i];
        if (const auto verb = verbNamed(argument)) {
            options.verb = *verb;
            continue;
        }
        if (argument == "--json") {
            options.isJson = true;
            continue;
        }
        if (argument == "--no-peers") {
            options.mentionsPeers = false;
            continue;
        }
        if (!argument.starts_with("--") || argument.size() == 2)
            return usage("\"" + printable(argument, 80) + "\" is neither a command nor an option");
        const std::size_t equals = argument.find('=');
        const std::string name = argument.substr(2, equals == std::string::npos ? equals : equals - 2);
        if (equals == std::string::npos && ++i == arguments.size())
            return usage("--" + printable(name, 80) + " needs a value");
        const std::string &value = equals == std::string::npos ? arguments[i] : argument.substr(equals + 1);
        if (auto set = setOption(options, name, value); !set)
            return set;
    }
    return {};
}

std::string helpText()
{
    const std::string text =
        "bottega-trainer --recipe R --data DIR [--device D] [--threads N] [--PARAMETER VALUE]… [--json]\n"
        "                [--precision P] [--preset P] [--ranks N] [--run-dir DIR [--attempt N]] [--resume-from CHECKPOINT]\n"
        "bottega-trainer selftest [--device D]   check every operation against the reference\n"
        "bottega-trainer info [--json]           devices of this machine\n"
        "bottega-trainer bench --data DIR [--net mlp|cnn] [--threads N] [--epochs N] [--device D] [--no-peers] [--json]\n"
        "                                        how fast training is here: images/s, share of the multipliers' peak\n"
        "bottega-trainer --help | --version\n"
        "\n"
        "  --recipe R          what to train\n"
        "  --data DIR          folder with the four IDX files, plain or .gz, or with pictures in train/CLASS/, test/CLASS/\n"
        "  --device D          auto, cpu, cpu:avx512, …, cuda:0, …, reference (default auto; 'info' lists them)\n"
        "  --threads N         threads on the CPU (default: all that may be used)\n"
        "  --precision P       of products on a GPU: fp32, tf32 or bf16 (default fp32). Sums and weights stay fp32, and\n"
        "                      so do layers that are too small for a vendor library\n"
        "  --ranks N           processes that share each batch and the threads, or with a GPU each (default 1)\n"
        "  --preset P          values of the recipe that go well together; parameters given beside it win\n"
        "  --run-dir DIR       run folder: takes metrics/, checkpoints/ and end.json\n"
        "  --attempt N         which try of the run this is (default 1)\n"
        "  --resume-from FILE  checkpoint to go on from, or a folder: its newest that loads; parameters not given are its own\n"
        "  --json              one JSON document at the end, on standard output\n"
        "\n"
        "Options may be written --NAME VALUE or --NAME=VALUE. An interrupt (Ctrl-C) or SIGTERM saves a checkpoint.\n"
        "Exit status: 0 done, 1 failed, 2 wrong usage, 3 not found, 130 and 143 stopped by a signal.\n";
    return text + "\n" + engine::recipesHelp("--");
}

} // namespace bottega::trainer
