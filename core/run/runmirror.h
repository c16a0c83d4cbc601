// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/base/uniquefd.h"
#include "core/run/streamevent.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace bottega {

/// A copy of what a run folder elsewhere says of its run: state, metrics, telemetry, logs; all that reads run folders reads
/// it. Grows by the events of a stream and knows after any cut what it has, from the files themselves: nothing is written
/// twice and nothing left out. Bytes that have gone at their origin stay here, until a new file of that name comes. What is
/// its own (identities, lists of artifacts and checkpoints) is in the hidden folder ".mirror". One writer; not thread safe.
class RunMirror
{
public:
    /// Makes the folder where it is missing.
    [[nodiscard]] static Result<RunMirror> open(const std::filesystem::path &folder);

    /// What `addRunCommand` tells the other side.
    [[nodiscard]] Json known() const;

    /// Bytes that do not follow what is here are an error of code Corrupt and not written; on a full disk what fits is
    /// kept. After an error open the mirror again, and the stream with what it then knows.
    [[nodiscard]] Result<void> apply(const StreamEvent &event);

private:
    struct File
    {
        std::uint64_t identity = 0;
        std::uint64_t size = 0;
    };

    RunMirror() = default;
    [[nodiscard]] Result<void> readIdentities();
    [[nodiscard]] Result<void> saveIdentities() const;
    [[nodiscard]] Result<void> append(const StreamEvent &event);
    [[nodiscard]] Result<void> startAnew(const StreamEvent &event);
    [[nodiscard]] Result<void> saveContent(const StreamEvent &event);
    [[nodiscard]] Result<UniqueFd> folderOf(const std::string &file) const;

    std::filesystem::path m_path;
    UniqueFd m_folder;
    std::map<std::string, File> m_files;
};

} // namespace bottega
