// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/datasetsources.h"

#include "core/base/file.h"
#include "core/base/safename.h"
#include "core/formats/picture/imagefolder.h"
#include "core/workspace/datasets.h"
#include "core/workspace/unpack.h"

#include <QFile>

#include <algorithm>
#include <cctype>
#include <fcntl.h>
#include <optional>
#include <sstream>
#include <unistd.h>

namespace bottega {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t maximumFolderEntries = 10'000; // a data folder, not somebody's home

std::string lowerName(const fs::path &path)
{
    std::string name = path.filename().string();
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return name;
}

bool isPacked(const fs::path &path)
{
    return lowerName(path).ends_with(".gz");
}

/// Index into datasetFiles.
std::optional<std::size_t> roleOf(const fs::path &path)
{
    const std::string name = lowerName(path);
    const auto has = [&name](const char *word) { return name.find(word) != std::string::npos; };
    const bool isTrain = has("train");
    const bool isTest = has("t10k") || has("test");
    const bool isImages = has("image") || has("idx3");
    const bool isLabels = has("label") || has("idx1");
    if (isTrain == isTest || isImages == isLabels)
        return {};
    return (isTest ? 2u : 0u) + (isLabels ? 1u : 0u);
}

Result<std::vector<fs::path>> filesIn(const fs::path &folder)
{
    std::vector<fs::path> files;
    std::error_code failure;
    for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end; entry.increment(failure)) {
        std::error_code ignored;
        if (entry->is_regular_file(ignored) && roleOf(entry->path()))
            files.push_back(entry->path());
        if (files.size() > maximumFolderEntries)
            break;
    }
    if (failure)
        return fail(systemError(failure.value(), "The folder could not be listed", folder.string()));
    std::sort(files.begin(), files.end());
    return files;
}

Result<std::vector<fs::path>> candidates(const std::vector<fs::path> &sources)
{
    std::vector<fs::path> files;
    for (const fs::path &source : sources) {
        std::error_code failure;
        const fs::file_status status = fs::status(source, failure);
        if (!fs::exists(status))
            return fail(ErrorCode::NotFound, "There is no such file or folder", printable(source.string()));
        if (!fs::is_directory(status)) {
            files.push_back(source);
            continue;
        }
        const auto found = filesIn(source);
        if (!found)
            return found;
        files.insert(files.end(), found->begin(), found->end());
    }
    return files;
}

Result<void> place(fs::path &slot, const fs::path &file)
{
    if (slot.empty() || (isPacked(slot) && !isPacked(file))) {
        slot = file;
        return {};
    }
    if (isPacked(file) && !isPacked(slot))
        return {};
    return fail(ErrorCode::Usage, "Two files could be the same part of the data set",
                printable(slot.string()) + " and " + printable(file.string()), "nothing was imported",
                "Name the four files one by one");
}

Result<CopiedFile> writeIdxFile(const IdxArray &array, const fs::path &target)
{
    const auto fd = createFile(target);
    if (!fd)
        return fail(fd.error());
    const std::string header = encodeIdx({array.shape, {}});
    const auto values = std::string_view(reinterpret_cast<const char *>(array.values.data()), array.values.size());
    for (const std::string_view bytes : {std::string_view(header), values}) {
        if (auto written = writeAll(fd->get(), bytes, target); !written)
            return fail(written.error());
    }
    if (::fsync(fd->get()) != 0)
        return fail(systemError(errno, "The file could not be written to the disk", target.string()));
    return hashFile(fd->get(), target);
}

} // namespace

Result<std::array<fs::path, 4>> findSources(const std::vector<fs::path> &sources)
{
    const auto files = candidates(sources);
    if (!files)
        return fail(files.error());
    std::array<fs::path, 4> found;
    for (const fs::path &file : *files) {
        const auto role = roleOf(file);
        if (!role)
            return fail(ErrorCode::Usage, "The file's name doesn't tell what it holds", printable(file.string()),
                        "nothing was imported",
                        std::string("Name it like ") + datasetFiles[0] + " (train or t10k, images or labels)");
        if (auto placed = place(found[*role], file); !placed)
            return fail(placed.error());
    }
    std::string missing;
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (found[i].empty())
            missing += (missing.empty() ? "" : ", ") + std::string(datasetFiles[i]);
    }
    if (missing.empty())
        return found;
    return fail(ErrorCode::NotFound, "Not all four files of the data set are there: " + missing,
                sources.empty() ? std::string() : printable(sources.front().string()), "nothing was imported",
                "Give a folder with the four IDX files, plain or .gz, or with pictures in train/CLASS/ and test/CLASS/");
}

Result<CopiedFile> unpackSource(const fs::path &source, const fs::path &target, std::uint64_t limit)
{
    const auto fd = openRegularFile(source);
    if (!fd)
        return fail(fd.error());
    QFile file;
    if (!file.open(fd->get(), QIODevice::ReadOnly))
        return fail(ErrorCode::Io, "The file could not be read: " + file.errorString().toStdString(), source.string());
    return unpackIdx(file, source.string(), target, limit);
}

Result<StagedPictures> stagePictures(const fs::path &folder, const fs::path &target)
{
    const auto read = readImageFolder(folder);
    if (!read)
        return fail(read.error());
    const IdxArray *arrays[] = {&read->trainImages, &read->trainLabels, &read->testImages, &read->testLabels};
    std::uint64_t bytes = 0;
    for (const IdxArray *array : arrays)
        bytes += array->values.size();
    if (auto fits = checkFreeSpace(target, bytes); !fits)
        return fail(fits.error());
    StagedPictures staged = {{}, read->classNames};
    for (std::size_t i = 0; i < std::size(arrays); ++i) {
        auto file = writeIdxFile(*arrays[i], target / datasetFiles[i]);
        if (!file)
            return fail(file.error());
        staged.files.push_back(std::move(*file));
    }
    return staged;
}

std::vector<std::string> classNamesBeside(const fs::path &source)
{
    std::vector<std::string> names;
    std::istringstream lines(readFile(source.parent_path() / "classes.txt").value_or(std::string()));
    for (std::string line; std::getline(lines, line) && names.size() < 256;) {
        if (line.ends_with('\r'))
            line.pop_back();
        if (!line.empty())
            names.push_back(printable(line, 80));
    }
    return names;
}

} // namespace bottega
