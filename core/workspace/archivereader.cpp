// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/archivereader.h"

#include "core/base/safename.h"

#include <utility>

namespace bottega {

namespace {

constexpr std::uint64_t manifestLimit = std::uint64_t{64} << 20;

} // namespace

tl::unexpected<Error> notImported(Error error)
{
    error.kept = nothingImported;
    if (error.remedy.empty() && error.code != ErrorCode::Canceled)
        error.remedy = "Set that right and import again, or import elsewhere with --to DIR";
    return fail(std::move(error));
}

tl::unexpected<Error> damagedArchive(const std::string &what, const std::string &where)
{
    return fail(ErrorCode::Corrupt, what, where, nothingImported, "Get the archive again from where it came from");
}

Result<ArchiveReader> ArchiveReader::open(const FilePlace &place)
{
    zip::Limits limits;
    limits.producedBytes = std::uint64_t{1} << 62; // what the disk has free is the limit
    auto zip = zip::Archive::open(place, limits);
    if (!zip)
        return notImported(zip.error());
    ArchiveReader archive(place.path(), std::move(*zip));
    if (auto read = archive.readManifest(); !read)
        return fail(read.error());
    return archive;
}

ArchiveReader::ArchiveReader(std::filesystem::path file, zip::Archive zip) : m_file(std::move(file)), m_zip(std::move(zip))
{
    for (std::size_t i = 0; i < m_zip.entries().size(); ++i)
        m_byName.emplace(m_zip.entries()[i].name, i);
}

Result<void> ArchiveReader::readManifest()
{
    if (!contains(archiveManifestName))
        return damagedArchive("This zip is not an archive of Bottega: it has no bottega.json", m_file.string());
    const zip::Entry &entry = this->entry(archiveManifestName);
    if (entry.size > manifestLimit)
        return damagedArchive("The archive's table of contents has " + std::to_string(entry.size) + " bytes", m_zip.placeOf(entry));
    const auto text = m_zip.extract(entry);
    if (!text)
        return notImported(text.error());
    const auto json = parseJson(*text, m_zip.placeOf(entry));
    if (!json)
        return notImported(json.error());
    auto manifest = manifestFromJson(*json, m_zip.placeOf(entry));
    if (!manifest)
        return fail(manifest.error());
    m_manifest = std::move(*manifest);
    return compare();
}

Result<void> ArchiveReader::compare() const
{
    for (const ArchivedFile &file : m_manifest.files) {
        if (!contains(file.path))
            return damagedArchive("The archive lacks “" + printable(file.path, 100) + "”, which its table of contents names", m_file.string());
        if (entry(file.path).size != file.size)
            return damagedArchive("The archive's table of contents gives another size", placeOf(file.path));
    }
    if (m_manifest.files.size() + 1 != m_byName.size())
        return damagedArchive("The archive holds " + std::to_string(m_byName.size() - m_manifest.files.size() - 1) +
                           " files that its table of contents does not name", m_file.string());
    return {};
}

} // namespace bottega
