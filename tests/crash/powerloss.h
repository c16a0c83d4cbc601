// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/crash/faults.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace bottega::crash {

/// A folder tree in memory. Names lead to nodes, and a node may have several names or none.
struct Tree
{
    struct Node
    {
        bool isFolder = false;
        std::string bytes;
        std::map<std::string, int> entries;
    };
    std::map<int, Node> nodes; // 0 is the root

    [[nodiscard]] static Tree read(const std::filesystem::path &folder);
    void write(const std::filesystem::path &folder) const;
    [[nodiscard]] int find(const std::string &path) const; // slash path below the root; -1: none
};

/// One change that a process asked for, or what it said.
struct Change
{
    enum class Kind {
        Write,
        Truncate,
        Enter,      // `name` in folder `node` leads to `other`
        Leave,      // it leads nowhere
        Move,       // `name` of `node` becomes `toName` of `toNode`, which leads to `other`
        Sync,       // of `node`, as it was before change number `offset`
        Note,       // to the ledger
    };
    Kind kind = Kind::Note;
    int node = -1;
    std::uint64_t offset = 0;
    std::string text; // bytes written, or the note
    std::string name;
    std::string toName;
    int toNode = -1;
    int other = -1;
    double time = 0;
};

/// What one process did to a folder, in order, and the folder as it was before.
struct Recording
{
    Tree before;
    std::vector<Change> changes;
    std::vector<int> folders; // nodes that are folders made meanwhile
};

/// From strace -f -y -xx -ttt of the calls that change files.
[[nodiscard]] Recording readTrace(const std::filesystem::path &log, const std::filesystem::path &root, Tree before);

/// The disk after the power went just before change `end`: what was synced is there; each other change is there, or not,
/// or torn at 512 bytes or 4 KiB, with zeros or rubbish in its place.
[[nodiscard]] Tree afterPowerLoss(const Recording &recording, std::size_t end, std::mt19937_64 &random);

/// Records the operation once and replays the loss of power at random moments and with random losses. What was
/// acknowledged must be there whole; of `events`, what was acknowledged a second before.
[[nodiscard]] Tally losePower(Stage &stage, const std::string &operation, const Effort &effort);

} // namespace bottega::crash
