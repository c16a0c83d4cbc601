// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/mutants.h"

#include "tests/crash/powerloss.h"

namespace bottega::crash {

namespace {

using Part = Tally (*)(Stage &, const std::string &, const Effort &);

struct Mutant
{
    const char *name;
    std::vector<std::string> environment;
    const char *partName;
    Part part;
    const char *operation;
};

std::vector<std::string> shim(const std::string &mode)
{
    return {"LD_PRELOAD=" CRASH_SHIM, "BOTTEGA_SHIM=" + mode};
}

std::vector<std::string> own(const std::string &name)
{
    return {"BOTTEGA_CRASH_MUTANT=" + name};
}

const std::vector<Mutant> &mutants()
{
    static const std::vector<Mutant> all = {
        {"a journal line is never synced", shim("drop-file-sync"), "power loss", losePower, "journal"},
        {"a metric is never synced", shim("drop-file-sync"), "power loss", losePower, "events"},
        {"a file is never synced before its rename", shim("drop-file-sync"), "power loss", losePower, "save"},
        {"a folder is never synced: saved file", shim("drop-folder-sync"), "power loss", losePower, "save"},
        {"a folder is never synced: model", shim("drop-folder-sync"), "power loss", losePower, "registry"},
        {"a folder is never synced: run", shim("drop-folder-sync"), "power loss", losePower, "run"},
        {"a rename comes before the sync", shim("rename-before-sync"), "power loss", losePower, "save"},
        {"a point is acknowledged before it is written", shim("buffer-writes"), "kill at every call", killAtEveryCall, "events"},
        {"a file is overwritten in place", own("save-in-place"), "kill at every call", killAtEveryCall, "save"},
        {"a point is retried under a new sequence", own("new-sequence"), "kill at random", killAtRandom, "events"},
        {"a reader stops at the first damage", own("stop-at-damage"), "an error at every call", failEveryCall, "journal"},
    };
    return all;
}

} // namespace

std::vector<MutantVerdict> catchMutants(Stage &stage, const Effort &effort)
{
    Effort enough = effort;
    enough.share = 1;
    enough.kills = 5;
    enough.replays = 400;
    enough.findings = 1;
    std::vector<MutantVerdict> verdicts;
    for (const Mutant &mutant : mutants()) {
        stage.setEnvironment(mutant.environment);
        std::string found;
        const Tally tally = mutant.part(stage, mutant.operation, enough);
        if (!tally.findings.empty())
            found = std::string(mutant.partName) + ", " + tally.findings.front();
        verdicts.push_back({mutant.name, found});
    }
    stage.setEnvironment({});
    return verdicts;
}

} // namespace bottega::crash
