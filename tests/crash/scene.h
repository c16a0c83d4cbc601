// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/crash/ledger.h"
#include "tests/crash/process.h"

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace bottega::crash {

/// Where things are, and the readers' process, which lives on from one look to the next.
class Stage
{
public:
    /// `program` is crash-operations; `scratch` is made anew and removed at the end.
    Stage(std::filesystem::path program, std::filesystem::path scratch);
    ~Stage();

    /// In memory where there is such a file system: what a fault does is the same, and a sync costs nothing.
    [[nodiscard]] static std::filesystem::path freshScratch();

    [[nodiscard]] const std::filesystem::path &program() const { return m_program; }
    [[nodiscard]] const std::filesystem::path &scratch() const { return m_scratch; }
    [[nodiscard]] Found inspect(const std::string &operation, const std::filesystem::path &folder);
    /// The folder as it is before the operation, and what was acknowledged in making it.
    [[nodiscard]] const std::filesystem::path &prepared(const std::string &operation, Ledger &ledger);
    /// The shapes of all names that the operation leaves when nothing goes wrong: "models/digits/#/model.json".
    [[nodiscard]] const std::set<std::string> &names(const std::string &operation);
    /// For every process that is started from now on.
    void setEnvironment(std::vector<std::string> environment);
    [[nodiscard]] const std::vector<std::string> &environment() const { return m_environment; }

private:
    struct Prepared
    {
        std::filesystem::path folder;
        Ledger ledger;
        std::set<std::string> names;
    };

    std::filesystem::path m_program;
    std::filesystem::path m_scratch;
    std::vector<std::string> m_environment;
    std::map<std::string, Prepared> m_prepared;
    std::unique_ptr<Process> m_inspector;
};

/// Faults of one run of an operation.
struct Fault
{
    std::vector<std::string> prefix;      // a program that runs it: strace with its options
    std::vector<std::string> environment;
    double killAfter = -1;                // seconds behind its beginning; negative: never
};

/// One folder under test and what is known of it.
class Scene
{
public:
    Scene(Stage &stage, std::string operation);
    /// A folder as it is, with what is known of it; its next round is one that it never saw.
    Scene(Stage &stage, std::string operation, std::filesystem::path folder, Ledger ledger);
    ~Scene();

    /// Runs it once more: the status of waitpid. `allocations` gets how many it made.
    int perform(const Fault &fault, long long count = 2, double pause = 0, long long *allocations = nullptr);
    /// Holds what stands there against the ledger.
    [[nodiscard]] std::vector<std::string> check();
    /// A later start without faults: everything works, and what the dead process left aside is gone.
    [[nodiscard]] std::vector<std::string> checkNextStart();

    [[nodiscard]] const std::filesystem::path &folder() const { return m_folder; }
    [[nodiscard]] Ledger &ledger() { return m_ledger; }

private:
    Stage &m_stage;
    std::string m_operation;
    std::filesystem::path m_folder;
    Ledger m_ledger;
    int m_round = 0;
};

/// Relative names below `folder`, digits and hexadecimal words replaced by '#'.
[[nodiscard]] std::set<std::string> nameShapes(const std::filesystem::path &folder);

} // namespace bottega::crash
