// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/formats/npz/zip.h"
#include "core/workspace/archivemanifest.h"

#include <filesystem>
#include <map>
#include <string>

namespace bottega {

/// An archive of foreign origin and its table of contents, which agree: the same members with the same sizes. Nothing is
/// unpacked but the table. What the disk has free is the only limit to the sum of the sizes.
class ArchiveReader
{
public:
    [[nodiscard]] static Result<ArchiveReader> open(const FilePlace &place);

    [[nodiscard]] const ArchiveManifest &manifest() const { return m_manifest; }
    [[nodiscard]] const zip::Archive &zip() const { return m_zip; }
    [[nodiscard]] bool contains(const std::string &path) const { return m_byName.contains(path); }
    [[nodiscard]] const zip::Entry &entry(const std::string &path) const { return m_zip.entries()[m_byName.at(path)]; }
    [[nodiscard]] std::string placeOf(const std::string &path) const { return m_zip.placeOf(entry(path)); }

private:
    ArchiveReader(std::filesystem::path file, zip::Archive zip);
    [[nodiscard]] Result<void> readManifest();
    [[nodiscard]] Result<void> compare() const;

    std::filesystem::path m_file;
    zip::Archive m_zip;
    ArchiveManifest m_manifest;
    std::map<std::string, std::size_t> m_byName;
};

inline constexpr const char *nothingImported = "nothing was imported";

/// What an import fails with while nothing has its name yet.
[[nodiscard]] tl::unexpected<Error> notImported(Error error);
[[nodiscard]] tl::unexpected<Error> damagedArchive(const std::string &what, const std::string &where);

} // namespace bottega
