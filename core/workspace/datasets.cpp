// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/datasets.h"

#include "core/base/atomicsave.h"
#include "core/base/file.h"
#include "core/base/format.h"
#include "core/base/safename.h"
#include "core/formats/idx/idx.h"
#include "core/formats/picture/imagefolder.h"
#include "core/workspace/catalogue.h"
#include "core/workspace/datasetsources.h"
#include "core/workspace/unpack.h"

#include <QCryptographicHash>
#include <QFile>

#include <algorithm>
#include <set>
#include <sys/stat.h>

namespace bottega {

namespace fs = std::filesystem;

namespace {

constexpr int datasetFormat = 1;
constexpr std::uint64_t customLimit = std::uint64_t{16} << 30;

tl::unexpected<Error> corrupt(const std::string &what, const fs::path &where)
{
    return fail(ErrorCode::Corrupt, what, where.string(), "nothing was imported");
}

Result<Dataset> fromJson(const Json &json, const fs::path &path)
{
    Dataset dataset;
    dataset.name = stringMember(json, "name");
    dataset.title = stringMember(json, "title", dataset.name);
    dataset.origin = stringMember(json, "origin");
    dataset.state = DatasetState::Ready;
    dataset.trainCount = integerMember(json, "trainCount");
    dataset.testCount = integerMember(json, "testCount");
    dataset.rows = static_cast<int>(integerMember(json, "rows"));
    dataset.columns = static_cast<int>(integerMember(json, "columns"));
    dataset.classes = static_cast<int>(integerMember(json, "classes"));
    dataset.channels = static_cast<int>(integerMember(json, "channels", 1));
    dataset.bytes = static_cast<std::uint64_t>(integerMember(json, "bytes"));
    const auto texts = [&json](const char *key) {
        std::vector<std::string> list;
        for (const Json &item : json.value(key, Json::array()))
            list.push_back(item.is_string() ? item.get<std::string>() : std::string());
        return list;
    };
    dataset.sha256 = texts("sha256");
    dataset.classNames = texts("classNames");
    if (dataset.sha256.size() != std::size(datasetFiles) || dataset.trainCount <= 0 || dataset.testCount <= 0)
        return fail(ErrorCode::Corrupt, "The data set's description is damaged", path.string(), {},
                    "Remove the data set and get it again");
    return dataset;
}

bool isThere(const fs::path &path)
{
    struct stat info = {};
    return ::lstat(path.c_str(), &info) == 0;
}

/// Bytes of the four files together; 0 where one is missing or no regular file.
std::uint64_t bytesThere(const fs::path &folder)
{
    std::uint64_t sum = 0;
    for (const char *file : datasetFiles) {
        struct stat info = {};
        if (::lstat((folder / file).c_str(), &info) != 0 || !S_ISREG(info.st_mode))
            return 0;
        sum += static_cast<std::uint64_t>(info.st_size);
    }
    return sum;
}

/// Images and labels of one part belong together. Returns the shape of the images, [N, H, W] or [N, channels, H, W].
Result<std::vector<std::uint32_t>> checkPair(const FilePlace &images, const FilePlace &labels)
{
    auto imageInfo = readIdxInfo(images);
    if (!imageInfo)
        return fail(imageInfo.error());
    const auto labelInfo = readIdxInfo(labels);
    if (!labelInfo)
        return fail(labelInfo.error());
    std::vector<std::uint32_t> &shape = imageInfo->shape;
    if ((shape.size() != 3 && shape.size() != 4) || std::count(shape.begin() + 1, shape.end(), 0) > 0)
        return corrupt("The file holds no images: it should have three dimensions, or four with channels",
                       images.path().filename());
    if (labelInfo->shape.size() != 1)
        return corrupt("The file holds no labels: it should have one dimension", labels.path().filename());
    if (shape[0] == 0 || shape[0] != labelInfo->shape[0])
        return corrupt("There are " + std::to_string(shape[0]) + " images but " +
                           std::to_string(labelInfo->shape[0]) + " labels",
                       images.path().filename());
    return std::move(shape);
}

Result<int> highestLabel(const FilePlace &place)
{
    const auto labels = readIdx(place);
    if (!labels)
        return fail(labels.error());
    return static_cast<int>(*std::max_element(labels->values.begin(), labels->values.end()));
}

/// What the files in `folder` themselves say.
Result<Dataset> examine(const fs::path &folder)
{
    Dataset dataset;
    const auto train = checkPair({folder, datasetFiles[0]}, {folder, datasetFiles[1]});
    if (!train)
        return fail(train.error());
    const auto test = checkPair({folder, datasetFiles[2]}, {folder, datasetFiles[3]});
    if (!test)
        return fail(test.error());
    if (!std::equal(train->begin() + 1, train->end(), test->begin() + 1, test->end()))
        return corrupt("Training and test images have different sizes", datasetFiles[2]);
    dataset.trainCount = train->front();
    dataset.testCount = test->front();
    dataset.rows = static_cast<int>((*train)[train->size() - 2]);
    dataset.columns = static_cast<int>(train->back());
    dataset.channels = train->size() == 4 ? static_cast<int>((*train)[1]) : 1;
    for (const char *file : {datasetFiles[1], datasetFiles[3]}) {
        const auto highest = highestLabel({folder, file});
        if (!highest)
            return fail(highest.error());
        dataset.classes = std::max(dataset.classes, *highest + 1);
    }
    for (int i = 0; i < dataset.classes; ++i)
        dataset.classNames.push_back(std::to_string(i));
    return dataset;
}

Result<void> checkKnown(const KnownDataset &known, const std::vector<CopiedFile> &files)
{
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (files[i].size == known.sizes[i] && files[i].sha256 == known.facts.sha256[i])
            continue;
        return fail(ErrorCode::Corrupt, "The content is not that of the known data set " + known.facts.name,
                    datasetFiles[i], "nothing was imported",
                    "Get the file again from its source, or import the data under another name");
    }
    return {};
}

Result<void> saveDescription(const Dataset &dataset, const fs::path &folder)
{
    Json json = datasetToJson(dataset);
    json.erase("state");
    json["format"] = datasetFormat;
    return saveAtomically(folder / "dataset.json", dumpJson(json, 2) + "\n");
}

JobData jobDataOf(const Dataset &dataset, const fs::path &folder)
{
    QCryptographicHash hash(QCryptographicHash::Sha256);
    for (const std::string &sum : dataset.sha256)
        hash.addData(QByteArray::fromStdString(sum + "\n"));
    return {dataset.name, folder.string(), hash.result().toHex().toStdString(), dataset.trainCount,
            dataset.testCount};
}

} // namespace

