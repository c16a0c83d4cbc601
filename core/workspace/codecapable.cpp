// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/codecapable.h"

#include "core/base/file.h"
#include "core/base/safename.h"
#include "core/formats/npz/zip.h"

#include <algorithm>
#include <array>

namespace bottega {

namespace {

constexpr std::size_t npyHeaderBytes = 1024; // where numpy.save writes the type of the values

std::string lowered(std::string_view text)
{
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return lower;
}

/// The type of an object array: '|O', or O as a part of a structure.
bool namesObjects(std::string_view npyStart)
{
    const std::string_view header = npyStart.substr(0, npyStart.find('\n'));
    return npyStart.starts_with("\x93NUMPY") &&
           (header.find("'|O") != std::string_view::npos || header.find("'O") != std::string_view::npos);
}

bool holdsObjects(const FilePlace &place)
{
    const auto zip = zip::Archive::open(place);
    if (!zip)
        return false;
    return std::any_of(zip->entries().begin(), zip->entries().end(), [&](const zip::Entry &entry) {
        std::string start;
        (void)zip->extractTo(entry, [&start](std::string_view block) -> Result<void> {
            start.append(block.substr(0, npyHeaderBytes - start.size()));
            return start.size() < npyHeaderBytes ? Result<void>() : fail(ErrorCode::Canceled, "enough");
        });
        return namesObjects(start);
    });
}

} // namespace

bool canRunCode(std::string_view path)
{
    static constexpr std::string_view endings[] = {".pt",   ".pth",  ".pkl", ".pickle", ".joblib", ".ckpt",        ".bin", ".keras",
                                                   ".h5",   ".hdf5", ".ts",  ".pyc",    ".so",     ".torchscript", ".dill", ".mar"};
    static constexpr std::string_view names[] = {"mlmodel", "saved_model.pb"};
    const std::string name = lowered(path.substr(path.rfind('/') + 1)); // npos + 1 is 0
    return std::any_of(std::begin(endings), std::end(endings), [&](std::string_view ending) { return name.ends_with(ending); }) ||
           std::find(std::begin(names), std::end(names), name) != std::end(names);
}

bool canRunCode(const std::filesystem::path &root, const std::string &path)
{
    const std::string name = lowered(path);
    if (canRunCode(path) || !(name.ends_with(".npz") || name.ends_with(".npy")))
        return canRunCode(path);
    if (name.ends_with(".npz"))
        return holdsObjects({root, path});
    const auto fd = openBeneath(root, path);
    if (!fd)
        return false;
    std::array<std::byte, npyHeaderBytes> start;
    const auto count = readAt(fd->get(), start, 0, root / path);
    return count && namesObjects({reinterpret_cast<const char *>(start.data()), *count});
}

} // namespace bottega
