// SPDX-License-Identifier: Apache-2.0
#include "core/base/safename.h"
#include "core/formats/npz/zip.h"
#include "tests/fuzz/fuzz.h"

namespace bottega::fuzz {

/// Every member of an archive; what could be unpacked can be packed and unpacked again.
void takeInput(std::string_view bytes)
{
    const MemoryFile file(bytes);
    const auto archive = zip::Archive::open(file.path());
    if (!archive)
        return;
    std::map<std::string, std::string> members;
    for (const zip::Entry &entry : archive->entries()) {
        require(checkRelativePath(entry.name).has_value());
        auto content = archive->extract(entry);
        require(!content || content->size() == entry.size);
        if (content)
            require(members.emplace(entry.name, std::move(*content)).second);
    }
    const auto packed = zip::pack(members);
    require(packed.has_value());
    const MemoryFile copy(*packed);
    const auto again = zip::Archive::open(copy.path());
    require(again && again->entries().size() == members.size());
    for (const zip::Entry &entry : again->entries())
        require(again->extract(entry).value_or("") == members.at(entry.name));
}

} // namespace bottega::fuzz