std::string_view datasetStateName(DatasetState state)
{
    switch (state) {
    case DatasetState::Ready: return "ready";
    case DatasetState::Offered: return "offered";
    case DatasetState::Download: return "download";
    }
    return "download";
}

Json datasetToJson(const Dataset &dataset)
{
    return {{"name", dataset.name},
            {"title", dataset.title},
            {"origin", dataset.origin},
            {"state", datasetStateName(dataset.state)},
            {"trainCount", dataset.trainCount},
            {"testCount", dataset.testCount},
            {"rows", dataset.rows},
            {"columns", dataset.columns},
            {"channels", dataset.channels},
            {"classes", dataset.classes},
            {"bytes", dataset.bytes},
            {"sha256", dataset.sha256},
            {"classNames", dataset.classNames}};
}

Datasets::Datasets(Workspace workspace)
    : Datasets(std::move(workspace), std::shared_ptr<const Catalogue>(std::shared_ptr<void>(), &builtInCatalogue()))
{
}

Datasets::Datasets(Workspace workspace, std::shared_ptr<const Catalogue> catalogue)
    : m_workspace(std::move(workspace))
    , m_catalogue(std::move(catalogue))
{
}

fs::path Datasets::folder(const std::string &name) const
{
    return m_workspace.datasetsFolder() / name;
}

Result<Dataset> Datasets::readReady(const std::string &name) const
{
    const fs::path path = folder(name) / "dataset.json";
    const auto json = readJsonObject(FilePlace(folder(name), "dataset.json"));
    if (!json)
        return fail(json.error());
    if (auto known = checkFormat(*json, datasetFormat, "The data set " + name, path); !known)
        return fail(known.error());
    auto dataset = fromJson(*json, path);
    if (!dataset)
        return dataset;
    dataset->name = name; // the folder's name is the one that counts
    if (bytesThere(folder(name)) != dataset->bytes)
        return fail(ErrorCode::Corrupt, "The data set's files are not all there or have changed",
                    folder(name).string(), {}, "Remove the data set and get it again");
    return dataset;
}

