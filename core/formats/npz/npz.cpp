// SPDX-License-Identifier: Apache-2.0
#include "core/formats/npz/npz.h"

#include "core/base/atomicsave.h"
#include "core/base/safename.h"
#include "core/formats/npz/npy.h"
#include "core/formats/npz/zip.h"

namespace bottega {

namespace {

constexpr std::string_view suffix = ".npy";

} // namespace

Result<void> writeNpz(const std::filesystem::path &path, const NpzArrays &arrays)
{
    std::map<std::string, std::string> members;
    for (const auto &[key, array] : arrays) {
        if (auto valid = checkRelativePath(key); !valid)
            return valid;
        if (array.bytes.size() != array.count() * npyItemSize(array.type))
            return fail(ErrorCode::Usage, "The values of “" + printable(key) + "” do not fit its shape",
                        path.string(), "nothing was written");
        members.emplace(key + std::string(suffix), encodeNpy(array));
    }
    auto archive = zip::pack(members);
    if (!archive) {
        archive.error().where = path.string();
        return fail(archive.error());
    }
    return saveAtomically(path, *archive);
}

Result<NpzArrays> readNpz(const FilePlace &place)
{
    const auto archive = zip::Archive::open(place);
    if (!archive)
        return fail(archive.error());
    NpzArrays arrays;
    for (const zip::Entry &entry : archive->entries()) {
        if (!entry.name.ends_with(suffix) || entry.name.size() == suffix.size())
            continue; // notes that somebody added, for example; numpy gives them out as bytes, not as arrays
        auto bytes = archive->extract(entry);
        if (!bytes)
            return fail(bytes.error());
        auto array = decodeNpy(std::move(*bytes), archive->placeOf(entry));
        if (!array)
            return fail(array.error());
        arrays.emplace(entry.name.substr(0, entry.name.size() - suffix.size()), std::move(*array));
    }
    return arrays;
}

} // namespace bottega
