// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/formats/npz/zipfile.h"
#include "core/workspace/filecopy.h"

#include <filesystem>
#include <memory>
#include <string>

namespace bottega {

/// One file of a workspace as it leaves it: byte for byte, but that secrets are taken out of documents (run.json,
/// end.json, model.json), journals and logs (system-logs/, work/logs/ where they are text). What a run computed, its
/// outputs, metrics and checkpoints, is never changed. The journal of a run without an end gets one line more, by which
/// the copy ends: a process that it names must never be taken for the copy's.
class ArchiveSource
{
public:
    /// `path` is a slash path in the workspace. Opened beneath its root; read up to the size that it has now.
    [[nodiscard]] static Result<ArchiveSource> open(const std::filesystem::path &workspaceRoot, const std::string &path);
    ArchiveSource(ArchiveSource &&) noexcept;
    ArchiveSource &operator=(ArchiveSource &&) noexcept;
    ~ArchiveSource();

    [[nodiscard]] std::uint64_t expectedSize() const; // exact for what is not redacted
    /// The bytes in order; offset 0 starts anew.
    [[nodiscard]] Result<std::size_t> read(std::span<std::byte> buffer, std::uint64_t offset);
    [[nodiscard]] CopiedFile given() const; // size and SHA-256 of what was read so far
    [[nodiscard]] bool isRedacted() const;  // something was taken out of what was read so far

private:
    struct Reader;
    explicit ArchiveSource(std::unique_ptr<Reader> reader);

    std::unique_ptr<Reader> m_reader;
};

} // namespace bottega