Result<std::vector<Dataset>> Datasets::list() const
{
    std::vector<Dataset> datasets;
    for (const KnownDataset &known : *m_catalogue) {
        if (auto dataset = find(known.facts.name))
            datasets.push_back(std::move(*dataset));
    }
    std::set<std::string> own;
    std::error_code failure;
    for (fs::directory_iterator entry(m_workspace.datasetsFolder(), failure), end; !failure && entry != end;
         entry.increment(failure)) {
        const std::string name = entry->path().filename().string();
        if (checkName("a data set", name, 1, 64) && !findKnown(*m_catalogue, name))
            own.insert(name);
    }
    for (const std::string &name : own) {
        if (auto dataset = readReady(name)) // one damaged set never hides another; find() tells what is wrong
            datasets.push_back(std::move(*dataset));
    }
    return datasets;
}

Result<Dataset> Datasets::find(const std::string &name) const
{
    if (auto valid = checkName("a data set", name, 1, 64); !valid)
        return fail(valid.error());
    auto ready = readReady(name);
    if (ready || ready.error().code != ErrorCode::NotFound)
        return ready;
    if (const KnownDataset *known = findKnown(*m_catalogue, name)) {
        Dataset dataset = known->facts;
        dataset.state = isOffered(*known) ? DatasetState::Offered : DatasetState::Download;
        return dataset;
    }
    std::string names;
    for (const Dataset &dataset : list().value_or(std::vector<Dataset>()))
        names += (names.empty() ? "" : ", ") + dataset.name;
    return fail(ErrorCode::NotFound, "There is no data set “" + name + "”", m_workspace.root().string(), {},
                "There are: " + names);
}

Result<Dataset> Datasets::adopt(const std::string &name, StagingFolder &staged,
                                const std::vector<CopiedFile> &files, std::vector<std::string> classNames) const
{
    if (auto writable = m_workspace.checkWritable(); !writable)
        return fail(writable.error());
    const KnownDataset *known = findKnown(*m_catalogue, name);
    if (known) {
        if (auto right = checkKnown(*known, files); !right)
            return fail(right.error());
    }
    auto dataset = examine(staged.path());
    if (!dataset)
        return dataset;
    if (known) {
        dataset = known->facts;
    } else {
        dataset->name = dataset->title = name;
        dataset->origin = "Imported";
        if (static_cast<int>(classNames.size()) >= dataset->classes) {
            dataset->classes = static_cast<int>(classNames.size());
            dataset->classNames = std::move(classNames);
        }
        for (const CopiedFile &file : files) {
            dataset->bytes += file.size;
            dataset->sha256.push_back(file.sha256);
        }
    }
    dataset->state = DatasetState::Ready;
    if (auto saved = saveDescription(*dataset, staged.path()); !saved)
        return fail(saved.error());
    if (auto published = staged.publish(folder(name)); !published)
        return fail(published.error());
    return dataset;
}

Result<Dataset> Datasets::import(const std::string &name, const std::vector<fs::path> &sources) const
{
    if (auto writable = m_workspace.checkWritable(); !writable)
        return fail(writable.error());
    if (auto valid = checkName("a data set", name, 1, 64); !valid)
        return fail(valid.error());
    if (isThere(folder(name)))
        return fail(ErrorCode::Exists, "There is a data set “" + name + "” already", folder(name).string(),
                    "nothing was changed", "Remove it first, or import under another name");
    StagingFolder::sweep(m_workspace.datasetsFolder());
    auto staged = StagingFolder::create(m_workspace.datasetsFolder());
    if (!staged)
        return fail(staged.error());
    const auto found = findSources(sources);
    if (!found && found.error().code == ErrorCode::NotFound && sources.size() == 1 && isImageFolder(sources.front())) {
        const auto pictures = stagePictures(sources.front(), staged->path());
        return pictures ? adopt(name, *staged, pictures->files, pictures->classNames) : fail(pictures.error());
    }
    if (!found)
        return fail(found.error());
    const KnownDataset *known = findKnown(*m_catalogue, name);
    std::vector<CopiedFile> files;
    for (std::size_t i = 0; i < found->size(); ++i) {
        auto file = unpackSource((*found)[i], staged->path() / datasetFiles[i], known ? known->sizes[i] : customLimit);
        if (!file)
            return fail(file.error());
        files.push_back(*file);
    }
    return adopt(name, *staged, files, classNamesBeside(found->front()));
}

