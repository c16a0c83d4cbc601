// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace bottega {

/// Files by content: objects/<sha256>, read-only, each there once and wholly or not at all. A folder is stored as its
/// files and a manifest that names them, itself an object. Safe to use from several processes, also while one collects
/// garbage.
class ObjectStore
{
public:
    explicit ObjectStore(std::filesystem::path folder) : m_folder(std::move(folder)) {}

    struct Stored
    {
        std::string hash;
        std::uint64_t files = 0;
        std::uint64_t bytes = 0;          // of all files, shared ones too
        std::vector<std::string> skipped; // what is no file, and links that lead out of the folder
    };
    [[nodiscard]] Result<Stored> putFile(const std::filesystem::path &file) const;
    /// All regular files with the owner's permissions, empty folders, and links that stay inside. Nothing outside `folder`
    /// is read. The same content gives the same hash.
    [[nodiscard]] Result<Stored> putFolder(const std::filesystem::path &folder) const;

    /// Makes `target` (Exists where something stands there) from a manifest, each file held against its hash while it is
    /// copied, or cloned where the file system can; it has its name only when it is whole. A hostile manifest reaches
    /// nothing outside.
    [[nodiscard]] Result<void> materialize(const std::string &hash, const std::filesystem::path &target) const;

    [[nodiscard]] Result<std::vector<std::string>> list() const; // all hashes, sorted
    /// Reads it all; Corrupt where the content is not what its name says.
    [[nodiscard]] Result<std::uint64_t> verify(const std::string &hash) const;
    /// The hashes that a manifest names; Corrupt where it is none.
    [[nodiscard]] Result<std::vector<std::string>> contents(const std::string &hash) const;

    struct Collected
    {
        std::size_t objects = 0;
        std::uint64_t bytes = 0;
        std::size_t kept = 0;
    };
    static constexpr double graceSeconds = 3600;
    /// Removes objects that nobody refers to and that nobody stored in the last `grace` seconds: who submits a run stores
    /// first and refers afterwards. `references` are hashes of files and manifests with the name of who needs them; where
    /// a manifest among them cannot be read, nothing is removed. `dryRun` only counts.
    [[nodiscard]] Result<Collected> collect(const std::map<std::string, std::string> &references,
                                            double grace = graceSeconds, bool dryRun = false) const;

private:
    [[nodiscard]] std::filesystem::path pathOf(const std::string &hash) const { return m_folder / hash; }
    [[nodiscard]] Result<void> place(const std::filesystem::path &staged, const std::string &hash,
                                     std::uint64_t size) const;
    [[nodiscard]] Result<Json> readManifest(const std::string &hash) const;

    std::filesystem::path m_folder;
};

[[nodiscard]] bool isObjectHash(const std::string &text); // 64 lower-case hex digits

} // namespace bottega
