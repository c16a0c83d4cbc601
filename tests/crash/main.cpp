// SPDX-License-Identifier: Apache-2.0
// The crash bench by hand:
//   crashbench [--seed N] [--share S] [--kills N] [--replays N] [--minutes M] [--operation NAME] [random|calls|errors|memory|power|mutants]…
//   crashbench --operation NAME --fault kill:fsync:3     one fault again
#include "core/base/clock.h"
#include "tests/crash/mutants.h"
#include "tests/crash/powerloss.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <stdexcept>

using namespace bottega::crash;

namespace {

struct Request
{
    Effort effort;
    std::string operation;
    std::string fault;
    double minutes = 0; // go on with other seeds until then
    std::vector<std::string> parts;

    [[nodiscard]] bool wants(const char *part) const
    {
        return parts.empty() || std::find(parts.begin(), parts.end(), part) != parts.end();
    }
};

Request parse(int argc, char **argv)
{
    Request request;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (word.starts_with("--"))
            ++i;
        if (word == "--seed")
            request.effort.seed = std::stoull(value);
        else if (word == "--share")
            request.effort.share = std::stod(value);
        else if (word == "--kills")
            request.effort.kills = std::stoll(value);
        else if (word == "--replays")
            request.effort.replays = std::stoll(value);
        else if (word == "--minutes")
            request.minutes = std::stod(value);
        else if (word == "--operation")
            request.operation = value;
        else if (word == "--fault")
            request.fault = value;
        else
            request.parts.push_back(word);
    }
    return request;
}

void print(const char *part, const Tally &tally)
{
    std::printf("%-8s %-11s %5lld kills %6lld injections %6lld replays %8lld acknowledged %4zu findings\n", part,
                tally.what.c_str(), static_cast<long long>(tally.kills), static_cast<long long>(tally.injections),
                static_cast<long long>(tally.replays), static_cast<long long>(tally.acknowledged), tally.findings.size());
    for (const std::string &finding : tally.findings)
        std::printf("    %s\n", finding.c_str());
    std::fflush(stdout);
}

bool printMutants(const std::vector<MutantVerdict> &verdicts)
{
    bool areCaught = true;
    for (const MutantVerdict &verdict : verdicts) {
        std::printf("mutant   %-46s %s\n", verdict.mutant.c_str(),
                    verdict.caughtBy.empty() ? "NOT CAUGHT" : ("caught by " + verdict.caughtBy).c_str());
        areCaught = areCaught && !verdict.caughtBy.empty();
    }
    return areCaught;
}

bool runAll(Stage &stage, const Request &request)
{
    using Part = Tally (*)(Stage &, const std::string &, const Effort &);
    const std::pair<const char *, Part> parts[] = {{"random", killAtRandom},
                                                   {"calls", killAtEveryCall},
                                                   {"errors", failEveryCall},
                                                   {"memory", failEveryAllocation},
                                                   {"power", losePower}};
    bool isClean = true;
    for (const auto &[name, part] : parts) {
        for (const std::string &operation : operationNames()) {
            if (!request.wants(name) || (!request.operation.empty() && operation != request.operation))
                continue;
            const Tally tally = part(stage, operation, request.effort);
            print(name, tally);
            isClean = isClean && tally.findings.empty();
        }
    }
    if (request.wants("mutants"))
        isClean = printMutants(catchMutants(stage, request.effort)) && isClean;
    return isClean;
}

} // namespace

int main(int argc, char **argv)
{
    try {
        const Request request = parse(argc, argv);
        Stage stage(CRASH_OPERATIONS, Stage::freshScratch());
        std::printf("seed %llu\n", static_cast<unsigned long long>(request.effort.seed));
        if (request.fault.empty()) {
            const double end = bottega::steadyTime() + 60 * request.minutes;
            bool isClean = runAll(stage, request);
            for (Request again = request; bottega::steadyTime() < end;) {
                again.effort.seed++;
                again.effort.isOver = [end] { return bottega::steadyTime() >= end; };
                std::printf("seed %llu\n", static_cast<unsigned long long>(again.effort.seed));
                isClean = runAll(stage, again) && isClean;
            }
            return isClean ? 0 : 1;
        }
        const Tally tally = replayFault(stage, request.operation, request.fault);
        print("fault", tally);
        return tally.findings.empty() ? 0 : 1;
    } catch (const std::exception &error) {
        std::fprintf(stderr, "crashbench: %s\n", error.what());
        return 70;
    }
}