Result<Dataset> Datasets::installOffered(const std::string &name) const
{
    if (auto writable = m_workspace.checkWritable(); !writable)
        return fail(writable.error());
    const KnownDataset *known = findKnown(*m_catalogue, name);
    if (!known || !isOffered(*known))
        return fail(ErrorCode::NotFound, "The data set “" + printable(name, 80) + "” is not at hand on this machine", {},
                    {}, "Import it from files, or download it");
    auto ready = readReady(name);
    if (ready || ready.error().code != ErrorCode::NotFound)
        return ready;
    auto staged = StagingFolder::create(m_workspace.datasetsFolder());
    if (!staged)
        return fail(staged.error());
    std::vector<CopiedFile> files;
    for (std::size_t i = 0; i < std::size(datasetFiles); ++i) {
        const std::string path = known->offeredFrom + "/" + datasetFiles[i] + ".gz";
        QFile source(QString::fromStdString(path));
        if (!source.open(QIODevice::ReadOnly))
            return fail(ErrorCode::Io, "The file could not be opened: " + source.errorString().toStdString(), path);
        auto file = unpackIdx(source, path, staged->path() / datasetFiles[i], known->sizes[i]);
        if (!file)
            return fail(file.error());
        files.push_back(*file);
    }
    auto dataset = adopt(name, *staged, files);
    // Somebody else may have been quicker; then theirs is as good.
    return !dataset && dataset.error().code == ErrorCode::Exists ? readReady(name) : dataset;
}

Result<Dataset> Datasets::verify(const std::string &name) const
{
    auto dataset = find(name);
    if (!dataset)
        return dataset;
    if (dataset->state != DatasetState::Ready)
        return fail(ErrorCode::NotFound, "The data set “" + name + "” is not in this workspace yet", {}, {},
                    "Get it first: bottega-cli data get " + name);
    const KnownDataset *known = findKnown(*m_catalogue, name);
    const std::vector<std::string> &expected = known ? known->facts.sha256 : dataset->sha256;
    for (std::size_t i = 0; i < std::size(datasetFiles); ++i) {
        const fs::path path = folder(name) / datasetFiles[i];
        const auto fd = openBeneath(folder(name), datasetFiles[i]);
        if (!fd)
            return fail(fd.error());
        const auto found = hashFile(fd->get(), path);
        if (!found)
            return fail(found.error());
        if (found->sha256 != expected[i])
            return fail(ErrorCode::Corrupt, "The file's content has changed since it was imported", path.string(), {},
                        "Remove the data set and get it again");
    }
    return dataset;
}

Result<void> Datasets::remove(const std::string &name) const
{
    if (auto writable = m_workspace.checkWritable(); !writable)
        return fail(writable.error());
    if (auto valid = checkName("a data set", name, 1, 64); !valid)
        return valid;
    if (!isThere(folder(name)))
        return fail(ErrorCode::NotFound, "The data set “" + name + "” is not in this workspace", folder(name).string());
    StagingFolder::sweep(m_workspace.datasetsFolder());
    return StagingFolder::discard(folder(name));
}

Result<JobData> Datasets::plan(const std::string &name) const
{
    if (name.empty()) {
        const auto full = find("mnist");
        return plan(full && full->state == DatasetState::Ready ? "mnist" : "mnist-small");
    }
    const auto dataset = find(name);
    if (!dataset)
        return fail(dataset.error());
    if (dataset->state == DatasetState::Download)
        return fail(ErrorCode::NotFound, "The data set “" + name + "” is not in this workspace yet", {}, {},
                    "Get it first: bottega-cli data get " + name + ", or bottega-cli data import " + name + " DIR");
    return jobDataOf(*dataset, folder(name));
}

Result<JobData> Datasets::resolve(const std::string &name) const
{
    const auto planned = plan(name);
    if (!planned)
        return planned;
    const auto dataset = find(planned->name);
    if (dataset && dataset->state == DatasetState::Offered) {
        if (auto installed = installOffered(planned->name); !installed)
            return fail(installed.error());
    }
    return planned;
}

} // namespace bottega
