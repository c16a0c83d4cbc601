// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace bottega::crash {

/// Tells, on a descriptor that leads out of the process and never to a disk, what is attempted and what was
/// acknowledged: one line each, in a single write.
class Notebook
{
public:
    explicit Notebook(int fd) : m_fd(fd) {}

    void begin() const; // all before it is preparation, where no fault is wanted
    void attempt(std::string_view key, std::string_view value) const;
    void acknowledge(std::string_view key) const;
    void refuse(std::string_view key, const Error &error) const;
    /// acknowledge() or refuse(). True for the former.
    bool settle(std::string_view key, const Result<void> &done) const;

private:
    void write(std::string line) const;

    int m_fd;
};

/// One run of an operation: keys are made of the round, so that those of several runs differ.
struct Plan
{
    std::filesystem::path folder;
    int round = 1;
    std::int64_t count = 2;
    double pause = 0; // seconds between two items

    [[nodiscard]] std::string key(std::int64_t item) const; // "0001-00000002": sorts as attempted
    [[nodiscard]] std::string value(std::int64_t item) const;
};

/// What the program's own readers find in a folder.
struct Inventory
{
    struct Item
    {
        std::string key;
        std::string value;
    };
    std::vector<Item> items;           // in the order in which they are stored
    std::int64_t shown = 0;            // how many a user is told there are
    std::vector<std::string> problems; // whatever is not as it should be

    void add(std::string key, std::string value) { items.push_back({std::move(key), std::move(value)}), ++shown; }
    void problem(const Error &error) { problems.push_back(describe(error)); }
};

/// Something that must survive the death of its process at any instruction, done by the product's own code.
struct Operation
{
    const char *name;
    void (*prepare)(const Plan &, const Notebook &);
    void (*perform)(const Plan &, const Notebook &);
    void (*inspect)(const std::filesystem::path &, Inventory &);
};

extern const Operation journalOperation;
extern const Operation annotationOperation;
extern const Operation eventOperation;
extern const Operation saveOperation;
extern const Operation configOperation;
extern const Operation checkpointOperation;
extern const Operation registryOperation;
extern const Operation datasetOperation;
extern const Operation runOperation;
extern const Operation indexOperation;

/// Ends the program where preparation itself fails: that is no finding.
void require(bool isTrue, const char *what);
[[nodiscard]] std::string hashOf(std::string_view bytes); // 8 hex digits

/// A fault built in on purpose, which the bench has to find ($BOTTEGA_CRASH_MUTANT):
///   save-in-place    files are overwritten instead of replaced
///   new-sequence     a point whose acknowledgement was missed is appended once more
///   stop-at-damage   the journal is read up to its first damaged line
[[nodiscard]] bool isMutant(std::string_view name);

} // namespace bottega::crash
