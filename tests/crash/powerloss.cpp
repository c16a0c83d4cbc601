// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/powerloss.h"

#include <algorithm>

namespace bottega::crash {

namespace {

constexpr const char *tracedCalls =
    "trace=open,openat,close,write,pwrite64,writev,lseek,ftruncate,fallocate,fsync,fdatasync,mkdir,mkdirat,rename,renameat,"
    "renameat2,unlink,unlinkat,rmdir,link,linkat,copy_file_range,sendfile,sendto";
constexpr double syncWindow = 1.0; // seconds that an acknowledged point may be unsynced
constexpr double clockSlack = 0.15; // what tracing and a busy machine add

Recording record(Stage &stage, Scene &scene, long long count, double pause)
{
    const std::string log = stage.scratch() / "trace";
    Tree before = Tree::read(scene.folder());
    scene.perform({{"strace", "-f", "-y", "-xx", "-ttt", "-s", "16777216", "-o", log, "-e", "signal=none", "-e", tracedCalls}, {}, -1},
                  count, pause);
    return readTrace(log, scene.folder(), std::move(before));
}

/// The ledger as it stood when the power went.
Ledger ledgerAt(const Ledger &prepared, const Recording &recording, std::size_t end, bool hasWindow)
{
    Ledger ledger = prepared;
    const double now = end < recording.changes.size() ? recording.changes[end].time : recording.changes.back().time;
    for (std::size_t i = 0; i < end; ++i) {
        const Change &change = recording.changes[i];
        if (change.kind != Change::Kind::Note)
            continue;
        const std::string note = change.text.substr(0, change.text.find('\n'));
        const bool isYoung = hasWindow && note.starts_with("ack ") && now - change.time < syncWindow + clockSlack;
        if (!isYoung)
            ledger.note(note);
    }
    return ledger;
}

} // namespace

Tally losePower(Stage &stage, const std::string &operation, const Effort &effort)
{
    Tally tally{operation};
    const bool hasWindow = operation == "events";
    Ledger prepared;
    static_cast<void>(stage.prepared(operation, prepared));
    Scene scene(stage, operation);
    const Recording recording = hasWindow ? record(stage, scene, 60, 0.05) : record(stage, scene, 3, 0);
    std::mt19937_64 random(effort.seed ^ std::hash<std::string>()(operation));
    const std::filesystem::path folder = stage.scratch() / ("power-" + operation);
    for (; tally.replays < effort.replays && !effort.isOver() && tally.findings.size() < effort.findings; ++tally.replays) {
        // All prefixes in turn and again with other losses; where there is no time for all, any.
        const std::size_t prefixes = recording.changes.size() + 1;
        const bool hasTimeForAll = static_cast<std::size_t>(effort.replays) >= prefixes;
        const std::size_t end = (hasTimeForAll ? static_cast<std::size_t>(tally.replays) : random()) % prefixes;
        afterPowerLoss(recording, end, random).write(folder);
        const Ledger ledger = ledgerAt(prepared, recording, end, hasWindow);
        tally.acknowledged += static_cast<std::int64_t>(ledger.acknowledged());
        auto wrong = ledger.compare(stage.inspect(operation, folder));
        if (tally.replays % 8 == 7) {
            Scene later(stage, operation, folder, ledger);
            const auto found = later.checkNextStart();
            wrong.insert(wrong.end(), found.begin(), found.end());
        }
        for (const std::string &one : wrong)
            tally.findings.push_back(operation + ", power lost before change " + std::to_string(end) + ", replay " +
                                     std::to_string(tally.replays) + ": " + one);
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
    return tally;
}

} // namespace bottega::crash
