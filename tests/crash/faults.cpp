// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/faults.h"

#include <array>
#include <csignal>
#include <fstream>
#include <map>
#include <sys/wait.h>

namespace bottega::crash {

namespace {

/// How often a system call was made before the operation began, and in all.
struct Calls
{
    std::int64_t before = 0;
    std::int64_t all = 0;
};

std::string callName(const std::string &line)
{
    const std::size_t from = line.find_first_not_of("0123456789 ");
    const std::size_t to = line.find('(', from);
    if (from == std::string::npos || to == std::string::npos)
        return {};
    const std::string name = line.substr(from, to - from);
    const bool isCall = name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789") == std::string::npos;
    return isCall ? name : std::string();
}

/// One run without a fault, traced. strace counts for each thread by itself: the calls are those of the first one, or,
/// where it never makes them, those of the one that makes most.
std::map<std::string, Calls> callsOf(Stage &stage, const std::string &operation)
{
    const std::string log = stage.scratch() / "calls";
    Scene scene(stage, operation);
    scene.perform({{"strace", "-f", "-o", log, "-e", "signal=none"}, {}, -1});
    std::map<std::string, Calls> calls, others;
    std::map<std::string, std::map<std::string, std::int64_t>> byThread;
    std::ifstream file(log);
    std::string first;
    for (std::string line; std::getline(file, line);) {
        const std::string name = callName(line);
        const std::string thread = line.substr(0, line.find(' '));
        if (name.empty() || name == "exit_group" || name == "exit")
            continue;
        if (first.empty())
            first = thread;
        if (thread != first) {
            others[name].all = std::max(others[name].all, ++byThread[thread][name]);
            continue;
        }
        ++calls[name].all;
        if (line.find("sendto(3, \"begin") != std::string::npos) {
            for (auto &[known, counts] : calls)
                counts.before = counts.all;
        }
    }
    calls.merge(others);
    return calls;
}

std::string inject(const std::string &call, const std::string &what, const std::string &when)
{
    return "inject=" + call + ":" + what + ":when=" + when;
}

/// Signals, mappings and the like are not worth an error of the disk's.
const std::map<std::string, std::vector<std::string>> &errorsOfCalls()
{
    static const std::map<std::string, std::vector<std::string>> errors = {
        {"openat", {"ENOSPC", "EIO", "EINTR", "EMFILE", "EACCES"}}, {"open", {"ENOSPC", "EIO", "EINTR", "EMFILE"}},
        {"openat2", {"EIO", "EMFILE"}},
        {"write", {"ENOSPC", "EIO", "EINTR", "EDQUOT"}},            {"writev", {"ENOSPC", "EIO", "EINTR"}},
        {"pwrite64", {"ENOSPC", "EIO", "EINTR"}},                   {"read", {"EIO", "EINTR"}},
        {"pread64", {"EIO", "EINTR"}},                              {"fsync", {"EIO", "ENOSPC", "EINTR"}},
        {"fdatasync", {"EIO", "ENOSPC", "EINTR"}},                  {"rename", {"ENOSPC", "EIO"}},
        {"renameat2", {"ENOSPC", "EIO"}},                           {"renameat", {"ENOSPC", "EIO"}},
        {"mkdir", {"ENOSPC", "EIO", "EMLINK"}},                     {"ftruncate", {"EIO", "ENOSPC", "EINTR"}},
        {"fallocate", {"ENOSPC", "EIO"}},                           {"unlink", {"EIO", "EACCES"}},
        {"unlinkat", {"EIO", "EACCES"}},                            {"rmdir", {"EIO"}},
        {"link", {"EIO", "ENOSPC"}},                                {"linkat", {"EIO", "ENOSPC"}},
        {"fchmod", {"EIO"}},                                        {"flock", {"EINTR", "ENOLCK"}},
        {"fstat", {"EIO"}},                                         {"newfstatat", {"EIO", "EACCES"}},
        {"getdents64", {"EIO"}},                                    {"statfs", {"EIO"}},
        {"close", {"EIO"}},                                         {"getrandom", {}},
    };
    return errors;
}

std::string logOf(const Stage &stage)
{
    return (stage.scratch() / "injected").string();
}

bool hasInjected(const std::string &log)
{
    std::ifstream file(log);
    for (std::string line; std::getline(file, line);) {
        if (line.find("(INJECTED)") != std::string::npos)
            return true;
    }
    return false;
}

struct NamedFault
{
    std::string name;
    Fault fault;
    bool kills = false;
};

NamedFault callFault(const std::string &log, const std::string &kind, const std::string &call, const std::string &when)
{
    NamedFault named{kind + ":" + call + ":" + when, {}, kind == "kill"};
    if (kind == "short") {
        named.fault.environment = {"LD_PRELOAD=" CRASH_SHIM, "BOTTEGA_SHIM_SHORT=" + when};
        return named;
    }
    named.fault.prefix = {"strace", "-f", "-o", log, "-e", "trace=" + call, "-e",
                          inject(call, named.kills ? "signal=KILL" : "error=" + kind, when)};
    return named;
}

NamedFault allocationFault(std::int64_t number)
{
    const std::string text = std::to_string(number);
    return {"new:" + text, {{}, {"BOTTEGA_FAIL_ALLOCATION=" + text}, -1}, false};
}

void report(Tally &tally, const std::string &operation, const std::string &fault, const std::vector<std::string> &wrong)
{
    for (const std::string &one : wrong)
        tally.findings.push_back(operation + ", " + fault + ": " + one);
}

/// The fault, a look, the next start, another look.
void tryFault(Stage &stage, const std::string &operation, const NamedFault &named, Tally &tally)
{
    Scene scene(stage, operation);
    const int status = scene.perform(named.fault);
    ++(named.kills ? tally.kills : tally.injections);
    auto wrong = scene.check();
    const bool isTraced = !named.fault.prefix.empty();
    const bool hasStruck = named.kills ? WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL : hasInjected(logOf(stage));
    if (isTraced && !hasStruck)
        ++tally.missed; // threads do not always make the same calls
    const bool mayAbort = named.name.starts_with("new:"); // no memory where no exception may pass: a death like another
    if (status != -1 && WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL && !(mayAbort && WTERMSIG(status) == SIGABRT))
        wrong.push_back("died of signal " + std::to_string(WTERMSIG(status)));
    if (status == -1)
        wrong.push_back("hung");
    const auto later = scene.checkNextStart();
    wrong.insert(wrong.end(), later.begin(), later.end());
    report(tally, operation, named.name, wrong);
    tally.acknowledged += static_cast<std::int64_t>(scene.ledger().acknowledged());
}

/// Every one of them, or a part chosen by the seed; never none.
class Sample
{
public:
    explicit Sample(const Effort &effort, const std::string &what) : m_effort(effort)
    {
        std::seed_seq seeds(what.begin(), what.end());
        std::array<std::uint64_t, 1> mixed{};
        seeds.generate(mixed.begin(), mixed.end());
        m_random.seed(mixed[0] ^ effort.seed);
    }

