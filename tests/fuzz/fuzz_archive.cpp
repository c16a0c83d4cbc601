// SPDX-License-Identifier: Apache-2.0
#include "core/base/safename.h"
#include "core/workspace/archivereader.h"
#include "tests/fuzz/fuzz.h"

#include <set>

namespace bottega::fuzz {

namespace {

void readWhole(std::string_view bytes)
{
    const MemoryFile file(bytes);
    const auto archive = ArchiveReader::open(file.path());
    if (!archive)
        return;
    std::set<std::string> names;
    for (const ArchivedFile &member : archive->manifest().files) {
        require(checkRelativePath(member.path).has_value() && !archiveUnitOf(member.path).empty());
        require(names.insert(foldedPath(member.path)).second);
        require(archive->contains(member.path) && archive->entry(member.path).size == member.size);
    }
}

} // namespace

/// The input as an archive, and as the table of contents of one that holds a file of each kind.
void takeInput(std::string_view bytes)
{
    readWhole(bytes);
    const auto packed = zip::pack({{archiveManifestName, std::string(bytes)},
                                   {"runs/mnist_1_0a1b2c3d/run.json", "{}"},
                                   {"models/digits/1/model.json", "{}"},
                                   {"datasets/mnist/dataset.json", "{}"}});
    readWhole(packed.value_or(""));
    const auto alone = zip::pack({{archiveManifestName, std::string(bytes)}});
    readWhole(alone.value_or(""));
}

} // namespace bottega::fuzz
