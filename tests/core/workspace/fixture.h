// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/run/journal.h"
#include "core/workspace/catalogue.h"
#include "core/workspace/workspace.h"

#include <QTemporaryDir>

#include <memory>
#include <string>
#include <vector>

namespace bottega::test {

/// A fresh workspace in a temporary folder, and runs as an agent and a trainer would have left them.
class WorkspaceFixture
{
public:
    WorkspaceFixture();

    [[nodiscard]] std::filesystem::path folder(const std::string &name = {}) const;

    /// A run with its job and no journal yet.
    RunFolder newRun(const std::string &experiment = "digits");
    /// A completed run: journal, `epochs` values of Accuracy and outputs/model.npz with `content`.
    RunFolder completedRun(int epochs = 3, const std::string &content = "weights");

    static void journal(const RunFolder &run, RunState state, double time, const std::string &evidence = {});
    static void journalAlive(const RunFolder &run); // Running, with this very process as agent and work
    static void addMetric(const RunFolder &run, const char *name, const std::vector<double> &values,
                          const char *writer = "trainer");
    /// Overwrites a part of the middle, so that who reads it there cannot but notice.
    static void damageMiddle(const std::filesystem::path &path);
    static void write(const std::filesystem::path &path, const std::string &bytes);
    static std::string read(const std::filesystem::path &path);

private:
    QTemporaryDir m_folder;

public:
    Workspace workspace;
};

/// The four plain files of a tiny data set of 4×3 images: 6 for training, 3 for testing.
[[nodiscard]] std::vector<std::string> tinyFiles();
[[nodiscard]] std::string gzipped(const std::string &bytes);
[[nodiscard]] std::string idxImages(std::uint32_t count, std::uint32_t rows, std::uint32_t columns);
[[nodiscard]] std::string idxLabels(const std::vector<int> &labels);

/// Writes files under their usual names; with `packed` as .gz.
void writeDataset(const std::filesystem::path &folder, const std::vector<std::string> &files, bool packed);

/// A catalogue with one set, "tiny", whose bytes are tinyFiles().
[[nodiscard]] std::shared_ptr<Catalogue> tinyCatalogue();

} // namespace bottega::test