    [[nodiscard]] bool takes()
    {
        const bool isFirst = std::exchange(m_isFirst, false);
        return (std::uniform_real_distribution<>(0, 1)(m_random) < m_effort.share || isFirst) && !m_effort.isOver();
    }
    [[nodiscard]] double uniform(double from, double to) { return std::uniform_real_distribution<>(from, to)(m_random); }

private:
    const Effort &m_effort;
    bool m_isFirst = true;
    std::mt19937_64 m_random;
};

} // namespace

void Tally::add(const Tally &other)
{
    kills += other.kills;
    injections += other.injections;
    replays += other.replays;
    missed += other.missed;
    acknowledged += other.acknowledged;
    findings.insert(findings.end(), other.findings.begin(), other.findings.end());
}

const std::vector<std::string> &operationNames()
{
    static const std::vector<std::string> names = {"journal", "annotation", "events",  "save", "config",
                                                   "checkpoint", "registry",   "dataset", "run",  "index"};
    return names;
}

bool canTrace()
{
    Process process({"strace", "-o", "/dev/null", "true"});
    return process.wait(10) == 0;
}

Tally killAtRandom(Stage &stage, const std::string &operation, const Effort &effort)
{
    Tally tally{operation};
    Sample sample(effort, operation + " random");
    Scene scene(stage, operation);
    for (; tally.kills < effort.kills && !effort.isOver() && tally.findings.size() < effort.findings; ++tally.kills) {
        Fault fault;
        fault.killAfter = sample.uniform(0, 0.01); // longer only makes the ledger longer
        scene.perform(fault, 1000000);
        report(tally, operation, "random kill " + std::to_string(tally.kills + 1), scene.check());
    }
    report(tally, operation, "after random kills", scene.checkNextStart());
    tally.acknowledged = static_cast<std::int64_t>(scene.ledger().acknowledged());
    return tally;
}

Tally killAtEveryCall(Stage &stage, const std::string &operation, const Effort &effort)
{
    Tally tally{operation};
    Sample sample(effort, operation + " kill");
    for (const auto &[call, counts] : callsOf(stage, operation)) {
        for (std::int64_t number = counts.before + 1; number <= counts.all; ++number) {
            if (sample.takes() && tally.findings.size() < effort.findings)
                tryFault(stage, operation, callFault(logOf(stage), "kill", call, std::to_string(number)), tally);
        }
    }
    return tally;
}

Tally failEveryCall(Stage &stage, const std::string &operation, const Effort &effort)
{
    Tally tally{operation};
    Sample sample(effort, operation + " fail");
    for (const auto &[call, counts] : callsOf(stage, operation)) {
        const auto errors = errorsOfCalls().find(call);
        if (errors == errorsOfCalls().end())
            continue;
        for (std::int64_t number = counts.before + 1; number <= counts.all && tally.findings.size() < effort.findings; ++number) {
            for (const std::string &error : errors->second) {
                if (sample.takes())
                    tryFault(stage, operation, callFault(logOf(stage), error, call, std::to_string(number)), tally);
                if ((error == "ENOSPC" || error == "EIO") && sample.takes())
                    tryFault(stage, operation, callFault(logOf(stage), error, call, std::to_string(number) + "+"), tally);
            }
            if ((call == "write" || call == "pwrite64") && sample.takes())
                tryFault(stage, operation, callFault({}, "short", "write", std::to_string(number - counts.before)), tally);
        }
    }
    return tally;
}

Tally failEveryAllocation(Stage &stage, const std::string &operation, const Effort &effort)
{
    Tally tally{operation};
    Sample sample(effort, operation + " new");
    long long allocations = 0;
    {
        Scene scene(stage, operation);
        scene.perform({}, 2, 0, &allocations);
    }
    for (long long number = 1; number <= allocations; ++number) {
        if (sample.takes() && tally.findings.size() < effort.findings)
            tryFault(stage, operation, allocationFault(number), tally);
    }
    return tally;
}

Tally replayFault(Stage &stage, const std::string &operation, const std::string &fault)
{
    Tally tally{operation};
    const std::size_t first = fault.find(':');
    const std::size_t second = fault.find(':', first + 1);
    if (second == std::string::npos)
        tryFault(stage, operation, allocationFault(std::stoll(fault.substr(first + 1))), tally);
    else
        tryFault(stage, operation,
                 callFault(logOf(stage), fault.substr(0, first), fault.substr(first + 1, second - first - 1), fault.substr(second + 1)), tally);
    return tally;
}

} // namespace bottega::crash
